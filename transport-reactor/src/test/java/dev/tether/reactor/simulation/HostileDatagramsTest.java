package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.ConnectionState;
import dev.tether.core.protection.HandshakeMac;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.core.wire.DataHeader;
import dev.tether.core.wire.DatagramType;
import dev.tether.core.wire.InitiationDatagram;
import dev.tether.core.wire.ResponseDatagram;
import dev.tether.core.wire.WireWriter;
import dev.tether.reactor.ConnectionStatistics;
import dev.tether.reactor.NodeStatistics;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.TransportNode;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What somebody can send who can forge any source address, sees everything, and has no key. */
class HostileDatagramsTest {

    private static final int SEEDS = 50;
    private static final int MAX_GARBAGE = 1500;
    private static final int[] LARGE = {1501, 2048, 4096, 9000, 32_768, 65_507};

    @Test
    void garbageOfEveryLengthLosesNothingAndEachDatagramIsCountedOnce() {
        for (long seed = 0; seed < SEEDS; seed++) {
            TwoPeers peers = TwoPeers.inCalm(seed);
            Wiretap wiretap = new Wiretap(peers);
            PeerConnection connection = peers.connect(peers.a, peers.b);
            TwoPeers.Side victim = peers.side(peers.random.chance(0.5));
            Traffic traffic =
                    Traffic.start(peers.network, connection, peers.b.lastPublished(), 40, Duration.ofMillis(100));
            long countedBefore = countedDrops(peers, victim);

            List<byte[]> garbage = garbage(peers.random, wiretap.idAt(victim));
            attack(peers, victim, garbage, Duration.ofSeconds(4));
            peers.network.advance(Duration.ofSeconds(10));

            traffic.assertAllDelivered("under garbage");
            assertThat(countedDrops(peers, victim) - countedBefore)
                    .as("counted datagrams, seed %d", seed)
                    .isEqualTo(garbage.size());
            assertUntouched(peers, connection);
            peers.closeAndAssertNothingIsLeft(connection, "after garbage");
        }
    }

