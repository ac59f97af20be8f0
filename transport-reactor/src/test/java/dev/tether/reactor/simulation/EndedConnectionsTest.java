package dev.tether.reactor.simulation;

import static dev.tether.reactor.simulation.Peers.LIMIT;
import static dev.tether.reactor.simulation.Peers.client;
import static dev.tether.reactor.simulation.Peers.connect;
import static dev.tether.reactor.simulation.Peers.identity;
import static dev.tether.reactor.simulation.Peers.server;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.PeerAddress;
import dev.tether.core.error.ChannelClosedException;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.error.ConnectionLostException;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.reactor.EndedConnection;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.BaseSubscriber;
import reactor.test.StepVerifier;

/** {@code node.ended()}: each connection and each attempt that is over is one event. */
class EndedConnectionsTest {

    private final SimulatedNetwork network = SimulatedNetwork.create(6);
    private final SimulatedHost a = network.host("a");
    private final SimulatedHost b = network.host("b");
    private final TransportNode client = client(a);
    private final TransportNode server = server(b);
    private final List<EndedConnection> atClient = watch(client);
    private final List<EndedConnection> atServer = watch(server);

    @AfterEach
    void nothingThrows() {
        assertThat(network.failures()).isEmpty();
    }

    @Test
    void anAttemptThatNobodyAnswersIsOne() {
        client.connect(server.addressAs("192.0.2.1")).subscribe(it -> {}, failure -> {});
        network.advance(Duration.ofSeconds(11));

        EndedConnection event = only(atClient);
        assertThat(event.remoteIdentity()).isEqualTo(server.identity());
        assertThat(event.remoteAddress()).isEqualTo(new InetSocketAddress("192.0.2.1", Peers.PORT));
        assertThat(event.dialed()).isTrue();
        assertThat(event.established()).isFalse();
        assertThat(reason(event)).isEqualTo(ConnectionEstablishmentException.Reason.TIMED_OUT);
        assertThat(atServer).isEmpty();
    }

    @Test
    void anAttemptThatThePeerRefusesIsOneAtTheDialingSide() {
        TransportNode full = ReactiveTransport.create()
                .runOn(network.host("c"))
                .settings(settings -> settings.acceptedQueue(1))
                .bindNow();
        connect(network, server, full, "c");
        client.connect(full.addressAs("c")).subscribe(it -> {}, failure -> {});
        network.advance(Duration.ofSeconds(1));

        assertThat(reason(only(atClient))).isEqualTo(ConnectionEstablishmentException.Reason.OVERLOADED);
    }

    @Test
    void anAttemptThatIsCancelledIsOneWithoutACause() {
        client.connect(server.addressAs("192.0.2.1")).subscribe().dispose();
        network.advance(Duration.ofMillis(1));
        client.connect(server.addressAs("192.0.2.1")).subscribe(it -> {}, failure -> {});
        network.advance(Duration.ofMillis(1));
        client.connect(server.addressAs("192.0.2.1")).subscribe().dispose();
        network.advance(Duration.ofMillis(1));
        assertThat(atClient).as("somebody else waits for the second").hasSizeLessThanOrEqualTo(1);

        network.advance(Duration.ofSeconds(11));
        assertThat(atClient).filteredOn(it -> it.cause() != null).hasSize(1);
        assertThat(atClient).noneMatch(EndedConnection::established);
    }

    @Test
    void aConnectThatNeverBecomesAnAttemptIsNone() {
        List<Throwable> failures = new ArrayList<>();
        client.connect(client.addressAs("b")).subscribe(it -> {}, failures::add);
        client.connect(server.addressAs("nobody")).subscribe(it -> {}, failures::add);
        network.advance(Duration.ofSeconds(11));

        assertThat(failures).hasSize(2);
        assertThat(atClient).isEmpty();
    }

