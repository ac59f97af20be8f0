package dev.tether.reactor.simulation;

import static dev.tether.reactor.simulation.Peers.client;
import static dev.tether.reactor.simulation.Peers.server;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.simulation.Jitter;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.core.simulation.NatSettings;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

/** One seed, one program, one history, whoever moves the time. */
@Isolated("virtual time replaces the schedulers of the process")
class DeterminismTest {

    private static final Duration LENGTH = Duration.ofMinutes(5);
    private static final LinkSettings BAD = LinkSettings.PERFECT
            .latency(Duration.ofMillis(30))
            .jitter(Jitter.exponential(Duration.ofMillis(3)))
            .loss(0.05)
            .reordering(0.05)
            .duplication(0.02)
            .corruption(0.01);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void theSameProgramTwiceIsTheSameHistory(long seed) {
        assertThat(advanced(seed, network -> {})).as("seed %d", seed).isEqualTo(advanced(seed, network -> {}));
    }

    @Test
    void anotherSeedIsAnotherHistory() {
        assertThat(advanced(1, network -> {})).isNotEqualTo(advanced(2, network -> {}));
    }

    @Test
    void aHostANatAndALinkThatAreNotUsedChangeNothing() {
        String without = advanced(1, network -> {});

        SimulatedNetwork network = SimulatedNetwork.create(1);
        List<String> received = start(network);
        addUnused(network);
        network.advance(LENGTH);

        assertThat(history(network, received)).isEqualTo(without);
    }

    /** Addresses are given in the order of creation, and are a part of what is hashed. */
    @Test
    void unusedHostsThatComeFirstChangeNothingButAddresses() {
        String without = advanced(1, network -> {});

        String with = advanced(1, DeterminismTest::addUnused);

        assertThat(with.substring(with.indexOf(' '))).isEqualTo(without.substring(without.indexOf(' ')));
    }

    private static void addUnused(SimulatedNetwork network) {
        SimulatedHost idle = network.host("idle");
        network.nat("unused", NatSettings.SYMMETRIC).host("behind it");
        network.link(idle, network.host("another idle one"));
    }

    @Test
    void theHistoryDoesNotDependOnTheStepsInWhichTimeMoves() {
        SimulatedNetwork network = SimulatedNetwork.create(1);
        List<String> received = start(network);
        for (Duration step = Duration.ofMillis(7);
                network.elapsed().compareTo(LENGTH) < 0;
                step = step.plusMillis(13)) {
            Duration left = LENGTH.minus(network.elapsed());
            network.advance(step.compareTo(left) < 0 ? step : left);
        }

        assertThat(history(network, received)).isEqualTo(advanced(1, it -> {}));
    }

    @Test
    void theHistoryDoesNotDependOnWhatMovesTheTime() {
        String expected = advanced(1, network -> {});

        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        SimulatedNetwork injected = SimulatedNetwork.create(1, time);
        List<String> received = start(injected);
        time.advanceTimeBy(LENGTH);
        assertThat(history(injected, received)).as("an injected scheduler").isEqualTo(expected);

        List<String> installed = new ArrayList<>();
        StepVerifier.withVirtualTime(() -> {
                    SimulatedNetwork network = SimulatedNetwork.create(1);
                    List<String> messages = start(network);
                    return Mono.delay(LENGTH).doOnNext(end -> installed.add(history(network, messages)));
                })
                .thenAwait(LENGTH)
                .expectNextCount(1)
                .verifyComplete();
        assertThat(installed).as("the virtual time of StepVerifier").containsExactly(expected);
    }

    private static String advanced(long seed, Consumer<SimulatedNetwork> more) {
        SimulatedNetwork network = SimulatedNetwork.create(seed);
        more.accept(network);
        List<String> received = start(network);
        network.advance(LENGTH);
        return history(network, received);
    }

    private static String history(SimulatedNetwork network, List<String> received) {
        assertThat(network.failures()).isEmpty();
        assertThat(received).as("what has arrived, seed %d", network.seed()).hasSizeGreaterThan(100);
        return network.traceHash() + ' ' + network.statistics() + ' ' + received;
    }

    /** Clients of several kinds on bad links, with timers of the application, a crash and a restart. */
    private static List<String> start(SimulatedNetwork network) {
        network.changeDefaultLink(BAD);
        List<String> received = new ArrayList<>();
        SimulatedHost hub = network.host("hub");
        TransportNode server = server(hub);
        SimulatedNat nat = network.nat("nat", NatSettings.PORT_RESTRICTED);
        for (SimulatedHost host : List.of(network.host("a"), nat.host("b"), nat.host("c"))) {
            talk(network, client(host), server, received);
        }
        SimulatedHost a = network.host("a");
        later(network, 60, a::suspend);
        later(network, 75, a::resume);
        later(network, 120, a::crash);
        later(network, 121, a::restart);
        // Without an identity of its own: it comes from the seed.
        later(
                network,
                122,
                () -> talk(network, ReactiveTransport.create().runOn(a).bindNow(), server, received));
        later(network, 200, nat::rebind);
        return received;
    }

    private static void talk(
            SimulatedNetwork network, TransportNode client, TransportNode server, List<String> received) {
        client.connect(server.addressAs("hub"))
                .flatMapMany((PeerConnection connection) -> {
                    connection.receive().asString().subscribe(received::add, failure -> received.add("end"));
                    return connection.sendString(Flux.interval(Duration.ofSeconds(2), network.scheduler())
                            .onBackpressureDrop()
                            .map(i -> network.elapsed() + " message " + i));
                })
                .subscribe(
                        nothing -> {},
                        failure -> received.add(failure.getClass().getSimpleName()));
    }

    private static void later(SimulatedNetwork network, int seconds, Runnable task) {
        Mono.delay(Duration.ofSeconds(seconds), network.scheduler()).subscribe(end -> task.run());
    }
}
