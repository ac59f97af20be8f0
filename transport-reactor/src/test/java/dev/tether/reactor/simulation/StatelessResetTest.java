package dev.tether.reactor.simulation;

import static dev.tether.reactor.simulation.Peers.LIMIT;
import static dev.tether.reactor.simulation.Peers.assertEcho;
import static dev.tether.reactor.simulation.Peers.client;
import static dev.tether.reactor.simulation.Peers.connect;
import static dev.tether.reactor.simulation.Peers.endOf;
import static dev.tether.reactor.simulation.Peers.server;
import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.tether.core.ConnectionState;
import dev.tether.core.error.ConnectionLostException;
import dev.tether.core.noise.KeyPair;
import dev.tether.core.protection.StatelessResetTokens;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.core.wire.DataHeader;
import dev.tether.core.wire.DatagramType;
import dev.tether.core.wire.StatelessResetDatagram;
import dev.tether.core.wire.WireWriter;
import dev.tether.reactor.NodeStatistics;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** A node that has lost a connection tells its peer, and nobody else can. docs/PROTOCOL.md, section 7.1. */
class StatelessResetTest {

    private static final Duration ROUND_TRIP =
            SimulatedNetwork.DEFAULT_LINK.latency().multipliedBy(2);

    private final SimulatedNetwork network = SimulatedNetwork.create(103);
    private final SimulatedHost a = network.host("a");
    private final SimulatedHost b = network.host("b");
    private final List<SimulationEvent.Sent> sent = new ArrayList<>();
    private final TransportNode client = client(a);
    private final TransportNode server = server(b);

    StatelessResetTest() {
        network.onEvent(event -> {
            if (event instanceof SimulationEvent.Sent it) {
                sent.add(it);
            }
        });
    }

    @AfterEach
    void nothingThrowsAndNothingLeaks() {
        assertThat(network.failures()).isEmpty();
        assertThat(network.datagramBytes()).isZero();
    }

    @Test
    void theNextPacketToAPeerThatHasRestartedWithItsKeyEndsTheConnectionWithinTwoRoundTrips() {
        PeerConnection connection = connect(network, client, server, "b");
        Peers.End end = endOf(connection);
        List<Throwable> sendFailures = new ArrayList<>();
        TransportNode restarted = restart(Peers.identity("b"));

        connection.sendString(Mono.just("hello")).subscribe(nothing -> {}, sendFailures::add);
        network.advance(ROUND_TRIP.multipliedBy(2));

        assertThat(end.as(ConnectionLostException.class).reason())
                .isEqualTo(ConnectionLostException.Reason.STATELESS_RESET);
        assertThat(sendFailures)
                .singleElement(as(type(ConnectionLostException.class)))
                .satisfies(failure -> {
                    assertThat(failure.reason()).isEqualTo(ConnectionLostException.Reason.STATELESS_RESET);
                    assertThat(failure.firstUndelivered()).hasValue(0);
                });
        assertThat(statistics(restarted).statelessResets()).isEqualTo(1);
        assertThat(statistics(restarted).connections()).isZero();
        assertThat(statistics(client).connections()).isZero();
        assertEcho(network, connect(network, client, restarted, "b"));
    }

    @Test
    void aPeerThatHasRestartedIsFoundByTheNextKeepAlive() {
        Peers.End end = endOf(connect(network, client, server, "b"));
        restart(Peers.identity("b"));

        network.advance(Duration.ofSeconds(16));

        assertThat(end.as(ConnectionLostException.class).reason())
                .isEqualTo(ConnectionLostException.Reason.STATELESS_RESET);
    }