    @Test
    void anAnsweredAttemptThatIsNeverConfirmedIsOneAtTheAnsweringSide() {
        network.link(a, b).cutBack();
        client.connect(server.addressAs("b")).subscribe(it -> {}, failure -> {});
        network.advance(Duration.ofMillis(100));
        a.setConnected(false);
        network.advance(Duration.ofSeconds(11));

        EndedConnection event = only(atServer);
        assertThat(event.remoteIdentity()).isEqualTo(client.identity());
        assertThat(event.dialed()).isFalse();
        assertThat(event.established()).isFalse();
        assertThat(reason(event)).isEqualTo(ConnectionEstablishmentException.Reason.TIMED_OUT);
    }

    @Test
    void aCloseIsOneAtEachSideWithoutACause() {
        PeerConnection connection = connect(network, client, server, "b");
        network.await(connection.close(4, "enough"), LIMIT);
        network.await(connection.close(), LIMIT);
        network.advance(Duration.ofSeconds(3));

        EndedConnection here = only(atClient);
        EndedConnection there = only(atServer);
        assertThat(here.cause()).isNull();
        assertThat(here.established() && here.dialed()).isTrue();
        assertThat(there.cause()).isNull();
        assertThat(there.established()).isTrue();
        assertThat(there.dialed()).isFalse();
    }

    @Test
    void aPeerThatStartsOverIsOne() {
        connect(network, client, server, "b");
        a.crash();
        a.restart();
        assertThat(((ChannelClosedException) only(atClient).cause())).hasMessageContaining("crashed");
        TransportNode again = ReactiveTransport.create()
                .runOn(a)
                .identity(identity("a"))
                .port(client.localAddress().getPort())
                .bindNow();
        connect(network, again, server, "b");

        EndedConnection event = only(atServer);
        assertThat(event.established()).isTrue();
        assertThat(event.cause())
                .isInstanceOfSatisfying(
                        ConnectionLostException.class,
                        lost -> assertThat(lost.reason()).isEqualTo(ConnectionLostException.Reason.PEER_RESTARTED));
    }

    /** Attempts that cross supersede each other, are paused, fail, and begin again. */
    @Test
    void eachOfManyThatCrossAndEndIsExactlyOneEvent() {
        int superseded = 0;
        for (long seed = 0; seed < 100; seed++) {
            SimulatedNetwork crossing = SimulatedNetwork.create(seed);
            SeededRandom random = new SeededRandom(seed);
            crossing.changeDefaultLink(SimulatedNetwork.DEFAULT_LINK
                    .latency(Duration.ofMillis(random.nextInt(0, 200)))
                    .loss(0.3 * random.nextDouble())
                    .duplication(0.2 * random.nextDouble()));
            List<SimulationEvent.Ended> ended = new ArrayList<>();
            crossing.onEvent(event -> {
                if (event instanceof SimulationEvent.Ended it) {
                    ended.add(it);
                }
            });
            TransportNode one = server(crossing.host("a"));
            TransportNode two = server(crossing.host("b"));
            List<EndedConnection> atOne = watch(one);
            List<EndedConnection> atTwo = watch(two);
            for (int i = 0; i < 6; i++) {
                dial(crossing, one, two, "b", random);
                dial(crossing, two, one, "a", random);
            }
            crossing.advance(Duration.ofSeconds(30));
            crossing.await(one.close(Duration.ofSeconds(2)), LIMIT);
            crossing.await(two.close(Duration.ofSeconds(2)), LIMIT);

            assertThat(causes(atOne)).as("seed %d", seed).isEqualTo(causesAt("a", ended));
            assertThat(causes(atTwo)).as("seed %d", seed).isEqualTo(causesAt("b", ended));
            superseded += (int) ended.stream()
                    .filter(it -> it.failure() instanceof ConnectionEstablishmentException failure
                            && failure.reason() == ConnectionEstablishmentException.Reason.ALREADY_EXISTS)
                    .count();
        }
        assertThat(superseded).as("superseded attempts over all seeds").isPositive();
    }

