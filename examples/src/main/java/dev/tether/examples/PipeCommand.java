package dev.tether.examples;

import dev.tether.core.PeerAddress;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.PeerStream;
import dev.tether.reactor.ReactiveTransport;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
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

/** {@code tether pipe}: standard input to a peer, and what comes back to standard output. */
@Command(
        name = "pipe",
        description = {
            "Sends standard input to a peer that runs 'tether pipe --listen', as one stream, and writes what comes back to"
                    + " standard output.",
            "",
            "Ends when both directions have ended and the peer has acknowledged everything. Whoever reads slowly slows down"
                    + " the other side; memory stays bounded, however much goes through."
        })
final class PipeCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(
            paramLabel = "ADDRESS",
            arity = "0..1",
            description = "the peer: tether://KEY@HOST:PORT, or tether://KEY with --via")
    private @Nullable PeerAddress peer;

    @Option(
            names = "--listen",
            description =
                    "wait for a peer, and take one stream of it; the address for it is the first line of standard error")
    private boolean listen;

    @Option(names = "--receive-only", description = "send nothing, and leave standard input alone")
    private boolean receiveOnly;

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
        if (peer != null) {
            via.requireWayTo(peer);
        }
        Console console = Console.ofErrors(spec.commandLine());
        ReactiveTransport transport = HeapLimits.apply(via.apply(bind.apply(options.transport())));
        try (RunningNode running = new RunningNode(transport, console)) {
            if (peer == null) {
                bind.announce(running.node(), options, console);
                via.report(running);
                AtomicBoolean taken = new AtomicBoolean();
                running.node()
                        .connections()
                        .flatMap(connection -> taken.getAndSet(true) ? refuse(connection) : answer(connection))
                        .next()
                        .block();
            } else {
                running.connect(peer).openStream().flatMap(this::exchange).block();
            }
        }
        return ExitCode.OK;
    }

    /** Completes with a value. The dialing side closes, when it has learned that all has arrived. */
    private Mono<Boolean> answer(PeerConnection connection) {
        return connection
                .streams()
                .next()
                .switchIfEmpty(Mono.error(() -> new IOException("the peer has closed without a stream")))
                .flatMap(this::exchange)
                .then(connection.onClose().onErrorComplete())
                .thenReturn(true);
    }

    private static Mono<Boolean> refuse(PeerConnection connection) {
        return connection
                .close(ExitCode.FAILED, "this peer takes one stream only")
                .then(Mono.empty());
    }

    private Mono<Void> exchange(PeerStream stream) {
        Flux<ByteBuf> input = receiveOnly ? Flux.empty() : StandardInput.bytes();
        Mono<Void> sent = stream.isBidirectional() ? stream.send(input) : Mono.empty();
        return Mono.when(sent, StandardOutput.write(stream.receive()));
    }
}
