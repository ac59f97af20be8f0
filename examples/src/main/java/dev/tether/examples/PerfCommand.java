package dev.tether.examples;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tether.core.PeerAddress;
import dev.tether.core.TransportSettings;
import dev.tether.core.noise.KeyPair;
import dev.tether.examples.perf.BareUdp;
import dev.tether.examples.perf.PerfClient;
import dev.tether.examples.perf.PerfReport;
import dev.tether.examples.perf.PerfServer;
import dev.tether.examples.perf.Throughput;
import dev.tether.reactor.ConnectionStatistics;
import dev.tether.reactor.NodeStatistics;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
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
import reactor.netty.resources.LoopResources;

/** {@code tether perf}: how fast a connection is. */
@Command(
        name = "perf",
        description = {
            "Measures a connection: the round trip of a 100-byte message on the idle connection, then the throughput of"
                    + " each direction, one after the other, as the receiving application counts it.",
            "",
            "With --server it waits for others and is measured by them. Without ADDRESS it runs both sides in this"
                    + " process, over loopback, each on an event loop of its own."
        })
final class PerfCommand implements Callable<Integer> {

    private static final String LOOPBACK = "127.0.0.1";
    private static final long PROTOCOL_CODE = 1;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(
            paramLabel = "ADDRESS",
            arity = "0..1",
            description = "the peer, that runs 'tether perf --server': tether://KEY@HOST:PORT")
    private @Nullable PeerAddress peer;

    @Option(names = "--server", description = "wait for peers that measure, until Ctrl-C; prints the address for them")
    private boolean server;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "5",
            description = "how long each measurement takes (default: ${DEFAULT-VALUE})")
    private int seconds;

    @Option(
            names = "--direction",
            paramLabel = "up|down|both",
            defaultValue = "both",
            description = "up is towards the peer (default: ${DEFAULT-VALUE})")
    private Direction direction = Direction.both;

    @Option(
            names = "--messages",
            paramLabel = "SIZE",
            defaultValue = "64k",
            description = "the size of a message in the throughput measurements (default: ${DEFAULT-VALUE})")
    private ByteSize messages = new ByteSize(0);

    @Option(
            names = "--warmup",
            paramLabel = "TIME",
            defaultValue = "1s",
            description = "how long to run before each measurement (default: ${DEFAULT-VALUE})")
    private Duration warmup = Duration.ZERO;

    @Option(names = "--json", description = "print one line of JSON")
    private boolean json;

    @Mixin
    private final BindOptions bind = new BindOptions();

    @Mixin
    private final NodeOptions options = new NodeOptions();

    @Override
    public Integer call() throws Exception {
        requireValid();
        Console console = new Console(spec.commandLine());
        if (server) {
            serve(console);
        } else if (peer != null) {
            try (RunningNode running = new RunningNode(options.transport(), console)) {
                print(measure(running, peer, null), console);
            }
        } else {
            print(measureLoopback(console), console);
        }
        return ExitCode.OK;
    }

    private void requireValid() {
        if (seconds < 1 || seconds > 3600) {
            throw new ParameterException(spec.commandLine(), "--seconds is " + seconds + ", it must be from 1 to 3600");
        }
        int limit = TransportSettings.defaults().maxMessageSize();
        if (messages.bytes() < 1 || messages.bytes() > limit) {
            throw new ParameterException(
                    spec.commandLine(), "--messages is " + messages.bytes() + ", it must be from 1 to " + limit);
        }
        if (server && peer != null) {
            throw new ParameterException(spec.commandLine(), "--server waits for peers; it takes no ADDRESS");
        }
    }

    private void serve(Console console) throws IOException {
        try (RunningNode running = new RunningNode(bind.apply(options.transport()), console)) {
            bind.announce(running.node(), options, console);
            connections(running).then().block();
        }
    }

    /** Serves every peer that comes; what ends one of them is no end for the others. */
    private static Flux<Void> connections(RunningNode running) {
        return running.node()
                .connections()
                .flatMap(
                        connection -> {
                            running.report(
                                    connection, connection.remoteIdentity().shortName());
                            return served(connection);
                        },
                        Integer.MAX_VALUE);
    }

    private static Mono<Void> served(PeerConnection connection) {
        return PerfServer.serve(connection)
                .onErrorResume(
                        IllegalArgumentException.class,
                        e -> connection.close(PROTOCOL_CODE, String.valueOf(e.getMessage())))
                .onErrorComplete();
    }

    private PerfReport measureLoopback(Console console) throws IOException {
        LoopResources serverLoop = LoopResources.create("tether-perf-server", 1, true);
        LoopResources clientLoop = LoopResources.create("tether-perf-client", 1, true);
        ReactiveTransport transport = options.transport().host(LOOPBACK);
        try (RunningNode listening =
                        new RunningNode(transport.identity(KeyPair.generate()).runOn(serverLoop), console);
                RunningNode dialing = new RunningNode(transport.runOn(clientLoop), console)) {
            listening.node().connections().flatMap(PerfCommand::served).subscribe();
            BareUdp.measure(warmup);
            return measure(dialing, listening.node().addressAs(LOOPBACK), BareUdp.measure(Duration.ofSeconds(seconds)));
        } finally {
            Mono.when(
                            serverLoop.disposeLater(Duration.ZERO, Duration.ofSeconds(1)),
                            clientLoop.disposeLater(Duration.ZERO, Duration.ofSeconds(1)))
                    .block();
        }
    }

    private PerfReport measure(RunningNode running, PeerAddress address, @Nullable RoundTrips bareUdp) {
        PeerConnection connection = running.connect(address);
        PerfClient client = new PerfClient(connection);
        Duration time = Duration.ofSeconds(seconds);
        int size = (int) messages.bytes();
        RoundTrips latency = result(client.latency(warmup).then(client.latency(time)));
        Throughput up = direction == Direction.down
                ? null
                : result(client.up(warmup, size).then(client.up(time, size)));
        Throughput down = direction == Direction.up
                ? null
                : result(client.down(warmup, size).then(client.down(time, size)));
        NodeStatistics node = result(running.node().statistics());
        ConnectionStatistics statistics = result(connection.statistics());
        return PerfReport.of(address.toString(), size, node, statistics, latency, bareUdp, up, down);
    }

    private void print(PerfReport report, Console console) throws JsonProcessingException {
        if (json) {
            console.line(new ObjectMapper().writeValueAsString(report));
        } else {
            report.lines().forEach(console::line);
        }
    }

    private static <T> T result(Mono<T> measurement) {
        return Objects.requireNonNull(measurement.block());
    }

    /** Named as on the command line. */
    private enum Direction {
        up,
        down,
        both
    }
}
