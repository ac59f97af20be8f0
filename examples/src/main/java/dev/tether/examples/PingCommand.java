package dev.tether.examples;

import dev.tether.core.PeerAddress;
import dev.tether.reactor.PeerConnection;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** {@code tether ping}: is a peer there, and how far. */
@Command(
        name = "ping",
        description = {
            "Connects to a peer and measures round trips. Fails if none is answered.",
            "",
            "The peer's transport answers, whatever application it runs."
        })
final class PingCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(paramLabel = "ADDRESS", description = "the peer: tether://KEY@HOST:PORT, or tether://KEY with --via")
    @SuppressWarnings("NullAway.Init")
    private PeerAddress peer;

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "5",
            description = "how many (default: ${DEFAULT-VALUE})")
    private int count;

    @Option(
            names = "--interval",
            paramLabel = "TIME",
            defaultValue = "1s",
            description = "the time from one to the next (default: ${DEFAULT-VALUE})")
    private Duration interval = Duration.ZERO;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "5s",
            description = "how long to wait for an answer (default: ${DEFAULT-VALUE})")
    private Duration timeout = Duration.ZERO;

    @Mixin
    private final ViaOptions via = new ViaOptions();

    @Mixin
    private final NodeOptions options = new NodeOptions();

    @Override
    public Integer call() throws Exception {
        if (count < 1) {
            throw new ParameterException(spec.commandLine(), "--count is " + count + ", it must be at least 1");
        }
        via.requireWayTo(peer);
        Console console = new Console(spec.commandLine());
        RoundTrips answered = new RoundTrips();
        try (RunningNode running = new RunningNode(via.apply(options.transport()), console)) {
            long beginNs = System.nanoTime();
            PeerConnection connection = running.connect(peer);
            String duration = RoundTrips.text(Duration.ofNanos(System.nanoTime() - beginNs));
            String where = peer.hasHost() ? "" : " at " + HostPort.text(connection.remoteAddress());
            console.line("connected to " + peer + where + " in " + duration);
            ping(connection, answered, console).block();
        }
        console.line(summary(answered));
        return answered.count() == 0 ? ExitCode.FAILED : ExitCode.OK;
    }

    private Mono<Void> ping(PeerConnection connection, RoundTrips answered, Console console) {
        return Flux.range(1, count)
                .concatMap(number -> ping(connection, number, answered, console)
                        .then(number < count ? Mono.delay(interval) : Mono.empty()))
                .then();
    }

    /** One ping; a lost one is no failure, an ended connection is. */
    private Mono<Void> ping(PeerConnection connection, int number, RoundTrips answered, Console console) {
        return connection
                .ping()
                .timeout(timeout)
                .doOnNext(roundTrip -> {
                    answered.add(roundTrip.toNanos());
                    console.line("answer " + number + " after " + RoundTrips.text(roundTrip));
                })
                .then()
                .onErrorResume(TimeoutException.class, e -> {
                    console.line("no answer " + number + " within " + RoundTrips.text(timeout));
                    return Mono.empty();
                });
    }

    private String summary(RoundTrips answered) {
        String share = answered.count() + " of " + count + " answered";
        return answered.count() == 0
                ? share
                : String.format(
                        Locale.ROOT,
                        "%s: min %s, avg %s, p50 %s, p99 %s",
                        share,
                        RoundTrips.text(answered.minUs()),
                        RoundTrips.text(answered.meanUs()),
                        RoundTrips.text(answered.percentileUs(50)),
                        RoundTrips.text(answered.percentileUs(99)));
    }
}
