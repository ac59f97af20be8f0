package dev.tether.reactor.simulation;

import static dev.tether.reactor.simulation.Peers.LIMIT;
import static dev.tether.reactor.simulation.Peers.assertEcho;
import static dev.tether.reactor.simulation.Peers.client;
import static dev.tether.reactor.simulation.Peers.connect;
import static dev.tether.reactor.simulation.Peers.server;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.ConnectionState;
import dev.tether.core.error.ChannelClosedException;
import dev.tether.core.error.ConnectionClosedException;
import dev.tether.core.error.OutboundOverflowException;
import dev.tether.core.error.TransportException;
import dev.tether.core.wire.DatagramType;
import dev.tether.reactor.NodeStatistics;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Each bounded queue, filled: docs/queues.md. */
class QueuesTest {

    private static final Duration BURST = Duration.ofMillis(50);

    private final SimulatedNetwork network = SimulatedNetwork.create(3);
    private final SimulatedHost a = network.host("a");
    private final SimulatedHost b = network.host("b");

    @AfterEach
    void nothingThrowsAndNothingLeaks() {
        assertThat(network.failures()).isEmpty();
        assertThat(network.datagramBytes()).isZero();
    }

    // Inbound

    @ParameterizedTest
    @ValueSource(ints = {1, 100})
    void aFullInboundQueueKeepsTheConnectionAndAllMessagesArrive(int places) {
        int messages = 4_000;
        List<Integer> received = new ArrayList<>();
        List<PeerConnection> accepted = new ArrayList<>();
        TransportNode receiver = ReactiveTransport.create()
                .runOn(new BurstyHost(b, BURST))
                .settings(settings -> settings.inboundQueue(places))
                .doOnConnection(peer -> {
                    accepted.add(peer);
                    peer.receive().map(ByteBuf::readInt).subscribe(received::add);
                })
                .bindNow();
        PeerConnection connection = connect(network, client(a), receiver, "b");

        network.await(connection.send(numbered(messages)), Duration.ofMinutes(5));
        network.advance(Duration.ofSeconds(1));

        assertThat(received).isEqualTo(Flux.range(0, messages).collectList().block());
        assertThat(connection.state()).isInstanceOf(ConnectionState.Established.class);
        assertThat(accepted.get(0).state()).isInstanceOf(ConnectionState.Established.class);
        long dropped = statistics(receiver).inboundDropped();
        assertThat(dropped).isPositive();
        assertThat(Objects.requireNonNull(network.await(accepted.get(0).statistics(), LIMIT))
                        .inboundDropped())
                .isEqualTo(dropped);

        network.await(connection.close(), LIMIT);
        network.advance(Duration.ofSeconds(1));
        assertThat(statistics(receiver).inboundDropped())
                .as("with the connections that have ended")
                .isGreaterThanOrEqualTo(dropped);
    }

    @Test
    void aFullInboundQueueOfAConnectionThatIsNotConfirmedKeepsTheAttempt() {
        TransportNode server = ReactiveTransport.create()
                .runOn(new BurstyHost(b, BURST))
                .handle(peer -> peer.send(peer.receive().retain()))
                .bindNow();
        TransportNode client = client(a);
        network.link(a, b).cutBack();
        AtomicReference<byte[]> response = new AtomicReference<>();
        network.onEvent(event -> {
            if (event instanceof SimulationEvent.Sent sent && sent.host().equals("b")) {
                response.set(sent.datagram());
            }
        });
        List<PeerConnection> connected = new ArrayList<>();
        client.connect(server.addressAs("b")).subscribe(connected::add);
        network.advance(Duration.ofMillis(100));
        assertThat(statistics(server).halfOpen()).isEqualTo(1);

        byte[] forged = ByteBuffer.allocate(100)
                .put((byte) DatagramType.DATA)
                .putLong(ByteBuffer.wrap(response.get()).getLong(1))
                .array();
        for (int i = 0; i < 300; i++) {
            b.inject(new InetSocketAddress(a.address(), client.localAddress().getPort()), port(server), forged);
        }
        network.advance(BURST.plusMillis(50));
        NodeStatistics filled = statistics(server);
        assertThat(filled.inboundDropped()).isBetween(100L, 200L);
        assertThat(filled.halfOpen()).isEqualTo(1);

        network.heal();
        network.advance(Duration.ofSeconds(2));
        assertThat(connected).hasSize(1);
        assertEcho(network, connected.get(0));
    }