    @Test
    void forgedPacketsAndHandshakesLoseNothingAndEachDatagramIsCountedOnce() {
        for (long seed = 0; seed < SEEDS; seed++) {
            TwoPeers peers = TwoPeers.inCalm(seed);
            Wiretap wiretap = new Wiretap(peers);
            PeerConnection connection = peers.connect(peers.a, peers.b);
            TwoPeers.Side victim = peers.side(peers.random.chance(0.5));
            Traffic traffic =
                    Traffic.start(peers.network, connection, peers.b.lastPublished(), 40, Duration.ofMillis(100));
            long countedBefore = countedDrops(peers, victim);

            List<byte[]> forgeries = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                forgeries.add(packetWithWrongTag(peers.random, wiretap.idAt(victim)));
                forgeries.add(forgedInitiation(peers.random, victim));
                forgeries.add(forgedResponse(peers.random, victim, wiretap.idAt(victim)));
            }
            attack(peers, victim, forgeries, Duration.ofSeconds(4));
            peers.network.advance(Duration.ofSeconds(10));

            traffic.assertAllDelivered("under forgeries");
            assertThat(countedDrops(peers, victim) - countedBefore)
                    .as("counted datagrams, seed %d", seed)
                    .isEqualTo(forgeries.size());
            assertUntouched(peers, connection);
            peers.closeAndAssertNothingIsLeft(connection, "after forgeries");
        }
    }

    @Test
    void whatIsForgedMovesNoTimer() {
        for (long seed = 0; seed < SEEDS; seed++) {
            assertThat(idleOut(seed, true))
                    .as("when both sides idle out, with garbage and without, seed %d", seed)
                    .isEqualTo(idleOut(seed, false));
        }
    }

    /** When both sides of a silent connection have ended. */
    private static List<Duration> idleOut(long seed, boolean underAttack) {
        TwoPeers peers = TwoPeers.inCalm(seed);
        Wiretap wiretap = new Wiretap(peers);
        peers.connect(peers.a, peers.b);
        peers.network.partition(List.of(peers.a.host), List.of(peers.b.host));
        if (underAttack) {
            SeededRandom attacker = peers.random.split("attacker");
            for (TwoPeers.Side victim : List.of(peers.a, peers.b)) {
                List<byte[]> datagrams = garbage(attacker, wiretap.idAt(victim));
                for (int i = 0; i < 50; i++) {
                    datagrams.add(packetWithWrongTag(attacker, wiretap.idAt(victim)));
                    datagrams.add(forgedInitiation(attacker, victim));
                    datagrams.add(forgedResponse(attacker, victim, wiretap.idAt(victim)));
                }
                datagrams.addAll(wiretap.packetsTo(victim));
                attack(peers, victim, datagrams, TwoPeers.IDLE_TIMEOUT);
            }
        }
        peers.network.advance(TwoPeers.IDLE_TIMEOUT.plusSeconds(1));
        assertThat(peers.ends(peers.a)).as("ends at a, seed %d", seed).hasSize(1);
        assertThat(peers.ends(peers.b)).as("ends at b, seed %d", seed).hasSize(1);
        peers.assertNothingIsLeft("after the attack");
        return List.of(
                peers.ends(peers.a).get(0).at(), peers.ends(peers.b).get(0).at());
    }

    @Test
    void forgedResponsesLeaveAnAttemptAsItWas() {
        for (long seed = 0; seed < SEEDS; seed++) {
            TwoPeers peers = TwoPeers.inCalm(seed);
            int latencyMs = peers.random.nextInt(1, 150);
            peers.network.changeDefaultLink(LinkSettings.PERFECT.latency(Duration.ofMillis(latencyMs)));
            Wiretap wiretap = new Wiretap(peers);
            Duration dialedAt = peers.network.elapsed();
            for (int i = 0; i < 20; i++) {
                peers.after(
                        Duration.ofMillis(peers.random.nextInt(0, 2 * latencyMs - 1))
                                .plusNanos(1),
                        () -> attack(
                                peers,
                                peers.a,
                                List.of(forgedResponse(peers.random, peers.a, wiretap.initiatorId)),
                                Duration.ZERO));
            }
            PeerConnection connection = Objects.requireNonNull(
                    peers.network.await(peers.a.node().connect(peers.b.node().addressAs("b")), Peers.LIMIT));

            assertThat(peers.network.elapsed().minus(dialedAt))
                    .as("seed %d", seed)
                    .isEqualTo(Duration.ofMillis(2 * latencyMs));
            peers.network.advance(Duration.ofSeconds(1));
            assertThat(Objects.requireNonNull(peers.network.await(connection.statistics(), Peers.LIMIT))
                            .unauthenticated())
                    .as("seed %d", seed)
                    .isEqualTo(20);
            assertUntouched(peers, connection);
            peers.closeAndAssertNothingIsLeft(connection, "after forgeries");
        }
    }

    /** An attacker with a key of its own can have it answered; to confirm it, it would have to be there. */
    @Test
    void anInitiationOfAStrangerWithThePeersAddressEndsNothing() {
        for (long seed = 0; seed < SEEDS; seed++) {
            TwoPeers peers = TwoPeers.inCalm(seed);
            PeerConnection connection = peers.connect(peers.a, peers.b);
            TwoPeers.Side victim = peers.side(peers.random.chance(0.5));
            TwoPeers.Side impersonated = peers.otherThan(victim);
            byte[] initiation = initiationOfAStranger(peers, victim);
            Traffic traffic =
                    Traffic.start(peers.network, connection, peers.b.lastPublished(), 40, Duration.ofMillis(100));
            for (int i = 0; i < 10; i++) {
                peers.after(
                        peers.upToMillis(4_000),
                        () -> victim.host.inject(impersonated.address(), Peers.PORT, initiation));
            }
            peers.network.advance(Duration.ofSeconds(6));
            assertThat(peers.statistics(victim).halfOpen()).as("seed %d", seed).isEqualTo(1);
            peers.network.advance(TwoPeers.HANDSHAKE_TIMEOUT);

            traffic.assertAllDelivered("under a stranger's initiations");
            assertUntouched(peers, connection);
            peers.closeAndAssertNothingIsLeft(connection, "after the stranger");
        }
    }

    private static byte[] initiationOfAStranger(TwoPeers peers, TwoPeers.Side victim) {
        SimulatedHost host = peers.network.host("stranger");
        peers.network.partition(List.of(host), List.of(victim.host));
        List<byte[]> sent = new ArrayList<>();
        peers.network.onEvent(event -> {
            if (event instanceof SimulationEvent.Sent it && it.host().equals("stranger")) {
                sent.add(it.datagram());
            }
        });
        TransportNode stranger = Peers.client(host);
        stranger.connect(victim.node().addressAs(victim.host.name())).subscribe(connection -> {}, failure -> {});
        peers.network.advance(Duration.ofMillis(1));
        stranger.dispose();
        return sent.get(0);
    }

    // What is sent

    /** One of every length, some of them with the beginning of a real datagram. */
    private static List<byte[]> garbage(SeededRandom random, long id) {
        List<byte[]> garbage = new ArrayList<>();
        for (int length = 0; length <= MAX_GARBAGE; length++) {
            garbage.add(garbage(random, id, length));
        }
        for (int length : LARGE) {
            garbage.add(garbage(random, id, length));
        }
        return garbage;
    }

    private static byte[] garbage(SeededRandom random, long id, int length) {
        byte[] datagram = new byte[length];
        random.nextBytes(datagram);
        if (length > 0 && random.chance(0.8)) {
            datagram[0] = (byte) random.nextInt(0, 6);
            int idOffset = datagram[0] == DatagramType.RESPONSE ? 1 + Long.BYTES : 1;
            if (length >= idOffset + Long.BYTES && random.chance(0.7)) {
                ByteBuffer.wrap(datagram).putLong(idOffset, id);
            }
        }
        return datagram;
    }

    private static byte[] packetWithWrongTag(SeededRandom random, long id) {
        byte[] packet = new byte[random.nextInt(DataHeader.MIN_DATAGRAM_LENGTH, 1200)];
        random.nextBytes(packet);
        DataHeader.write(new WireWriter().wrap(packet, 0, packet.length), id, random.nextInt(0, 200));
        return packet;
    }

    /** Its mac1 is right, as anybody can compute it who knows the key of the victim. */
    private static byte[] forgedInitiation(SeededRandom random, TwoPeers.Side victim) {
        byte[] initiation = new byte[InitiationDatagram.MIN_LENGTH];
        random.nextBytes(initiation);
        InitiationDatagram.writeHeader(new WireWriter().wrap(initiation, 0, initiation.length), random.nextLong());
        new HandshakeMac(victim.node().identity()).write(initiation, 0, initiation.length, null);
        return initiation;
    }

    private static byte[] forgedResponse(SeededRandom random, TwoPeers.Side victim, long id) {
        byte[] response = new byte[random.nextInt(ResponseDatagram.MIN_LENGTH, 300)];
        random.nextBytes(response);
        ResponseDatagram.writeHeader(new WireWriter().wrap(response, 0, response.length), random.nextLong(), id);
        new HandshakeMac(victim.node().identity()).write(response, 0, response.length, null);
        return response;
    }

    /** Sends them to {@code victim} with the address of its peer, spread over a time. */
    private static void attack(TwoPeers peers, TwoPeers.Side victim, List<byte[]> datagrams, Duration during) {
        TwoPeers.Side impersonated = peers.otherThan(victim);
        SeededRandom random = peers.random.split("when");
        for (byte[] datagram : datagrams) {
            peers.after(
                    Duration.ofNanos((long) (random.nextDouble() * during.toNanos())),
                    () -> victim.host.inject(impersonated.address(), Peers.PORT, datagram));
        }
    }

    // What it does

    /** Everything that the node and its connection count of datagrams that they have dropped. */
    private static long countedDrops(TwoPeers peers, TwoPeers.Side victim) {
        NodeStatistics node = peers.statistics(victim);
        ConnectionStatistics connection = Objects.requireNonNull(
                peers.network.await(victim.lastPublished().statistics(), Peers.LIMIT));
        return node.strayDatagrams()
                + node.invalidInitiations()
                + connection.unauthenticated()
                + connection.duplicates()
                + connection.inboundDropped();
    }

    private static void assertUntouched(TwoPeers peers, PeerConnection connection) {
        assertThat(connection.state()).as("seed %d", peers.seed).isInstanceOf(ConnectionState.Established.class);
        assertThat(peers.a.published).as("published by a, seed %d", peers.seed).hasSize(1);
        assertThat(peers.b.published).as("published by b, seed %d", peers.seed).hasSize(1);
        peers.assertOneConnection("untouched");
    }

    /** Sees all that is sent: the connection ids are in the clear. */
    private static final class Wiretap {

        private final TwoPeers peers;
        private final List<SimulationEvent.Sent> packets = new ArrayList<>();
        private long initiatorId;

        Wiretap(TwoPeers peers) {
            this.peers = peers;
            peers.network.onEvent(event -> {
                if (!(event instanceof SimulationEvent.Sent sent)) {
                    return;
                }
                if (sent.datagram()[0] == DatagramType.DATA) {
                    packets.add(sent);
                } else if (sent.datagram()[0] == DatagramType.INITIATION) {
                    initiatorId = InitiationDatagram.senderConnectionId(sent.datagram(), 0);
                }
            });
        }

        /** The id of the connection at {@code side}. */
        long idAt(TwoPeers.Side side) {
            return DataHeader.receiverConnectionId(packetsTo(side).get(0), 0);
        }

        /** Recorded ones; what is sent to a side was delivered there. */
        List<byte[]> packetsTo(TwoPeers.Side side) {
            return packets.stream()
                    .filter(packet -> packet.to().equals(side.address())
                            && packet.from().equals(peers.otherThan(side).address()))
                    .map(SimulationEvent.Sent::datagram)
                    .toList();
        }
    }
}
