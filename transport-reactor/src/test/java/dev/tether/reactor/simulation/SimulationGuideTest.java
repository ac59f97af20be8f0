package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.PeerAddress;
import dev.tether.core.error.ConnectionLostException;
import dev.tether.core.simulation.Jitter;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.core.simulation.NatSettings;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;
import reactor.util.retry.Retry;

/** The code of docs/simulation.md: every Java block there is taken from here, word for word. */
@Isolated("virtual time replaces the schedulers of the process")
class SimulationGuideTest {

    private static final Path GUIDE = Path.of("..", "docs", "simulation.md");
    private static final Path SOURCE =
            Path.of("src", "test", "java", "dev", "tether", "reactor", "simulation", "SimulationGuideTest.java");
    private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    // The application of the guide: a thermometer that reports to a station, and reconnects.

    static final class Thermometer {

        private final TransportNode node;

        Thermometer(ReactiveTransport transport) {
            node = transport.bindNow();
        }

        /** Reports every second, in order, and starts anew a second after a connection is lost. */
        Mono<Void> report(PeerAddress station) {
            return node.connect(station)
                    .flatMap(connection -> connection.sendString(Flux.interval(Duration.ofSeconds(1))
                            .onBackpressureDrop()
                            .map(second -> "21.5 °C")))
                    .retryWhen(Retry.fixedDelay(Long.MAX_VALUE, Duration.ofSeconds(1)));
        }
    }

    static final class Station {

        private final TransportNode node;
        private final List<String> reports = new ArrayList<>();

        Station(ReactiveTransport transport) {
            node = transport
                    .doOnConnection(
                            connection -> connection.receive().asString().subscribe(reports::add, lost -> {}))
                    .port(4433)
                    .bindNow();
        }
    }

    @Test
    void aFirstTest() {
        SimulatedNetwork network = SimulatedNetwork.create(42);
        SimulatedHost client = network.host("client");
        SimulatedHost server = network.host("server");
        network.link(client, server)
                .change(LinkSettings.PERFECT
                        .latency(Duration.ofMillis(40))
                        .jitter(Jitter.exponential(Duration.ofMillis(5)))
                        .loss(0.05));

        TransportNode echo = ReactiveTransport.create()
                .runOn(server)
                .port(4433)
                .handle(peer -> peer.send(peer.receive().retain()))
                .bindNow();
        TransportNode node = ReactiveTransport.create().runOn(client).bindNow();

        PeerConnection connection = network.await(node.connect(echo.addressAs("server")), Duration.ofSeconds(10));
        List<String> answers = new ArrayList<>();
        connection.receive().asString().subscribe(answers::add);
        network.await(connection.sendString(Flux.range(0, 100).map(i -> "message " + i)), Duration.ofSeconds(60));
        network.advance(Duration.ofSeconds(10));

        assertThat(answers).hasSize(100).startsWith("message 0").endsWith("message 99");
    }

    @Test
    void withStepVerifier() {
        StepVerifier.withVirtualTime(() -> {
                    SimulatedNetwork network = SimulatedNetwork.create(42);
                    network.changeDefaultLink(SimulatedNetwork.DEFAULT_LINK.loss(0.2));
                    TransportNode echo = ReactiveTransport.create()
                            .runOn(network.host("server"))
                            .port(4433)
                            .handle(peer -> peer.send(peer.receive().retain()))
                            .bindNow();
                    TransportNode node = ReactiveTransport.create()
                            .runOn(network.host("client"))
                            .bindNow();
                    return node.connect(echo.addressAs("server"))
                            .flatMapMany(peer -> peer.sendString(Flux.interval(Duration.ofHours(1))
                                            .take(3)
                                            .map(hour -> "hour " + hour))
                                    .thenMany(peer.receive().asString().take(3)));
                })
                .thenAwait(Duration.ofHours(4))
                .expectNext("hour 0", "hour 1", "hour 2")
                .verifyComplete();
    }

