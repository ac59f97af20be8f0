package dev.tether.core.noise;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A handshake pattern, read from the notation of Noise §7: the messages that each side knows beforehand stand above the
 * dots, the handshake messages, which alternate and begin with the initiator's, below them.
 */
final class HandshakePattern {

    /** Noise §7.5: the initiator knows the responder's static key and sends its own in the first message. */
    static final HandshakePattern IK = parse("""
            IK:
              <- s
              ...
              -> e, es, s, ss
              <- e, ee, se
            """);

    /** What a message is made of (Noise §7.1). The two letters of an agreement name the initiator's key first. */
    enum Token {
        E,
        S,
        EE,
        ES,
        SE,
        SS
    }

    private final String name;
    private final List<Token> responderPreMessage;
    private final List<List<Token>> messages;

    private HandshakePattern(String name, List<Token> responderPreMessage, List<List<Token>> messages) {
        this.name = name;
        this.responderPreMessage = List.copyOf(responderPreMessage);
        this.messages = List.copyOf(messages);
    }

    String name() {
        return name;
    }

    /** What the initiator knows of the responder before the first message. */
    List<Token> responderPreMessage() {
        return responderPreMessage;
    }

    List<List<Token>> messages() {
        return messages;
    }

    private static HandshakePattern parse(String text) {
        List<String> lines = text.lines().map(String::strip).toList();
        int dots = lines.indexOf("...");
        List<Token> responderPreMessage = new ArrayList<>();
        for (String line : lines.subList(1, dots)) {
            responderPreMessage.addAll(tokens(line, "<- "));
        }
        List<List<Token>> messages = new ArrayList<>();
        for (String line : lines.subList(dots + 1, lines.size())) {
            messages.add(tokens(line, messages.size() % 2 == 0 ? "-> " : "<- "));
        }
        return new HandshakePattern(lines.get(0).replace(":", ""), responderPreMessage, messages);
    }

    private static List<Token> tokens(String line, String arrow) {
        if (!line.startsWith(arrow)) {
            throw new IllegalArgumentException("'" + line + "' does not begin with " + arrow);
        }
        List<Token> tokens = new ArrayList<>();
        for (String token : line.substring(arrow.length()).split(", ", -1)) {
            tokens.add(Token.valueOf(token.toUpperCase(Locale.ROOT)));
        }
        return List.copyOf(tokens);
    }
}
