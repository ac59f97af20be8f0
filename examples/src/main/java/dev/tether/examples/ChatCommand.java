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
import java.util.concurrent.atomic.AtomicBoolean;
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
            "With --listen it waits for the peer, and the first line is the address to give to it.",
            "",
            "With --link it goes on when the connection ends: it connects again, a line that is typed meanwhile waits, and"
                    + " a line of which nobody knows whether it has arrived is named."
        })
final class ChatCommand implements Callable<Integer> {

    private static final int PREFETCH = 32;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(
            paramLabel = "ADDRESS",
            arity = "0..1",
            description = "the peer: tether://KEY@HOST:PORT, or tether://KEY with --via")
    private @Nullable PeerAddress peer;

    @Option(names = "--listen", description = "wait for a peer, and talk to that one; prints the address for it")
    private boolean listen;

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
    private final ViaOptions via = new ViaOptions();

    @Mixin
    private final BindOptions bind = new BindOptions();

    @Mixin
    private final NodeOptions options = new NodeOptions();

    @Override
    public Integer call() throws Exception {
        if (listen == (peer != null)) {
            throw new ParameterException(
                    spec.commandLine(),
                    listen ? "--listen waits for a peer, it takes no ADDRESS" : "an ADDRESS or --listen is needed");
        }
        if (listen && link) {
            throw new ParameterException(
                    spec.commandLine(), "--listen waits for one peer, --link is of use with an ADDRESS only");
        }
        Console console = new Console(spec.commandLine());
        ReactiveTransport transport = via.apply(bind.apply(transport()));
        if (peer != null) {
            via.requireWayTo(peer);
        }
        try (RunningNode running = new RunningNode(transport, console)) {
            if (peer == null) {
                chatWithFirst(running, console);
            } else if (link) {
                chatOverLink(peer, running, console);
            } else {
                chat(running.connectReporting(peer, "*"), console).block();
            }
        }
        return ExitCode.OK;
    }

    /** With the first peer that comes; others are refused as long as that one is there. */
    private void chatWithFirst(RunningNode running, Console console) {
        bind.announce(running.node(), options, console);
        via.report(running);
        AtomicBoolean taken = new AtomicBoolean();
        running.node()
                .connections()
                .flatMap(connection -> {
                    if (taken.getAndSet(true)) {
                        return connection
                                .close(ExitCode.FAILED, "this peer talks to another one")
                                .then(Mono.<Long>empty());
                    }
                    running.report(connection, "*");
                    return chat(connection, console);
                })
                .next()
                .block();
    }

    private Mono<Long> chat(PeerConnection connection, Console console) {
        Mono<Void> said = connection.sendString(StandardInput.lines());
        // What was not acknowledged when the peer closed in order is lost, and that is the peer's will.
        return converse(
                connection.receive(), said.onErrorResume(ChatCommand::isOrderlyClose, e -> Mono.never()), console);
    }

    private void chatOverLink(PeerAddress address, RunningNode running, Console console) {
        PeerLink kept = running.linkReporting(address, "*");
        LinkedLines lines = new LinkedLines(kept, console);
        converse(kept.receive(), lines.send(StandardInput.lines()), console).block();
        lines.requireConfirmed();
    }

    /** Prints what is heard, until all is said and the peer is silent, or the peer has closed. */
    private Mono<Long> converse(ByteBufFlux received, Mono<Void> said, Console console) {
        Flux<Phase> heard =
                printed(received, console).map(message -> Phase.TALKING).concatWithValues(Phase.CLOSED);
        return Flux.merge(heard, said.thenReturn(Phase.LINGERING))
                .scan(Phase::then)
                .switchMap(this::end)
                .next();
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
