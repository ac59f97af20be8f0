package dev.tether.examples;

import dev.tether.reactor.PeerConnection;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** {@code tether listen}: an echo peer. */
@Command(
        name = "listen",
        description = {
            "Waits for peers, prints what happens to their connections and what they say, and says it back.",
            "",
            "The first line is the address to give to other peers. Runs until Ctrl-C."
        })
final class ListenCommand implements Callable<Integer> {

    private static final int PREFETCH = 32;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private final ViaOptions via = new ViaOptions();

    @Mixin
    private final BindOptions bind = new BindOptions();

    @Mixin
    private final NodeOptions options = new NodeOptions();

    @Override
    public Integer call() throws Exception {
        Console console = new Console(spec.commandLine());
        try (RunningNode running = new RunningNode(via.apply(bind.apply(options.transport())), console)) {
            bind.announce(running.node(), options, console);
            via.report(running);
            running.node()
                    .connections()
                    .flatMap(connection -> serve(connection, running, console), Integer.MAX_VALUE)
                    .then()
                    .block();
        }
        return ExitCode.OK;
    }

    /**
     * Serves one peer; what ends its connection is reported, and is no end for the others. One that does not take its echo, a
     * message over its own limit for example, is closed, as nobody would read on.
     */
    private static Mono<Void> serve(PeerConnection connection, RunningNode running, Console console) {
        String label = connection.remoteIdentity().shortName();
        running.report(connection, label);
        Flux<ByteBuf> echo = connection
                .receive()
                .retain()
                .publishOn(Console.PRINTING, PREFETCH)
                .doOnDiscard(ByteBuf.class, ByteBuf::release)
                .doOnNext(message -> console.event(label + " < " + Printable.message(message)));
        return connection.send(echo).onErrorResume(failure -> connection.close(1, ErrorReport.describe(failure)));
    }
}
