package dev.tether.examples;

import dev.tether.core.PeerAddress;
import dev.tether.core.error.ConnectionClosedException;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.PeerLink;
import dev.tether.reactor.ReactiveTransport;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;

/** {@code tether chat}: lines to a peer and back. */
@Command(
        name = "chat",
        description = {
            "Sends each line of standard input to a peer as a message, and prints what comes back and what happens to"
                    + " the connection.",
            "",
            "Ends with the input, when every message is acknowledged and the peer has been silent for a moment; or when"
                    + " the peer closes.",
            "",
            "With --link it goes on when the connection ends: it connects again, a line that is typed meanwhile waits, and"
                    + " a line of which nobody knows whether it has arrived is named."
        })
final class ChatCommand implements Callable<Integer> {

    private static final int PREFETCH = 32;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(paramLabel = "ADDRESS", description = "the peer: tether://KEY@HOST:PORT")
    @SuppressWarnings("NullAway.Init")
    private PeerAddress peer;

    @Option(
            names = "--linger",
            paramLabel = "TIME",
            defaultValue = "1s",
            description = "how long the peer must be silent after the end of the input (default: ${DEFAULT-VALUE})")
    private Duration linger = Duration.ZERO;

    @Option(names = "--link", description = "keep a connection: connect again, for ever, whenever there is none")
    private boolean link;

    @Option(
            names = "--link-timeout",
            paramLabel = "TIME",
            description = "with --link, how long a line waits for a connection (default: 30s)")
    private @Nullable Duration linkTimeout;

    @Mixin
    private final NodeOptions options = new NodeOptions();

    @Override
    public Integer call() throws Exception {
        Console console = new Console(spec.commandLine());
        try (RunningNode running = new RunningNode(transport(), console)) {
            if (link) {
                chatOverLink(running, console);
            } else {
                chatOverConnection(running, console);
            }
        }
        return ExitCode.OK;
    }

    private void chatOverConnection(RunningNode running, Console console) {
        PeerConnection connection = running.connectReporting(peer, "*");
        Mono<Void> said = connection.sendString(StandardInput.lines());
        // What was not acknowledged when the peer closed in order is lost, and that is the peer's will.
        converse(connection.receive(), said.onErrorResume(ChatCommand::isOrderlyClose, e -> Mono.never()), console);
    }

    private void chatOverLink(RunningNode running, Console console) {
        PeerLink kept = running.linkReporting(peer, "*");
        LinkedLines lines = new LinkedLines(kept, console);
        converse(kept.receive(), lines.send(StandardInput.lines()), console);
        lines.requireConfirmed();
    }

    /** Prints what is heard, until all is said and the peer is silent, or the peer has closed. Blocks. */
    private void converse(ByteBufFlux received, Mono<Void> said, Console console) {
        Flux<Phase> heard =
                printed(received, console).map(message -> Phase.TALKING).concatWithValues(Phase.CLOSED);
        Flux.merge(heard, said.thenReturn(Phase.LINGERING))
                .scan(Phase::then)
                .switchMap(this::end)
                .next()
                .block();
    }

    private ReactiveTransport transport() throws IOException {
        Duration timeout = linkTimeout;
        if (timeout == null) {
            return options.transport();
        }
        if (!link) {
            throw new ParameterException(spec.commandLine(), "--link-timeout is of use with --link only");
        }
        try {
            return options.transport().settings(settings -> settings.linkTimeout(timeout));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    /** Signals when a phase, that each message of the peer begins anew, ends the command. */
    private Mono<Long> end(Phase phase) {
        return switch (phase) {
            case TALKING -> Mono.never();
            case LINGERING -> Mono.delay(linger);
            case CLOSED -> Mono.just(0L);
        };
    }

    private static Flux<ByteBuf> printed(ByteBufFlux received, Console console) {
        return received.retain()
                .publishOn(Console.PRINTING, PREFETCH)
                .doOnDiscard(ByteBuf.class, ByteBuf::release)
                .doOnNext(message -> {
                    console.event("< " + Printable.message(message));
                    message.release();
                });
    }

    private static boolean isOrderlyClose(Throwable error) {
        return error instanceof ConnectionClosedException e && e.reason().isOrderly();
    }

    /** How far the conversation is. */
    private enum Phase {
        /** There is input. */
        TALKING,
        /** All input is acknowledged, or has failed; only the peer may have something to say. */
        LINGERING,
        /** Nothing more can come. */
        CLOSED;

        private Phase then(Phase next) {
            return next == CLOSED || this == TALKING ? next : this;
        }
    }
}