    /** Dials, and closes what comes of it a little later. */
    private static void dial(
            SimulatedNetwork network, TransportNode from, TransportNode to, String host, SeededRandom random) {
        Duration open = Duration.ofMillis(random.nextInt(0, 1_000));
        network.scheduler()
                .schedule(
                        () -> from.connect(to.addressAs(host))
                                .delayElement(open, network.scheduler())
                                .flatMap(PeerConnection::close)
                                .subscribe(nothing -> {}, failure -> {}),
                        random.nextInt(0, 2_000),
                        TimeUnit.MILLISECONDS);
    }

    private static List<@Nullable Throwable> causesAt(String host, List<SimulationEvent.Ended> ended) {
        List<@Nullable Throwable> causes = new ArrayList<>();
        ended.stream().filter(it -> it.host().equals(host)).forEach(it -> causes.add(it.failure()));
        return causes;
    }

    private static List<@Nullable Throwable> causes(List<EndedConnection> events) {
        List<@Nullable Throwable> causes = new ArrayList<>();
        events.forEach(it -> causes.add(it.cause()));
        return causes;
    }

    @Test
    void itCompletesWhenTheNodeIsClosedAfterTheLastEvent() {
        connect(network, client, server, "b");
        client.connect(PeerAddress.of(server.identity(), "192.0.2.1", 1)).subscribe(it -> {}, failure -> {});
        client.connect(PeerAddress.of(identity("nobody").identity(), "192.0.2.1", 1))
                .subscribe(it -> {}, failure -> {});
        network.advance(Duration.ofMillis(1));
        StepVerifier events = StepVerifier.create(client.ended())
                .expectNextCount(2)
                .expectComplete()
                .verifyLater();

        client.dispose();
        network.advance(Duration.ofMillis(1));

        events.verify(Duration.ofSeconds(5));
        assertThat(atClient).hasSize(2).allMatch(it -> it.cause() instanceof ChannelClosedException);
        StepVerifier.create(client.ended()).expectComplete().verify(Duration.ofSeconds(5));
    }

    @Test
    void aSubscriberThatAsksForTooLittleLosesEventsWhichAreCountedAndOthersLoseNone() {
        List<EndedConnection> two = new ArrayList<>();
        BaseSubscriber<EndedConnection> asking = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(org.reactivestreams.Subscription subscription) {
                subscription.request(1);
            }

            @Override
            protected void hookOnNext(EndedConnection event) {
                two.add(event);
            }
        };
        client.ended().subscribe(asking);
        List<EndedConnection> none = new ArrayList<>();
        client.ended().subscribe(none::add).dispose();
        for (int i = 0; i < 5; i++) {
            network.await(connect(network, client, server, "b").close(), LIMIT);
        }
        assertThat(two).hasSize(1);
        asking.request(1);
        network.await(connect(network, client, server, "b").close(), LIMIT);

        assertThat(two).hasSize(2);
        assertThat(two.get(1)).isSameAs(atClient.get(5));
        assertThat(atClient).hasSize(6);
        assertThat(none).isEmpty();
        assertThat(Objects.requireNonNull(network.await(client.statistics(), LIMIT))
                        .endedEventsLost())
                .isEqualTo(4);
    }

    @Test
    void aSubscriberThatThrowsLosesItsSubscriptionAndNothingElseHappens() {
        client.ended().subscribe(event -> {
            throw new IllegalStateException("a mistake");
        });
        List<EndedConnection> after = watch(client);
        for (int i = 0; i < 2; i++) {
            network.await(connect(network, client, server, "b").close(), LIMIT);
        }

        assertThat(after).hasSize(2);
        assertThat(atClient).hasSize(2);
    }

    private static List<EndedConnection> watch(TransportNode node) {
        List<EndedConnection> events = new ArrayList<>();
        node.ended().subscribe(events::add);
        return events;
    }

    private static EndedConnection only(List<EndedConnection> events) {
        assertThat(events).hasSize(1);
        return events.get(0);
    }

    private static ConnectionEstablishmentException.Reason reason(EndedConnection event) {
        assertThat(event.cause()).isInstanceOf(ConnectionEstablishmentException.class);
        return ((ConnectionEstablishmentException) Objects.requireNonNull(event.cause())).reason();
    }
}
