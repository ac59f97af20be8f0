package dev.tether.reactor.simulation;

import static dev.tether.reactor.simulation.Peers.LIMIT;
import static dev.tether.reactor.simulation.Peers.assertEcho;
import static dev.tether.reactor.simulation.Peers.client;
import static dev.tether.reactor.simulation.Peers.connect;
import static dev.tether.reactor.simulation.Peers.endOf;
import static dev.tether.reactor.simulation.Peers.server;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.ConnectionState;
import dev.tether.core.error.ChannelClosedException;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.error.ConnectionLostException;
import dev.tether.core.simulation.DropCause;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What happens to nodes when something happens to their hosts and to what is between them. */
class HostFaultsTest {

    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(120);

    private final SimulatedNetwork network = SimulatedNetwork.create(5);
    private final SimulatedHost a = network.host("a");
    private final SimulatedHost b = network.host("b");
    private final TransportNode client = client(a);
    private TransportNode server = server(b);

    @AfterEach
    void nothingThrowsAndNothingLeaks() {
        assertThat(network.failures()).isEmpty();
        assertThat(network.datagramBytes()).isZero();
    }

    @Test
    void aShortPartitionIsSurvived() {
        PeerConnection connection = connect(network, client, server, "b");
        network.partition(List.of(a), List.of(b));
        Mono<Void> sending = connection.sendString(Mono.just("hello")).cache();
        sending.subscribe();
        network.advance(Duration.ofSeconds(60));
        assertThat(connection.state()).isInstanceOf(ConnectionState.Unresponsive.class);
        assertThat(network.statistics().dropped()).containsKey(DropCause.PARTITION);

        network.heal();
        network.await(sending, Duration.ofSeconds(60));
        assertThat(connection.state()).isInstanceOf(ConnectionState.Established.class);
        assertEcho(network, connection);
    }

