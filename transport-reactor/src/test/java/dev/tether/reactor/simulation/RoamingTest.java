package dev.tether.reactor.simulation;

import static dev.tether.reactor.simulation.Peers.assertEcho;
import static dev.tether.reactor.simulation.Peers.endOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.ConnectionState;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.core.simulation.NatSettings;
import dev.tether.core.wire.DataHeader;
import dev.tether.core.wire.DatagramType;
import dev.tether.core.wire.WireWriter;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.PeerStream;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;

/** Connections whose peers change their addresses. docs/PROTOCOL.md, section 12. */
class RoamingTest {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final int CHUNK = 10_000;

    private final SimulatedNetwork network = SimulatedNetwork.create(12);
    private final SimulatedHost s = network.host("s");
    private final List<PeerConnection> accepted = new ArrayList<>();
    private final TransportNode server = ReactiveTransport.create()
            .runOn(s)
            .identity(Peers.identity("s"))
            .port(Peers.PORT)
            .doOnConnection(accepted::add)
            .bindNow();

    @AfterEach
    void nothingThrowsAndNothingLeaks() {
        assertThat(network.failures()).isEmpty();
        assertThat(network.datagramBytes()).isZero();
    }

    static Stream<NatSettings> kinds() {
        return Stream.of(
                NatSettings.FULL_CONE,
                NatSettings.ADDRESS_RESTRICTED,
                NatSettings.PORT_RESTRICTED,
                NatSettings.SYMMETRIC);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aPeerWhoseNatHasForgottenItIsFoundAtItsNewAddressWithTheNextPacket(NatSettings kind) {
        SimulatedNat nat = network.nat("nat", kind);
        PeerConnection connection = connect(nat.host("a"));
        PeerConnection atServer = echo();
        List<ConnectionState> states = new ArrayList<>();
        atServer.states().subscribe(states::add);
        InetSocketAddress before = atServer.remoteAddress();

        nat.rebind();
        assertEcho(network, connection);

        assertThat(atServer.remoteAddress().getAddress()).isEqualTo(before.getAddress());
        assertThat(atServer.remoteAddress()).isNotEqualTo(before);
        assertThat(states)
                .containsExactly(
                        new ConnectionState.Established(before),
                        new ConnectionState.Established(atServer.remoteAddress()));
        assertThat(accepted).hasSize(1);
        assertThat(server.statistics().block().strayDatagrams()).isZero();
    }

    /** The response goes to a mapping that is gone, and what the client sends again comes from another port. */
    @ParameterizedTest
    @MethodSource("kinds")
    void aNatThatForgetsDuringTheHandshakeDoesNotPreventIt(NatSettings kind) {
        network.changeDefaultLink(LinkSettings.PERFECT.latency(Duration.ofMillis(300)));
        SimulatedNat nat = network.nat("nat", kind);
        TransportNode client = Peers.client(nat.host("a"));
        List<PeerConnection> connected = new ArrayList<>();
        client.connect(server.addressAs("s")).subscribe(connected::add);
        network.advance(Duration.ofMillis(400));
        nat.rebind();
        network.advance(Duration.ofSeconds(3));

        assertThat(connected).hasSize(1);
        echo();
        assertEcho(network, connected.get(0));
        assertThat(connected.get(0).ownAddress()).hasValue(accepted.get(0).remoteAddress());
    }

    @Test
    void aHostThatMovesToAnotherNetworkIsFoundThere() throws Exception {
        SimulatedHost a = network.host("a");
        PeerConnection connection = connect(a);
        PeerConnection atServer = echo();
        Peers.End end = endOf(connection);

        a.moveTo(InetAddress.getByName("203.0.113.7"));
        assertEcho(network, connection);

        assertThat(atServer.remoteAddress().getAddress()).isEqualTo(InetAddress.getByName("203.0.113.7"));
        assertThat(end.isThere()).isFalse();
    }

    /** The peer that dials may move, and so may the one that was dialed. */
    @Test
    void aServerThatMovesIsFoundByItsNextPacket() throws Exception {
        PeerConnection connection = connect(network.host("a"));
        PeerConnection atServer = accepted.get(0);
        List<String> received = new ArrayList<>();
        connection.receive().asString().subscribe(received::add);

        s.moveTo(InetAddress.getByName("203.0.113.9"));
        network.await(atServer.sendString(Flux.just("I am here now")), Peers.LIMIT);

        assertThat(received).containsExactly("I am here now");
        assertThat(connection.remoteAddress())
                .isEqualTo(new InetSocketAddress(InetAddress.getByName("203.0.113.9"), Peers.PORT));
    }

    /** A round trip to find the peer, and a half. */
    @Test
    void whatWentToTheFormerAddressIsInTheFirstPacketToTheNewOne() {
        network.changeDefaultLink(LinkSettings.PERFECT.latency(Duration.ofMillis(100)));
        SimulatedNat nat = network.nat("nat", NatSettings.PORT_RESTRICTED);
        PeerConnection connection = connect(nat.host("a"));
        List<String> received = new ArrayList<>();
        connection.receive().asString().subscribe(received::add);
        nat.rebind();
        accepted.get(0).sendString(Flux.just("hello")).subscribe();
        network.advance(Duration.ofMillis(150));

        connection.ping().subscribe();
        network.advance(Duration.ofMillis(399));
        assertThat(received).isEmpty();
        network.advance(Duration.ofMillis(2));

        assertThat(received).containsExactly("hello");
    }

    static Stream<Arguments> transfers() {
        return kinds().flatMap(kind -> Stream.of(Arguments.of(kind, true), Arguments.of(kind, false)));
    }

    @ParameterizedTest
    @MethodSource("transfers")
    void aTransferGoesOnWhileTheNatForgetsEveryFiveSeconds(NatSettings kind, boolean up) {
        network.changeDefaultLink(LinkSettings.PERFECT
                .latency(Duration.ofMillis(50))
                .bytesPerSecond(500_000)
                .loss(0.001));
        SimulatedNat nat = network.nat("nat", kind);
        PeerConnection connection = connect(nat.host("a"));
        Peers.End end = endOf(connection);
        Peers.End endAtServer = endOf(accepted.get(0));
        PeerConnection from = up ? connection : accepted.get(0);
        PeerConnection to = up ? accepted.get(0) : connection;
        Received received = new Received();
        to.streams().flatMap(PeerStream::receive).subscribe(received::add, received::failed);
        int chunks = 1_000;
        List<String> sent = new ArrayList<>();
        Objects.requireNonNull(network.await(from.openUniStream(), Peers.LIMIT))
                .send(Flux.range(0, chunks).map(RoamingTest::chunk))
                .subscribe(nothing -> {}, failure -> sent.add(failure.toString()), () -> sent.add("all"));

        int rebinds = 0;
        for (int i = 0; i < 40 && sent.isEmpty(); i++) {
            network.advance(Duration.ofSeconds(5));
            nat.rebind();
            rebinds++;
        }

        assertThat(sent).containsExactly("all");
        assertThat(rebinds).as("rebinds").isBetween(3, 20);
        assertThat(received.failure).isNull();
        assertThat(received.bytes).isEqualTo((long) chunks * CHUNK);
        assertThat(received.wrong).isZero();
        assertThat(end.isThere()).isFalse();
        assertThat(endAtServer.isThere()).isFalse();
    }

    /** Nothing that the server sends reaches it any more, and it has nothing to send itself. */
    @ParameterizedTest
    @MethodSource("kinds")
    void aPeerThatOnlyReceivesIsFoundWithinTwoSeconds(NatSettings kind) {
        network.changeDefaultLink(
                LinkSettings.PERFECT.latency(Duration.ofMillis(50)).bytesPerSecond(500_000));
        SimulatedNat nat = network.nat("nat", kind);
        PeerConnection connection = connect(nat.host("a"));
        Received received = new Received();
        connection.streams().flatMap(PeerStream::receive).subscribe(received::add, received::failed);
        Objects.requireNonNull(network.await(accepted.get(0).openUniStream(), Peers.LIMIT))
                .send(Flux.range(0, 1_000).map(RoamingTest::chunk))
                .subscribe();
        network.advance(Duration.ofSeconds(3));
        InetSocketAddress before = accepted.get(0).remoteAddress();

        nat.rebind();
        network.advance(Duration.ofMillis(100));
        long soFar = received.bytes;
        network.advance(Duration.ofMillis(1_900));

        assertThat(accepted.get(0).remoteAddress()).isNotEqualTo(before);
        assertThat(received.bytes).isGreaterThan(soFar);
        connection.close().subscribe();
        network.advance(SECOND);
    }

    @Test
    void eachSideLearnsWhereItIsSeen() {
        SimulatedNat nat = network.nat("nat", NatSettings.PORT_RESTRICTED);
        PeerConnection connection = connect(nat.host("a"));
        PeerConnection atServer = echo();
        assertThat(connection.ownAddress()).hasValue(atServer.remoteAddress());
        assertThat(atServer.ownAddress()).isEmpty();

        nat.rebind();
        assertEcho(network, connection);

        assertThat(connection.ownAddress()).hasValue(atServer.remoteAddress());
    }

    /** At first the NAT forgets the mapping between any two keep-alives; then they come more often. */
    @ParameterizedTest
    @MethodSource("kinds")
    void keepAlivesComeAsOftenAsTheNatDemands(NatSettings kind) {
        SimulatedNat nat = network.nat("nat", kind.mappingTimeout(Duration.ofSeconds(2)));
        PeerConnection connection = connect(nat.host("a"));
        List<String> received = new ArrayList<>();
        connection.receive().asString().subscribe(received::add);
        network.advance(Duration.ofMinutes(5));

        for (int i = 0; i < 50; i++) {
            network.advance(Duration.ofMillis(13_370));
            String message = "message " + i;
            accepted.get(0).sendString(Flux.just(message)).subscribe();
            network.advance(Duration.ofMillis(100));
            assertThat(received).last().isEqualTo(message);
        }
        assertThat(nat.mappings()).isEqualTo(1);
    }

    /** The network is away for longer than the probe timeout has grown to. */
    @Test
    void aConnectionGoesOnWithinTwoSecondsAfterTheNetworkIsBack() {
        SimulatedNat nat = network.nat("nat", NatSettings.PORT_RESTRICTED);
        SimulatedHost a = nat.host("a");
        PeerConnection connection = connect(a);
        echo();
        List<String> received = new ArrayList<>();
        connection.receive().asString().subscribe(received::add);
        a.setConnected(false);
        connection.sendString(Flux.just("are you there?")).subscribe();
        network.advance(Duration.ofSeconds(60));
        assertThat(connection.state()).isInstanceOf(ConnectionState.Unresponsive.class);

        nat.rebind();
        a.setConnected(true);
        network.advance(Duration.ofSeconds(2));

        assertThat(connection.state()).isInstanceOf(ConnectionState.Established.class);
        assertThat(received).containsExactly("are you there?");
    }

    /** RFC 9000 §9.3.3: whose copies are the faster ones. */
    @Test
    void whoForwardsCopiesFromElsewhereDoesNotKeepTheConnection() {
        SimulatedHost a = network.host("a");
        SimulatedHost m = network.host("m");
        InetSocketAddress stranger = new InetSocketAddress(m.address(), 9);
        PeerConnection connection = connect(a);
        PeerConnection atServer = echo();
        InetSocketAddress own = atServer.remoteAddress();
        List<byte[]> toStranger = new ArrayList<>();
        long[] copied = new long[1];
        network.onEvent(event -> {
            if (event instanceof SimulationEvent.Sent it && it.host().equals("a")) {
                copied[0] += it.datagram().length;
                s.inject(stranger, Peers.PORT, it.datagram());
            } else if (event instanceof SimulationEvent.Sent it && it.to().equals(stranger)) {
                toStranger.add(it.datagram());
            }
        });

        for (int i = 0; i < 10; i++) {
            assertEcho(network, connection);
            assertThat(atServer.remoteAddress()).isEqualTo(own);
        }
        assertThat(toStranger).isNotEmpty();
        assertThat(toStranger.stream().mapToLong(it -> it.length).sum()).isLessThanOrEqualTo(3 * copied[0]);
    }

    @Test
    void whatOnlyNamesTheConnectionDoesNotMoveItAndIsNotAnswered() {
        List<SimulationEvent.Sent> sent = new ArrayList<>();
        network.onEvent(event -> {
            if (event instanceof SimulationEvent.Sent it) {
                sent.add(it);
            }
        });
        PeerConnection connection = connect(network.host("a"));
        PeerConnection atServer = echo();
        InetSocketAddress own = atServer.remoteAddress();
        long id = sent.stream()
                .filter(it -> it.host().equals("a") && it.datagram()[0] == DatagramType.DATA)
                .map(it -> DataHeader.receiverConnectionId(it.datagram(), 0))
                .findFirst()
                .orElseThrow();
        RawSocket stranger = RawSocket.bind(network, network.host("m"), 9);
        for (int i = 0; i < 50; i++) {
            byte[] forged = new byte[100];
            DataHeader.write(new WireWriter().wrap(forged, 0, forged.length), id, 1_000 + i);
            stranger.send(new InetSocketAddress(s.address(), Peers.PORT), forged);
        }
        network.advance(SECOND);

        assertThat(stranger.received).isEmpty();
        assertThat(atServer.remoteAddress()).isEqualTo(own);
        assertEcho(network, connection);
    }

    private PeerConnection connect(SimulatedHost host) {
        return Peers.connect(network, Peers.client(host), server, "s");
    }

    /** The server's end of the connection, which echoes from now on. */
    private PeerConnection echo() {
        PeerConnection atServer = accepted.get(0);
        atServer.send(atServer.receive().retain()).subscribe(nothing -> {}, failure -> {});
        return atServer;
    }

    private static ByteBuf chunk(int number) {
        ByteBuf chunk = Unpooled.buffer(CHUNK);
        for (int i = 0; i < CHUNK; i++) {
            chunk.writeByte(number + i);
        }
        return chunk;
    }

    private static final class Received {

        private long bytes;
        private long wrong;
        private @Nullable Throwable failure;

        private void add(ByteBuf chunk) {
            while (chunk.isReadable()) {
                int expected = (int) (bytes / CHUNK + bytes % CHUNK) & 0xff;
                wrong += chunk.readUnsignedByte() == expected ? 0 : 1;
                bytes++;
            }
        }

        private void failed(Throwable failure) {
            this.failure = failure;
        }
    }
}