    @Test
    void anApplicationThatUsesTheDefaultSchedulers() {
        VirtualTimeScheduler time = VirtualTimeScheduler.getOrSet();
        try {
            SimulatedNetwork network = SimulatedNetwork.create(42);
            SimulatedHost field = network.host("field");
            SimulatedHost city = network.host("city");
            Station station = new Station(ReactiveTransport.create().runOn(city));
            Thermometer thermometer = new Thermometer(ReactiveTransport.create().runOn(field));
            thermometer.report(station.node.addressAs("city")).subscribe();
            time.advanceTimeBy(Duration.ofMinutes(1));

            network.partition(List.of(field), List.of(city));
            time.advanceTimeBy(Duration.ofMinutes(5));
            int before = station.reports.size();
            network.heal();
            time.advanceTimeBy(Duration.ofMinutes(1));

            assertThat(station.reports).hasSizeGreaterThan(before + 30);
        } finally {
            VirtualTimeScheduler.reset();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void manySeeds(long seed) {
        SimulatedNetwork network = SimulatedNetwork.create(seed);
        Timeline timeline = Timeline.of(network, 500);
        network.changeDefaultLink(SimulatedNetwork.DEFAULT_LINK.loss(0.1).duplication(0.05));
        Station station = new Station(ReactiveTransport.create().runOn(network.host("city")));
        TransportNode node =
                ReactiveTransport.create().runOn(network.host("field")).bindNow();

        node.connect(station.node.addressAs("city"))
                .flatMap(peer -> peer.sendString(Flux.just("first", "second", "third")))
                .subscribe();
        network.advance(Duration.ofMinutes(1));

        assertThat(station.reports).as("seed %d%n%s", seed, timeline).containsExactly("first", "second", "third");
    }

    @Test
    void crashesAndRestarts() {
        SimulatedNetwork network = SimulatedNetwork.create(42);
        SimulatedHost city = network.host("city");
        Station station = new Station(ReactiveTransport.create().runOn(city));
        TransportNode node =
                ReactiveTransport.create().runOn(network.host("field")).bindNow();
        PeerConnection connection = network.await(node.connect(station.node.addressAs("city")), Duration.ofSeconds(10));

        city.crash();
        assertThatThrownBy(() -> network.await(connection.onClose(), Duration.ofMinutes(5)))
                .isInstanceOfSatisfying(
                        ConnectionLostException.class,
                        lost -> assertThat(lost.reason()).isEqualTo(ConnectionLostException.Reason.IDLE_TIMEOUT));
        city.restart();
        Station again = new Station(ReactiveTransport.create().runOn(city));
        network.await(node.connect(again.node.addressAs("city")), Duration.ofSeconds(10));
    }

    @Test
    void behindANat() {
        SimulatedNetwork network = SimulatedNetwork.create(42);
        SimulatedNat home = network.nat("home", NatSettings.PORT_RESTRICTED);
        SimulatedHost laptop = home.host("laptop");
        laptop.uplink(LinkSettings.PERFECT.bytesPerSecond(1_250_000));

        Station station = new Station(ReactiveTransport.create().runOn(network.host("city")));
        TransportNode node = ReactiveTransport.create().runOn(laptop).bindNow();
        PeerConnection connection = network.await(node.connect(station.node.addressAs("city")), Duration.ofSeconds(10));
        network.await(connection.sendString(Mono.just("from behind a NAT")), Duration.ofSeconds(10));

        assertThat(station.reports).containsExactly("from behind a NAT");
        assertThat(home.mappings()).isEqualTo(1);
    }

    @Test
    void everyJavaBlockOfTheGuideIsCodeOfThisTest() throws IOException {
        String source = normalized(Files.readString(SOURCE));
        List<String> blocks = BLOCK.matcher(Files.readString(GUIDE))
                .results()
                .map((MatchResult block) -> normalized(block.group(1)))
                .toList();

        assertThat(blocks)
                .hasSizeGreaterThanOrEqualTo(5)
                .allSatisfy(block -> assertThat(source).contains(block));
    }

    /** Without the indentation, which differs. */
    private static String normalized(String code) {
        return String.join("\n", code.lines().map(String::strip).toList());
    }
}
