package dev.tether.reactor.simulation;

import static dev.tether.reactor.simulation.Peers.LIMIT;
import static dev.tether.reactor.simulation.Peers.assertEcho;
import static dev.tether.reactor.simulation.Peers.client;
import static dev.tether.reactor.simulation.Peers.endOf;
import static dev.tether.reactor.simulation.Peers.server;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.ConnectionState;
import dev.tether.core.PeerAddress;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.error.ConnectionEstablishmentException.Reason;
import dev.tether.core.error.ConnectionLostException;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.TransportNode;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What a connect gives when there is something with that peer already. */
class ConnectAgainTest {

    private static final Duration ROUND_TRIP = Duration.ofMillis(100);

    private final SimulatedNetwork network = SimulatedNetwork.create(11);
    private final SimulatedHost a = network.host("a");
    private final SimulatedHost b = network.host("b");
    private final TransportNode client = client(a);
    private final TransportNode server = server(b);
    private final PeerAddress address = server.addressAs("b");

    ConnectAgainTest() {
        network.changeDefaultLink(LinkSettings.PERFECT.latency(ROUND_TRIP.dividedBy(2)));
    }

    @AfterEach
    void nothingThrowsAndNothingLeaks() {
        assertThat(network.failures()).isEmpty();
        assertThat(network.datagramBytes()).isZero();
    }

    /** How a connect ends that was begun and is not waited for. */
    private static final class Outcome {
        @Nullable
        PeerConnection connection;

        @Nullable
        Throwable failure;

        static Outcome of(Mono<PeerConnection> connect) {
            Outcome outcome = new Outcome();
            connect.subscribe(it -> outcome.connection = it, it -> outcome.failure = it);
            return outcome;
        }

        boolean isThere() {
            return connection != null || failure != null;
        }

        Reason reason() {
            return ((ConnectionEstablishmentException) Objects.requireNonNull(failure)).reason();
        }
    }

    @Test
    void aRunningAttemptIsJoined() {
        Outcome first = Outcome.of(client.connect(address));
        Outcome second = Outcome.of(client.connect(address));
        Outcome third = Outcome.of(client.connectNew(address));
        network.advance(ROUND_TRIP);
        assertThat(first.connection).isNotNull().isSameAs(second.connection).isSameAs(third.connection);
    }

    @Test
    void ofTwoThatJoinedOneMayCancel() {
        Disposable first = client.connect(address).subscribe();
        Outcome second = Outcome.of(client.connect(address));
        first.dispose();
        network.advance(ROUND_TRIP);
        assertThat(second.connection).isNotNull();
    }

    @Test
    void aHealthyConnectionIsGivenAtOnce() {
        PeerConnection connection = connected();
        Outcome again = Outcome.of(client.connect(address));
        network.advance(Duration.ZERO);
        assertThat(again.connection).isSameAs(connection);
    }

    @Test
    void whoWantsANewOneIsRefusedWhereThereIsOne() {
        PeerConnection connection = connected();
        Outcome again = Outcome.of(client.connectNew(address));
        network.advance(Duration.ZERO);
        assertThat(again.reason()).isEqualTo(Reason.ALREADY_EXISTS);
        assertEcho(network, connection);
    }

    @Test
    void theAcceptedConnectionIsGivenToo() {
        connected();
        PeerAddress back =
                PeerAddress.of(client.identity(), "a", client.localAddress().getPort());
        Outcome again = Outcome.of(server.connect(back));
        network.advance(Duration.ZERO);
        assertThat(Objects.requireNonNull(again.connection).remoteIdentity()).isEqualTo(client.identity());
        assertThat(established(server)).isEqualTo(1);
    }

    @Test
    void anUnresponsiveConnectionIsAskedAndGivenIfItLives() {
        PeerConnection connection = unresponsive();
        network.heal();
        Outcome again = Outcome.of(client.connect(address));
        Outcome onlyNew = Outcome.of(client.connectNew(address));
        network.advance(ROUND_TRIP.minusMillis(1));
        assertThat(again.isThere()).isFalse();

        network.advance(Duration.ofMillis(1));

        assertThat(again.connection).isSameAs(connection);
        assertThat(onlyNew.reason()).isEqualTo(Reason.ALREADY_EXISTS);
        assertThat(connection.state()).isInstanceOf(ConnectionState.Established.class);
    }