    @Test
    void aLongPartitionEndsBothSidesByTheIdleTimeout() {
        PeerConnection connection = connect(network, client, server, "b");
        Peers.End end = endOf(connection);
        Timeline timeline = Timeline.of(network, 10_000);
        network.partition(List.of(a), List.of(b));

        network.advance(IDLE_TIMEOUT.plusSeconds(30));

        assertThat(end.as(ConnectionLostException.class).reason())
                .isEqualTo(ConnectionLostException.Reason.IDLE_TIMEOUT);
        assertThat(timeline.events().stream()
                        .filter(SimulationEvent.Ended.class::isInstance)
                        .map(SimulationEvent::host))
                .containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void aCutInOneDirectionLetsTheOtherThrough() {
        RawSocket left = RawSocket.bind(network, a, 1);
        RawSocket right = RawSocket.bind(network, b, 2);
        network.cutOneWay(List.of(a), List.of(b));
        left.send(right.address(), new byte[1]);
        right.send(left.address(), new byte[1]);
        network.advance(Duration.ofSeconds(1));
        assertThat(right.received).isEmpty();
        assertThat(left.received).hasSize(1);

        network.link(a, b).heal().cutBack();
        left.send(right.address(), new byte[1]);
        right.send(left.address(), new byte[1]);
        network.advance(Duration.ofSeconds(1));
        assertThat(right.received).hasSize(1);
        assertThat(left.received).hasSize(1);
    }

    @Test
    void aConnectionThatIsHeardAndDoesNotHearEndsByTheIdleTimeout() {
        Peers.End end = endOf(connect(network, client, server, "b"));
        network.cutOneWay(List.of(b), List.of(a));

        network.advance(IDLE_TIMEOUT.plusSeconds(30));

        assertThat(end.as(ConnectionLostException.class).reason())
                .isEqualTo(ConnectionLostException.Reason.IDLE_TIMEOUT);
    }

    @Test
    void everythingOfACrashedNodeEndsAndItsPeerLearnsOfNothingButSilence() {
        PeerConnection connection = connect(network, client, server, "b");
        List<Throwable> ends = new ArrayList<>();
        network.link(a, b).cut();
        connection.states().subscribe(state -> {}, ends::add);
        connection.receive().subscribe(message -> {}, ends::add);
        connection.sendString(Flux.never()).subscribe(nothing -> {}, ends::add);
        connection.ping().subscribe(rtt -> {}, ends::add);
        connection.onClose().subscribe(nothing -> {}, ends::add);
        client.connect(server.addressAs("nobody")).subscribe(it -> {}, failure -> {});
        client.connections().subscribe(it -> {}, ends::add);
        Timeline timeline = Timeline.of(network, 10_000);
        network.heal();

        a.crash();

        assertThat(ends).hasSize(6).allMatch(ChannelClosedException.class::isInstance);
        assertThat(ends.get(0)).hasMessageContaining("the host a has crashed");
        assertThatThrownBy(() -> network.await(client.connect(server.addressAs("b")), LIMIT))
                .isInstanceOf(ChannelClosedException.class);
        network.advance(IDLE_TIMEOUT.minusSeconds(60));
        assertThat(ended(timeline)).containsExactly("a");
        assertThat(timeline.events())
                .noneMatch(it -> it instanceof SimulationEvent.Sent && it.host().equals("a"));
        network.advance(Duration.ofSeconds(90));
        assertThat(ended(timeline)).containsExactly("a", "b");
        assertThat(timeline.toString()).contains("IDLE_TIMEOUT");
    }

    @Test
    void aRestartedNodeTakesTheSamePortAndTheOldConnectionOfItsPeerFails() {
        List<PeerConnection> accepted = new ArrayList<>();
        TransportNode hub = ReactiveTransport.create()
                .runOn(network.host("hub"))
                .port(4433)
                .doOnConnection(accepted::add)
                .bindNow();
        connect(network, server, hub, "hub");
        Peers.End old = endOf(accepted.get(0));
        b.crash();
        network.advance(Duration.ofSeconds(5));
        b.restart();

        server = server(b);
        PeerConnection again = connect(network, server, hub, "hub");
        network.await(again.sendString(Mono.just("hello")), LIMIT);

        assertThat(server.localAddress().getPort()).isEqualTo(4433);
        assertThat(old.as(ConnectionLostException.class).reason())
                .isEqualTo(ConnectionLostException.Reason.PEER_RESTARTED);
        assertThat(accepted).hasSize(2);
    }

    @Test
    void aRestartOfAHostThatIsUpChangesNothing() {
        PeerConnection connection = connect(network, client, server, "b");
        a.suspend();
        a.restart();
        a.resume();

        assertEcho(network, connection);
    }

    @Test
    void aTimerOfANodeThatWasClosedDiesWithItsHost() {
        List<String> log = new ArrayList<>();
        RawSocket socket = RawSocket.bind(network, a, 1);
        socket.socket.scheduler().schedule(() -> log.add("ran"), 10, TimeUnit.SECONDS);
        socket.socket.close().subscribe();
        a.crash();

        network.advance(Duration.ofSeconds(20));

        assertThat(log).isEmpty();
    }

    @Test
    void aShortSleepIsSurvived() {
        PeerConnection connection = connect(network, client, server, "b");
        a.suspend();
        network.advance(Duration.ofSeconds(60));
        assertThat(network.statistics().dropped()).containsKey(DropCause.HOST_SUSPENDED);
        a.resume();

        assertEcho(network, connection);
    }

    /** The sleeper's clock has slept, too: it is its next packet, a probe, that tells it. */
    @Test
    void afterASleepBeyondTheIdleTimeoutBothSidesHaveEnded() {
        Peers.End end = endOf(connect(network, client, server, "b"));
        Timeline timeline = Timeline.of(network, 10_000);
        a.suspend();
        network.advance(IDLE_TIMEOUT.plusSeconds(60));
        assertThat(ended(timeline)).containsExactly("b");
        assertThat(end.isThere()).isFalse();

        a.resume();
        network.advance(Duration.ofSeconds(20));

        assertThat(end.as(ConnectionLostException.class).reason())
                .isEqualTo(ConnectionLostException.Reason.STATELESS_RESET);
        assertEcho(network, connect(network, client, server, "b"));
    }

    @Test
    void aClockThatIsSteppedDoesNotTouchRunningNodes() {
        PeerConnection connection = connect(network, client, server, "b");
        a.stepClock(Duration.ofDays(30));
        b.stepClock(Duration.ofDays(-30));

        network.advance(Duration.ofMinutes(10));

        assertEcho(network, connection);
    }

    @Test
    void aRestartWithAClockAheadConnectsAtOnce() {
        connect(network, client, server, "b");
        a.crash();
        a.stepClock(Duration.ofHours(1));
        a.restart();

        assertEcho(network, connect(network, client(a), server, "b"));
    }

    /** The replay protection knows the last timestamp of a peer while it has a connection with that peer. */
    @Test
    void aRestartWithTheClockAnHourBackIsRefusedAsAReplayUntilThePeerHasForgotten() {
        connect(network, client, server, "b");
        a.crash();
        a.stepClock(Duration.ofHours(-1));
        a.restart();
        TransportNode again = client(a);

        assertThatThrownBy(() -> connect(network, again, server, "b"))
                .isInstanceOfSatisfying(
                        ConnectionEstablishmentException.class,
                        e -> assertThat(e.reason()).isEqualTo(ConnectionEstablishmentException.Reason.TIMED_OUT));
        assertThat(network.await(server.statistics(), LIMIT).invalidInitiations())
                .isPositive();

        network.advance(IDLE_TIMEOUT);
        assertEcho(network, connect(network, again, server, "b"));
    }

    @Test
    void aHostWithoutNetworkIsSilentAndGoesOnWhenItHasOneAgain() {
        PeerConnection connection = connect(network, client, server, "b");
        a.setConnected(false);
        long arrived = network.statistics().arrived();
        network.advance(Duration.ofSeconds(60));
        assertThat(network.statistics().arrived()).isEqualTo(arrived);
        a.setConnected(true);

        assertEcho(network, connection);
    }

    @Test
    void aHostThatMovesIsReachedAtItsNewAddressOnly() throws Exception {
        RawSocket left = RawSocket.bind(network, a, 1);
        RawSocket right = RawSocket.bind(network, b, 2);
        left.send(right.address(), new byte[1]);
        network.advance(Duration.ofSeconds(1));
        InetAddress before = a.address();
        a.moveTo(InetAddress.getByName("203.0.113.9"));
        left.send(right.address(), new byte[1]);
        right.send(right.received.get(0).from(), new byte[1]);
        network.advance(Duration.ofSeconds(1));

        assertThat(right.received).extracting(it -> it.from().getAddress()).containsExactly(before, a.address());
        assertThat(left.received).isEmpty();
        assertThat(network.statistics().dropped()).containsEntry(DropCause.NO_ROUTE, 1L);
        assertThatThrownBy(() -> a.moveTo(b.address()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is the address of b already");
        a.moveTo(a.address());
        assertThat(a.address()).isEqualTo(InetAddress.getByName("203.0.113.9"));
    }

    @Test
    void aNodeWhoseInterfaceStallsStopsProducingAndDeliversAllOfItLater() {
        PeerConnection connection = connect(network, client, server, "b");
        a.stall();
        Mono<Void> sending = connection
                .sendString(Flux.range(0, 1_000).map(i -> "message " + i))
                .cache();
        sending.subscribe();
        network.advance(Duration.ofSeconds(20));
        long sent = network.statistics().sent();
        network.advance(Duration.ofSeconds(20));
        assertThat(network.statistics().sent()).as("the other side probes").isLessThan(sent + 100);

        a.unstall();
        network.await(sending, LIMIT);
        assertThat(connection.state()).isInstanceOf(ConnectionState.Established.class);
    }

    @Test
    void aNodeCanBeBoundFromWithinTheSimulation() {
        List<TransportNode> bound = new ArrayList<>();
        a.crash();
        a.restart();
        network.scheduler().schedule(() -> bound.add(server(a)), 1, TimeUnit.SECONDS);
        network.advance(Duration.ofSeconds(2));

        assertThat(bound).hasSize(1);
        assertEcho(network, connect(network, client(b), bound.get(0), "a"));
    }

    private static List<String> ended(Timeline timeline) {
        return timeline.events().stream()
                .filter(SimulationEvent.Ended.class::isInstance)
                .map(SimulationEvent::host)
                .toList();
    }
}
