package dev.tether.examples;

import dev.tether.core.PeerAddress;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.Relay;
import dev.tether.reactor.TransportNode;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import reactor.core.publisher.Mono;

/** {@code tether relay}: each peer that connects is connected to another one. */
@Command(
        name = "relay",
        description = {
            "Waits for peers, connects to another one for each of them, and hands on messages and streams both ways.",
            "",
            "The first line is the address to give to other peers. Prints what happens to the connections. Each connection"
                    + " to the other peer has a key of its own, new each time. When one side closes, so does the other, with"
                    + " the same code. Runs until Ctrl-C."
        })
final class RelayCommand implements Callable<Integer> {

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--to",
            paramLabel = "ADDRESS",
            required = true,
            description = "where everything goes: tether://KEY@HOST:PORT, or tether://KEY with --via")
    @SuppressWarnings("NullAway.Init")
    private PeerAddress destination;

    @Mixin
    private final ViaOptions via = new ViaOptions();

    @Mixin
    private final BindOptions bind = new BindOptions();

    @Mixin
    private final NodeOptions options = new NodeOptions();

    @Override
    public Integer call() throws Exception {
        via.requireWayTo(destination);
        Console console = new Console(spec.commandLine());
        ReactiveTransport transport = HeapLimits.apply(options.transport());
        try (RunningNode running = new RunningNode(bind.apply(transport), console)) {
            bind.announce(running.node(), options, console);
            ReactiveTransport dialing =
                    via.apply(HeapLimits.apply(options.anonymousTransport())).doOnConnection(running::track);
            running.node()
                    .connections()
                    .flatMap(connection -> serve(connection, dialing, running, console), Integer.MAX_VALUE)
                    .then()
                    .block();
        }
        return ExitCode.OK;
    }

    /** Serves one peer; what ends its connection is reported, and is no end for the others. */
    private Mono<Void> serve(
            PeerConnection connection, ReactiveTransport dialing, RunningNode running, Console console) {
        String label = connection.remoteIdentity().shortName();
        running.report(connection, label);
        return Mono.usingWhen(
                        dialing.bind(),
                        node -> relay(connection, node, label, running),
                        node -> node.close(CLOSE_LIMIT))
                .onErrorResume(failure -> Mono.<Void>fromRunnable(
                                () -> console.event(label + " not relayed: " + ErrorReport.describe(failure)))
                        .subscribeOn(Console.PRINTING)
                        .then(connection.close(Relay.FAILED, ErrorReport.describe(failure))));
    }

    private Mono<Void> relay(PeerConnection connection, TransportNode node, String label, RunningNode running) {
        return node.connect(destination).flatMap(there -> {
            running.report(there, label + " >");
            return Relay.connections(connection, there);
        });
    }
}
