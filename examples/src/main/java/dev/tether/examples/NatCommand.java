package dev.tether.examples;

import dev.tether.core.NatBehaviour;
import dev.tether.reactor.NetworkState.GatewayState;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tether nat}: what this host is behind. */
@Command(
        name = "nat",
        description = {
            "Asks gateways where they see this host, and says what kind of NAT it is behind and who can reach it.",
            "",
            "It takes two gateways, on two hosts, to tell whether a NAT shows all destinations the same address. Fails if"
                    + " no gateway answers."
        })
final class NatCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private final ViaOptions via = new ViaOptions();

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "5s",
            description = "how long to wait for the gateways (default: ${DEFAULT-VALUE})")
    private Duration timeout = Duration.ZERO;

    @Mixin
    private final BindOptions bind = new BindOptions();

    @Mixin
    private final NodeOptions options = new NodeOptions();

    @Override
    public Integer call() throws Exception {
        via.requireGateway();
        Console console = new Console(spec.commandLine());
        try (RunningNode running = new RunningNode(via.apply(bind.apply(options.transport())), console)) {
            GatewayReadings readings = Objects.requireNonNull(
                    GatewayReadings.of(running.node(), timeout).block());
            printFacts(readings, console);
            if (readings.connected() == 0) {
                throw new IOException(
                        "no gateway has answered, so that nothing can be told of this host; is one of them"
                                + " running, and does this host reach it?");
            }
            console.line("");
            printConclusion(readings, console);
        }
        return ExitCode.OK;
    }

    private void printFacts(GatewayReadings readings, Console console) {
        for (InetSocketAddress local : readings.localAddresses()) {
            if (!local.getAddress().isLinkLocalAddress()) {
                console.line("own address  " + HostPort.text(local));
            }
        }
        for (GatewayState gateway : readings.gateways()) {
            String where = "gateway      " + HostPort.text(gateway.address());
            console.line(gateway.ownAddress()
                    .map(own -> where + " sees this host at " + HostPort.text(own))
                    .orElseGet(() -> where + " not connected: " + GatewayReadings.problem(gateway, timeout)));
        }
    }

    private static void printConclusion(GatewayReadings readings, Console console) {
        NatBehaviour behaviour = readings.natBehaviour();
        if (readings.areWithin()) {
            console.line("This host is behind no NAT as far as these gateways see: they are in its own network.");
            console.line("What the outside sees is told by a gateway out there: give one with --via.");
        } else {
            console.line("This host is behind " + NatText.name(behaviour) + ": " + NatText.definition(behaviour) + ".");
            console.line(NatText.meaning(behaviour));
        }
    }
}