    // Commands

    @ParameterizedTest
    @ValueSource(ints = {1, 100})
    void commandsBeyondTheLimitErrorAndTheOthersSucceed(int limit) {
        TransportNode client = ReactiveTransport.create()
                .runOn(a)
                .settings(settings -> settings.commandQueue(limit))
                .bindNow();
        PeerConnection connection = connect(network, client, server(b), "b");
        a.suspend();
        List<Throwable> failures = new ArrayList<>();
        int[] done = new int[1];

        for (int i = 0; i < limit; i++) {
            Mono<?> command = i % 3 == 0
                    ? connection.sendString(Mono.just("hello"))
                    : i % 3 == 1 ? connection.ping() : connection.statistics();
            command.subscribe(value -> {}, failures::add, () -> done[0]++);
        }
        assertThat(failures).isEmpty();
        connection.sendString(Mono.just("one more")).subscribe(nothing -> {}, failures::add);
        connection.ping().subscribe(roundTrip -> {}, failures::add);
        connection.statistics().subscribe(reading -> {}, failures::add);

        assertThat(failures)
                .hasSize(3)
                .allSatisfy(failure -> assertThat(failure)
                        .isInstanceOf(OutboundOverflowException.class)
                        .hasMessageContaining(String.valueOf(limit))
                        .hasMessageContaining("commandQueue"));
        a.resume();
        network.advance(Duration.ofSeconds(5));
        assertThat(done[0]).isEqualTo(limit);
        assertThat(statistics(client).commandsRefused()).isEqualTo(3);
        assertEcho(network, connection);
    }

    @Test
    void aRefusedSendSubscribesToNothingAndAFullQueueDoesNotKeepACloseFromHappening() {
        PeerConnection connection = connect(network, client(a), server(b), "b");
        a.suspend();
        for (int i = 0; i < 100; i++) {
            connection.ping().subscribe(roundTrip -> {}, failure -> {});
        }
        int[] subscriptions = new int[1];
        connection
                .sendString(Flux.<String>never().doOnSubscribe(it -> subscriptions[0]++))
                .subscribe(nothing -> {}, failure -> {});

        Mono<Void> closing = connection.close().cache();
        closing.subscribe();
        a.resume();
        network.await(closing, LIMIT);

        assertThat(subscriptions[0]).isZero();
    }

    @Test
    void commandsAfterACloseErrorWithItAndAfterTheNodesEndWithThat() {
        TransportNode client = client(a);
        PeerConnection closed = connect(network, client, server(b), "b");
        network.await(closed.close(5, "enough"), LIMIT);
        assertThat(failures(closed)).hasSize(2).allMatch(ConnectionClosedException.class::isInstance);

        PeerConnection disposed = connect(network, client, server(network.host("c")), "c");
        client.dispose();
        assertThat(failures(disposed)).hasSize(2).allMatch(ChannelClosedException.class::isInstance);
        assertThat(failures(closed)).as("it keeps its cause").allMatch(ConnectionClosedException.class::isInstance);

        PeerConnection crashed = connect(network, client(network.host("d")), server(network.host("e")), "e");
        network.host("d").crash();
        assertThat(failures(crashed))
                .as("the event loop is gone")
                .hasSize(2)
                .allMatch(ChannelClosedException.class::isInstance);
    }

    private List<Throwable> failures(PeerConnection connection) {
        List<Throwable> failures = new ArrayList<>();
        connection.sendString(Mono.just("late")).subscribe(nothing -> {}, failures::add);
        connection.ping().subscribe(roundTrip -> {}, failures::add);
        network.advance(Duration.ofMillis(1));
        return failures;
    }

    /** So nothing can be asked of one during its handshake. */
    @Test
    void aConnectionIsHandedOutOnceItIsEstablished() {
        List<ConnectionState> states = new ArrayList<>();
        TransportNode node = ReactiveTransport.create()
                .runOn(a)
                .doOnConnection(peer -> states.add(peer.state()))
                .bindNow();
        connect(network, node, server(b), "b");
        connect(network, client(b), node, "a");

        assertThat(states).hasSize(2).allMatch(ConnectionState.Established.class::isInstance);
    }

    // Outbound

    @Test
    void aFullOutboundQueueMakesConnectionsHoldBackAndEverythingArrives() {
        fillOutbound(40, 64);
    }

