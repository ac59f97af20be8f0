package dev.tether.examples;

import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import reactor.core.publisher.Mono;

/** {@code tether gateway}: introduces peers to each other. */
@Command(
        name = "gateway",
        description = {
            "Introduces peers to each other, also those behind NATs: each of them connects to this gateway with --via, and"
                    + " from then on the others reach it by its key, tether://KEY. What they say to each other does not go"
                    + " through the gateway.",
            "",
            "The first line is the address to give to the peers, who must be able to reach it: a host with an address of"
                    + " its own, and a fixed --port. Prints who comes and goes, in a line a second at the most. Runs until"
                    + " Ctrl-C."
        })
final class GatewayCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "--quiet", description = "do not print who comes and goes")
    private boolean quiet;

    @Mixin
    private final BindOptions bind = new BindOptions();

    @Mixin
    private final NodeOptions options = new NodeOptions();

    @Override
    public Integer call() throws Exception {
        Console console = new Console(spec.commandLine());
        ReactiveTransport transport = bind.apply(options.transport()).gateway(true);
        Visitors visitors = new Visitors(console::event, Console.PRINTING);
        try (RunningNode running =
                new RunningNode(quiet ? transport : transport.handle(peer -> watch(peer, visitors)), console)) {
            bind.announce(running.node(), options, console);
            running.node().onDispose().block();
        }
        return ExitCode.OK;
    }

    private static Mono<Void> watch(PeerConnection peer, Visitors visitors) {
        String who = peer.remoteIdentity().shortName();
        visitors.came(who, HostPort.text(peer.remoteAddress()));
        return peer.onClose()
                .doOnSuccess(nothing -> visitors.went(who, ""))
                .doOnError(failure -> visitors.went(who, ErrorReport.describe(failure)));
    }
}