    @Test
    void theResetsOfAPeerWithAnotherKeyAreNotAccepted() {
        PeerConnection connection = connect(network, client, server, "b");
        Peers.End end = endOf(connection);
        TransportNode other = restart(Peers.identity("somebody else"));

        connection.sendString(Mono.just("hello")).subscribe(nothing -> {}, failure -> {});
        network.advance(Duration.ofSeconds(60));

        assertThat(end.isThere()).isFalse();
        assertThat(connection.state()).isInstanceOf(ConnectionState.Unresponsive.class);
        assertThat(statistics(other).statelessResets()).isPositive();
        assertThat(statistics(client).strayDatagrams())
                .isEqualTo(statistics(other).statelessResets());
        network.advance(Duration.ofSeconds(90));
        assertThat(end.as(ConnectionLostException.class).reason())
                .isEqualTo(ConnectionLostException.Reason.IDLE_TIMEOUT);
    }

    @Test
    void aForgedResetIsDroppedAndCounted() {
        PeerConnection connection = connect(network, client, server, "b");
        long id = serversId();
        SeededRandom random = new SeededRandom(1);
        byte[] guess = new byte[StatelessResetDatagram.TOKEN_LENGTH];
        for (int i = 0; i < 50; i++) {
            random.nextBytes(guess);
            a.inject(address("b", Peers.PORT), clientPort(), reset(id, guess));
        }
        byte[] right = new StatelessResetTokens(Peers.identity("b")).tokenOf(id);
        a.inject(address("b", Peers.PORT), clientPort(), reset(id + 1, right));
        a.inject(address("b", Peers.PORT + 1), clientPort(), reset(id, right));
        a.inject(address("a", Peers.PORT), clientPort(), reset(id, right));
        network.advance(Duration.ofSeconds(1));

        assertThat(statistics(client).strayDatagrams()).isEqualTo(53);
        assertEcho(network, connection);
    }

    @Test
    void aResetOfAnyOtherLengthIsDroppedAndCounted() {
        PeerConnection connection = connect(network, client, server, "b");
        byte[] right = reset(serversId(), new StatelessResetTokens(Peers.identity("b")).tokenOf(serversId()));
        int injected = 0;
        for (int length = 1; length < 1500; length += length < 100 ? 1 : 50) {
            if (length != right.length) {
                a.inject(address("b", Peers.PORT), clientPort(), Arrays.copyOf(right, length));
                injected++;
            }
        }
        network.advance(Duration.ofSeconds(1));

        assertThat(statistics(client).strayDatagrams()).isEqualTo(injected);
        assertEcho(network, connection);
        a.inject(address("b", Peers.PORT), clientPort(), right);
        network.advance(Duration.ofMillis(1));
        assertThat(statistics(client).connections()).as("after the right one").isZero();
    }

    @Test
    void aReplayedResetOfAnotherConnectionIsDroppedAndCounted() {
        PeerConnection first = connect(network, client, server, "b");
        TransportNode restarted = restart(Peers.identity("b"));
        first.sendString(Mono.just("hello")).subscribe(nothing -> {}, failure -> {});
        network.advance(ROUND_TRIP.multipliedBy(2));
        byte[] recorded = onlyReset().datagram();
        PeerConnection second = connect(network, client, restarted, "b");
        byte[] token = Arrays.copyOfRange(recorded, 9, 25);

        a.inject(address("b", Peers.PORT), clientPort(), recorded);
        a.inject(address("b", Peers.PORT), clientPort(), reset(serversId(), token));
        network.advance(Duration.ofSeconds(1));

        assertThat(statistics(client).strayDatagrams()).isEqualTo(2);
        assertEcho(network, second);
    }

    @Test
    void aDatagramFromAnUnknownAddressForAConnectionThatLivesGetsNoReset() {
        PeerConnection connection = connect(network, client, server, "b");
        RawSocket stranger = RawSocket.bind(network, network.host("c"), 1);
        stranger.send(address("b", Peers.PORT), data(serversId(), 60));
        network.advance(Duration.ofSeconds(1));

        assertThat(stranger.received).isEmpty();
        assertThat(statistics(server).statelessResets()).isZero();
        assertEcho(network, connection);
    }

