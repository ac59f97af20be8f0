package dev.tether.examples;

import io.netty.buffer.ByteBuf;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Text of a peer, fit for a terminal: one line, without anything that the terminal would obey. */
final class Printable {

    private static final int MAX_TEXT = 400;
    private static final int MAX_BYTES = 32;

    private Printable() {}

    /** {@code text} with control and direction characters escaped, and cut to a line. */
    static String of(String text) {
        StringBuilder line = new StringBuilder();
        int length = Math.min(text.length(), MAX_TEXT);
        text.substring(0, length).codePoints().forEach(codePoint -> {
            if (isPlain(codePoint)) {
                line.appendCodePoint(codePoint);
            } else {
                line.append(String.format("\\u%04x", codePoint));
            }
        });
        if (length < text.length()) {
            line.append("… (").append(text.length()).append(" characters)");
        }
        return line.toString();
    }

    /** A message: its text if it is UTF-8, otherwise its first bytes. Does not consume the buffer. */
    static String message(ByteBuf message) {
        try {
            return of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(message.nioBuffer())
                    .toString());
        } catch (CharacterCodingException e) {
            byte[] start = new byte[Math.min(message.readableBytes(), MAX_BYTES)];
            message.getBytes(message.readerIndex(), start);
            String more = start.length < message.readableBytes() ? "…" : "";
            return message.readableBytes() + " bytes: "
                    + HexFormat.ofDelimiter(" ").formatHex(start) + more;
        }
    }

    private static boolean isPlain(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