    @Test
    void anUnresponsiveConnectionSurvivesTheLossOfAllProbesButTheLastOnes() {
        PeerConnection connection = unresponsive();
        Outcome again = Outcome.of(client.connect(address));
        network.advance(Duration.ofMillis(700));
        network.heal();
        network.advance(Duration.ofMillis(299));
        assertThat(again.connection).isSameAs(connection);
    }

    @Test
    void anUnresponsiveConnectionThatDoesNotAnswerMakesWayForANewOne() {
        PeerConnection connection = unresponsive();
        Peers.End end = endOf(connection);
        Outcome again = Outcome.of(client.connect(address));
        network.advance(Duration.ofMillis(999));
        assertThat(end.isThere()).isFalse();

        network.advance(Duration.ofMillis(1));
        assertThat(end.as(ConnectionLostException.class).reason())
                .isEqualTo(ConnectionLostException.Reason.UNREACHABLE);
        assertThat(again.isThere()).isFalse();

        network.heal();
        network.advance(Duration.ofSeconds(1));
        assertThat(again.connection).isNotNull().isNotSameAs(connection);
        assertEcho(network, Objects.requireNonNull(again.connection));
        assertThat(established(client)).isEqualTo(1);
        assertThat(established(server)).isEqualTo(1);
    }

    @Test
    void aPeerThatIsGoneFailsTheConnectAfterTheProofAndTheHandshakeTimeout() {
        unresponsive();
        Outcome again = Outcome.of(client.connect(address));
        network.advance(Duration.ofMillis(10_999));
        assertThat(again.isThere()).isFalse();
        network.advance(Duration.ofMillis(1));
        assertThat(again.reason()).isEqualTo(Reason.TIMED_OUT);
        assertThat(established(client)).isZero();
    }

    @Test
    void theProbeGoesOutThoughTheCongestionWindowIsFull() {
        PeerConnection connection = connected();
        network.link(a, b).cut();
        connection
                .send(Flux.range(0, 100).map(i -> Unpooled.wrappedBuffer(new byte[10_000])))
                .subscribe(nothing -> {}, failure -> {});
        network.advance(Duration.ofSeconds(20));
        assertThat(connection.state()).isInstanceOf(ConnectionState.Unresponsive.class);
        network.heal();

        Outcome again = Outcome.of(client.connect(address));
        network.advance(ROUND_TRIP);

        assertThat(again.connection).isSameAs(connection);
        network.advance(Duration.ofSeconds(10));
    }

    @Test
    void aCancelledConnectLeavesTheProofToItself() {
        PeerConnection connection = unresponsive();
        Disposable connect = client.connect(address).subscribe();
        network.advance(Duration.ofMillis(10));
        connect.dispose();
        network.heal();
        network.advance(Duration.ofSeconds(1));
        assertEcho(network, connection);
    }

    @Test
    void aClosingConnectionIsWaitedFor() {
        PeerConnection connection = connected();
        Peers.End end = endOf(connection);
        network.link(a, b).cut();
        connection.close().subscribe();
        Outcome again = Outcome.of(client.connect(address));
        Outcome onlyNew = Outcome.of(client.connectNew(address));
        network.advance(Duration.ofMillis(500));
        assertThat(end.isThere()).isFalse();
        network.heal();

        network.advance(Duration.ofSeconds(1));

        assertThat(end.isThere()).isTrue();
        assertThat(again.connection).isNotNull().isNotSameAs(connection).isSameAs(onlyNew.connection);
        assertEcho(network, Objects.requireNonNull(again.connection));
    }

    @Test
    void messagesToAPeerShareOneConnection() {
        List<Mono<Void>> sends = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            sends.add(client.send(address, Mono.fromSupplier(() -> Unpooled.wrappedBuffer(new byte[100]))));
        }
        network.await(Mono.when(sends), LIMIT);
        assertThat(established(client)).isEqualTo(1);
        assertThatThrownBy(() -> network.await(client.connectNew(address), LIMIT))
                .isInstanceOf(ConnectionEstablishmentException.class);
    }

    private PeerConnection connected() {
        return Peers.connect(network, client, server, "b");
    }

    /** A connection whose peer is cut off, and is known to be silent. */
    private PeerConnection unresponsive() {
        PeerConnection connection = connected();
        network.link(a, b).cut();
        connection.ping().subscribe(roundTrip -> {}, failure -> {});
        network.advance(Duration.ofSeconds(10));
        assertThat(connection.state()).isInstanceOf(ConnectionState.Unresponsive.class);
        return connection;
    }

    private int established(TransportNode node) {
        return Objects.requireNonNull(network.await(node.statistics(), LIMIT)).connections();
    }
}