    @Test
    void aFullOutboundQueueOfTheDefaultSizeMakesConnectionsHoldBackAndEverythingArrives() {
        fillOutbound(1_100, 10_000);
    }

    private void fillOutbound(int peers, int limit) {
        List<PeerConnection> connections = new ArrayList<>();
        TransportNode hub = ReactiveTransport.create()
                .runOn(a)
                .port(Peers.PORT)
                .settings(settings -> settings.outboundQueue(limit).idleTimeout(Duration.ofMinutes(5)))
                .doOnConnection(connections::add)
                .bindNow();
        int[] received = new int[1];
        for (int i = 0; i < peers; i++) {
            ReactiveTransport.create()
                    .runOn(b)
                    .settings(settings -> settings.idleTimeout(Duration.ofMinutes(5)))
                    .doOnConnection(peer -> peer.receive().subscribe(message -> received[0]++))
                    .bindNow()
                    .connect(hub.addressAs("a"))
                    .subscribe();
        }
        network.advance(Duration.ofSeconds(5));
        assertThat(connections).hasSize(peers);
        a.stall();
        long before = statistics(hub).datagramsSent();
        int[] sent = new int[1];
        List<Throwable> failures = new ArrayList<>();

        connections.forEach(
                connection -> connection.send(numbered(20)).subscribe(nothing -> {}, failures::add, () -> sent[0]++));
        network.advance(Duration.ofMillis(100));
        long produced = packetsSent(connections);
        network.advance(Duration.ofSeconds(10));
        NodeStatistics full = statistics(hub);
        assertThat(packetsSent(connections))
                .as("produced while the queue is full")
                .isEqualTo(produced);
        assertThat(full.datagramsSent()).isEqualTo(before);
        assertThat(received[0]).isZero();

        a.unstall();
        network.advance(Duration.ofMinutes(1));
        assertThat(failures).isEmpty();
        assertThat(sent[0]).isEqualTo(peers);
        assertThat(received[0]).isEqualTo(20 * peers);
        assertThat(statistics(hub).datagramsSent() - before).isGreaterThanOrEqualTo(limit - 64);
        assertThat(connections).allMatch(it -> it.state() instanceof ConnectionState.Established);
    }

    @Test
    void whatTheOutboundQueueDoesNotTakeIsCounted() {
        TransportNode client = ReactiveTransport.create()
                .runOn(a)
                .settings(settings -> settings.outboundQueue(64))
                .bindNow();
        PeerConnection connection = connect(network, client, server(b), "b");
        // Opens the congestion window, so that runs of many datagrams come to be.
        network.await(connection.send(numbered(300)), LIMIT);
        a.stall();
        Mono<Void> sending = connection.send(numbered(300)).cache();
        sending.subscribe();
        network.advance(Duration.ofSeconds(1));
        assertThat(statistics(client).outboundDropped()).isPositive();

        a.unstall();
        network.await(sending, LIMIT);
    }

    @Test
    void anOutboundQueueThatStallsUntilTheEndIsCountedAndItsSendsErrorTyped() {
        TransportNode client = client(a);
        PeerConnection connection = connect(network, client, server(b), "b");
        a.stall();
        List<Throwable> failures = new ArrayList<>();
        connection.send(numbered(100)).subscribe(nothing -> {}, failures::add);
        network.advance(Duration.ofSeconds(1));

        client.dispose();
        network.advance(Duration.ofSeconds(1));

        assertThat(failures).singleElement().isInstanceOf(TransportException.class);
        assertThat(failures.get(0)).isInstanceOf(ChannelClosedException.class);
        assertThat(statistics(client).outboundDropped()).isPositive();
    }

    private long packetsSent(List<PeerConnection> connections) {
        return Objects.requireNonNull(network.await(
                Flux.fromIterable(connections)
                        .flatMap(PeerConnection::statistics, Integer.MAX_VALUE)
                        .reduce(0L, (sum, reading) -> sum + reading.packetsSent()),
                LIMIT));
    }

    private NodeStatistics statistics(TransportNode node) {
        return Objects.requireNonNull(network.await(node.statistics(), LIMIT));
    }

    private static int port(TransportNode node) {
        return node.localAddress().getPort();
    }

    private static Flux<ByteBuf> numbered(int count) {
        return Flux.range(0, count).map(i -> Unpooled.buffer(1_000).writeInt(i).writeZero(996));
    }
}