    @Test
    void anUnknownPacketIsAnsweredByFewerBytesAndNothingElseIs() {
        RawSocket stranger = RawSocket.bind(network, network.host("c"), 1);
        for (int length : new int[] {1, 16, 17, 33}) {
            stranger.send(address("b", Peers.PORT), data(7, length));
        }
        stranger.send(address("b", Peers.PORT), reset(7, new byte[StatelessResetDatagram.TOKEN_LENGTH]));
        network.advance(Duration.ofSeconds(1));
        assertThat(stranger.received).isEmpty();

        stranger.send(address("b", Peers.PORT), data(7, 34));
        stranger.send(address("b", Peers.PORT), data(8, 1200));
        network.advance(Duration.ofSeconds(1));

        assertThat(stranger.received)
                .extracting(it -> StatelessResetDatagram.connectionId(it.bytes(), 0))
                .containsExactly(7L, 8L);
        assertThat(stranger.received)
                .allMatch(it -> StatelessResetDatagram.isWellFormed(it.bytes(), 0, it.bytes().length));
        assertThat(statistics(server).strayDatagrams()).isEqualTo(7);
        assertThat(statistics(server).statelessResets()).isEqualTo(2);
    }

    @Test
    void aFloodOfUnknownPacketsIsAnsweredAHundredTimesASecond() {
        RawSocket stranger = RawSocket.bind(network, network.host("c"), 1);
        for (int i = 0; i < 1000; i++) {
            stranger.send(address("b", Peers.PORT), data(i + 1, 60));
        }
        network.advance(Duration.ofMillis(500));
        int burst = stranger.received.size();
        assertThat(burst).isBetween(100, 150);
        assertThat(statistics(server).strayDatagrams()).isEqualTo(1000);
    }

    /** Neither end knows the connection that the other one would speak of: what comes back is dropped. */
    @Test
    void twoNodesThatKnowNothingOfEachOtherDoNotAnswerForEver() {
        sent.clear();
        b.inject(address("a", clientPort()), Peers.PORT, data(7, 60));
        network.advance(Duration.ofSeconds(10));

        assertThat(sent)
                .singleElement()
                .satisfies(reset -> assertThat(reset.datagram()).hasSize(25));
        assertThat(statistics(client).strayDatagrams()).isEqualTo(1);
        assertThat(statistics(client).statelessResets()).isZero();
    }

    private TransportNode restart(KeyPair key) {
        b.crash();
        b.restart();
        return ReactiveTransport.create()
                .runOn(b)
                .identity(key)
                .port(Peers.PORT)
                .handle(peer -> peer.send(peer.receive().retain()))
                .bindNow();
    }

    private NodeStatistics statistics(TransportNode node) {
        return Objects.requireNonNull(network.await(node.statistics(), LIMIT));
    }

    /** The connection id to which the client has sent last. */
    private long serversId() {
        return sent.stream()
                .filter(it -> it.host().equals("a") && it.datagram()[0] == DatagramType.DATA)
                .reduce((earlier, later) -> later)
                .map(it -> DataHeader.receiverConnectionId(it.datagram(), 0))
                .orElseThrow();
    }

    private SimulationEvent.Sent onlyReset() {
        List<SimulationEvent.Sent> resets = sent.stream()
                .filter(it -> it.datagram()[0] == DatagramType.STATELESS_RESET)
                .toList();
        assertThat(resets).hasSize(1);
        return resets.get(0);
    }

    private int clientPort() {
        return client.localAddress().getPort();
    }

    private InetSocketAddress address(String host, int port) {
        return new InetSocketAddress((host.equals("a") ? a : b).address(), port);
    }

    private static byte[] reset(long connectionId, byte[] token) {
        byte[] reset = new byte[StatelessResetDatagram.LENGTH];
        StatelessResetDatagram.write(new WireWriter().wrap(reset, 0, reset.length), connectionId, token);
        return reset;
    }

    /** A data packet that nobody can open, cut to a length. */
    private static byte[] data(long connectionId, int length) {
        byte[] packet = new byte[Math.max(length, DataHeader.LENGTH)];
        DataHeader.write(new WireWriter().wrap(packet, 0, packet.length), connectionId, 0);
        return Arrays.copyOf(packet, length);
    }
}
