package dev.tether.examples;

import dev.tether.core.PeerAddress;
import dev.tether.core.error.ConnectionClosedException;
import dev.tether.reactor.PeerConnection;
import io.netty.buffer.ByteBuf;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SynchronousSink;
import reactor.core.scheduler.Schedulers;

/** {@code tether chat}: lines to a peer and back. */
@Command(
        name = "chat",
        description = {
            "Sends each line of standard input to a peer as a message, and prints what comes back and what happens to"
                    + " the connection.",
            "",
            "Ends with the input, when every message is acknowledged and the peer has been silent for a moment; or when"
                    + " the peer closes."
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

    @Mixin
    private final NodeOptions options = new NodeOptions();

    @Override
    public Integer call() throws Exception {
        Console console = new Console(spec.commandLine());
        try (RunningNode running = new RunningNode(options.transport(), console)) {
            PeerConnection connection = running.connectReporting(peer, "*");
            Flux<Phase> heard =
                    incoming(connection, console).map(message -> Phase.TALKING).concatWithValues(Phase.CLOSED);
            Mono<Phase> said = connection
                    .sendString(lines())
                    .thenReturn(Phase.LINGERING)
                    .onErrorResume(ChatCommand::isOrderlyClose, e -> Mono.never());
            Flux.merge(heard, said)
                    .scan(Phase::then)
                    .switchMap(this::end)
                    .next()
                    .block();
        }
        return ExitCode.OK;
    }

    /** Signals when a phase, that each message of the peer begins anew, ends the command. */
    private Mono<Long> end(Phase phase) {
        return switch (phase) {
            case TALKING -> Mono.never();
            case LINGERING -> Mono.delay(linger);
            case CLOSED -> Mono.just(0L);
        };
    }

    private static Flux<ByteBuf> incoming(PeerConnection connection, Console console) {
        return connection
                .receive()
                .retain()
                .publishOn(Schedulers.boundedElastic(), PREFETCH)
                .doOnDiscard(ByteBuf.class, ByteBuf::release)
                .doOnNext(message -> {
                    console.event("< " + Printable.message(message));
                    message.release();
                });
    }

    private static Flux<String> lines() {
        return Flux.<String, BufferedReader>generate(
                        () -> new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())),
                        ChatCommand::nextLine)
                .subscribeOn(Schedulers.boundedElastic());
    }

    private static BufferedReader nextLine(BufferedReader input, SynchronousSink<String> sink) {
        try {
            String line = input.readLine();
            if (line == null) {
                sink.complete();
            } else {
                sink.next(line);
            }
        } catch (IOException e) {
            sink.error(e);
        }
        return input;
    }

    /** What was not acknowledged when the peer closed in order is lost, and that is the peer's will. */
    private static boolean isOrderlyClose(Throwable error) {
        return error instanceof ConnectionClosedException e && e.reason().isOrderly();
    }

    /** How far the conversation is. */
    private enum Phase {
        /** There is input. */
        TALKING,
        /** All input is acknowledged; only the peer may have something to say. */
        LINGERING,
        /** The peer has closed. */
        CLOSED;

        private Phase then(Phase next) {
            return next == CLOSED || this == TALKING ? next : this;
        }
    }
}
