package dev.tether.examples;

import dev.tether.core.PeerAddress;
import dev.tether.reactor.NetworkState.GatewayState;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.TransportNode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** {@code tether status}: which gateways and peers can be reached. */
@Command(
        name = "status",
        description = {
            "Connects to gateways, and through them to peers, and prints a line for each: whether it can be reached, the"
                    + " round trip, and where it is or why it cannot be reached. Fails if any of them cannot."
        })
final class StatusCommand implements Callable<Integer> {

    /** How many peers are connected to at a time. */
    private static final int CONCURRENCY = 16;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(
            paramLabel = "PEER",
            arity = "0..*",
            description = "the peers: tether://KEY, or tether://KEY@HOST:PORT for one that has an address of its own")
    private List<PeerAddress> peers = List.of();

    @Mixin
    private final ViaOptions via = new ViaOptions();

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "5s",
            description = "how long to wait for the gateways, and for each round trip (default: ${DEFAULT-VALUE})")
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
            TransportNode node = running.node();
            GatewayReadings readings =
                    Objects.requireNonNull(GatewayReadings.of(node, timeout).block());
            int width = width(readings.gateways());
            List<Row> rows = Flux.concat(
                            Flux.fromIterable(readings.gateways())
                                    .flatMapSequential(gateway -> check(gateway, node), CONCURRENCY),
                            Flux.fromIterable(peers).flatMapSequential(peer -> check(peer, node), CONCURRENCY))
                    .publishOn(Console.PRINTING)
                    .doOnNext(row -> console.line(row.text(width)))
                    .collectList()
                    .blockOptional()
                    .orElse(List.of());
            return report(rows);
        }
    }

    private int report(List<Row> rows) {
        long failed = rows.stream().filter(row -> !row.reached).count();
        if (failed == 0) {
            return ExitCode.OK;
        }
        spec.commandLine().getErr().println("tether: " + failed + " of " + rows.size() + " cannot be reached");
        spec.commandLine().getErr().flush();
        return ExitCode.FAILED;
    }

    private Mono<Row> check(GatewayState gateway, TransportNode node) {
        String name = HostPort.text(gateway.address());
        if (!gateway.connected()) {
            return Mono.just(new Row("gateway", name, false, "", GatewayReadings.problem(gateway, timeout)));
        }
        String detail = gateway.ownAddress()
                .map(own -> "sees this host at " + HostPort.text(own))
                .orElse("");
        return node.connect(gateway.address())
                .flatMap(this::ping)
                .map(roundTrip -> new Row("gateway", name, true, RoundTrips.text(roundTrip), detail))
                .onErrorResume(failure -> Mono.just(Row.failed("gateway", name, failure)));
    }

    private Mono<Row> check(PeerAddress peer, TransportNode node) {
        String name = peer.identity().shortName();
        return node.connect(peer)
                .elapsed()
                .flatMap(connected -> ping(connected.getT2())
                        .map(roundTrip -> new Row(
                                "peer",
                                name,
                                true,
                                RoundTrips.text(roundTrip),
                                "direct at " + HostPort.text(connected.getT2().remoteAddress()) + ", connected in "
                                        + connected.getT1() + " ms")))
                .onErrorResume(failure -> Mono.just(Row.failed("peer", name, failure)));
    }

    private Mono<Duration> ping(PeerConnection connection) {
        return connection
                .ping()
                .timeout(timeout)
                .onErrorMap(
                        TimeoutException.class,
                        e -> new TimeoutException("connected, but no answer within " + RoundTrips.text(timeout)));
    }

    /** So that the columns are in the same place in all lines. */
    private int width(List<GatewayState> gateways) {
        return Stream.concat(
                        gateways.stream().map(gateway -> HostPort.text(gateway.address())),
                        peers.stream().map(peer -> peer.identity().shortName()))
                .mapToInt(String::length)
                .max()
                .orElse(0);
    }

    private record Row(String kind, String name, boolean reached, String roundTrip, String detail) {

        private static Row failed(String kind, String name, Throwable failure) {
            return new Row(kind, name, false, "", ErrorReport.describe(failure));
        }

        private String text(int width) {
            return String.format(
                    Locale.ROOT,
                    "%-7s  %-" + width + "s  %-11s  %10s  %s",
                    kind,
                    name,
                    reached ? "reachable" : "unreachable",
                    reached ? roundTrip : "-",
                    detail);
        }
    }
}
