package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.ConnectionState;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.core.wire.DatagramType;
import dev.tether.reactor.PeerConnection;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Initiations that come again: copies by the network, and replays by somebody who has recorded them. */
class DuplicateInitiationsTest {

    private static final int SEEDS = 50;
    private static final InetSocketAddress ELSEWHERE = new InetSocketAddress("203.0.113.77", 7777);

    @Test
    void copiesOfItsInitiationLeaveAnEstablishedConnectionUntouched() {
        for (long seed = 0; seed < SEEDS; seed++) {
            TwoPeers peers = TwoPeers.inCalm(seed);
            peers.network.changeDefaultLink(LinkSettings.PERFECT
                    .latency(peers.upToMillis(150))
                    .loss(0.1 * peers.random.nextDouble())
                    .duplication(0.5)
                    .duplicateDelay(Duration.ofSeconds(3)));
            List<byte[]> recorded = record(peers.network, peers.a);
            PeerConnection connection = peers.connect(peers.a, peers.b);
            Traffic traffic =
                    Traffic.start(peers.network, connection, peers.b.lastPublished(), 40, Duration.ofMillis(100));

            for (int i = 0; i < 20; i++) {
                peers.after(peers.upToMillis(4_000), () -> replay(recorded.get(0), peers.a.address(), peers.b));
            }
            peers.network.advance(Duration.ofSeconds(15));

            traffic.assertAllDelivered("under copies of the initiation");
            assertUntouched(peers, connection);
            peers.closeAndAssertNothingIsLeft(connection, "after the copies");
        }
    }

    @Test
    void aReplayedInitiationOfTheCurrentConnectionIsDroppedAndCounted() {
        for (long seed = 0; seed < SEEDS; seed++) {
            TwoPeers peers = TwoPeers.inCalm(seed);
            List<byte[]> recorded = record(peers.network, peers.a);
            PeerConnection connection = peers.connect(peers.a, peers.b);

            replay(recorded.get(0), peers.a.address(), peers.b);
            replay(recorded.get(0), ELSEWHERE, peers.b);
            peers.network.advance(Duration.ofSeconds(1));

            assertThat(peers.statistics(peers.b).invalidInitiations())
                    .as("dropped initiations, seed %d", seed)
                    .isEqualTo(2);
            assertUntouched(peers, connection);
            peers.closeAndAssertNothingIsLeft(connection, "after the replay");
        }
    }

    @Test
    void aReplayedInitiationOfAnEndedConnectionLeavesNoState() {
        for (long seed = 0; seed < SEEDS; seed++) {
            TwoPeers peers = TwoPeers.inStorm(seed);
            List<byte[]> recorded = record(peers.network, peers.a);
            PeerConnection connection = peers.connect(peers.a, peers.b);
            peers.closeAndAssertNothingIsLeft(connection, "after the recording");
            List<PeerConnection> published = List.copyOf(peers.b.published);

            replay(recorded.get(0), peers.a.address(), peers.b);
            replay(recorded.get(0), ELSEWHERE, peers.b);
            peers.network.advance(Duration.ofSeconds(1));
            assertThat(peers.statistics(peers.b).halfOpen())
                    .as("half-open while the handshake may run, seed %d", seed)
                    .isEqualTo(1);

            peers.assertNothingIsLeft("after the replay");
            assertThat(peers.b.published).as("published, seed %d", seed).isEqualTo(published);
        }
    }

    @Test
    void aReplayedInitiationOfAnEarlierConnectionDoesNotTouchTheCurrentOne() {
        for (long seed = 0; seed < SEEDS; seed++) {
            TwoPeers peers = TwoPeers.inStorm(seed);
            // The one that is replayed to may have dialed or accepted the earlier connection, and the current one.
            TwoPeers.Side earlier = peers.side(peers.random.chance(0.5));
            List<byte[]> recorded = record(peers.network, earlier);
            peers.closeAndAssertNothingIsLeft(peers.connect(earlier, peers.otherThan(earlier)), "after the recording");
            TwoPeers.Side dialing = peers.side(peers.random.chance(0.5));
            TwoPeers.Side accepting = peers.otherThan(dialing);
            peers.a.published.clear();
            peers.b.published.clear();
            PeerConnection connection = peers.connect(dialing, accepting);
            Traffic traffic =
                    Traffic.start(peers.network, connection, accepting.lastPublished(), 40, Duration.ofMillis(100));

            for (int i = 0; i < 10; i++) {
                InetSocketAddress from = peers.random.chance(0.5) ? earlier.address() : ELSEWHERE;
                peers.after(peers.upToMillis(4_000), () -> replay(recorded.get(0), from, peers.otherThan(earlier)));
            }
            peers.network.advance(Duration.ofSeconds(30));

            traffic.assertAllDelivered("under replays");
            assertUntouched(peers, connection);
            peers.closeAndAssertNothingIsLeft(connection, "after the replays");
        }
    }

    @Test
    void replaysOfThePeersOldInitiationsDoNotKeepAnAttemptFromSucceeding() {
        for (long seed = 0; seed < SEEDS; seed++) {
            TwoPeers peers = TwoPeers.inCalm(seed);
            TwoPeers.Side victim = peers.side(seed % 2 == 0);
            TwoPeers.Side peer = peers.otherThan(victim);
            List<byte[]> recorded = record(peers.network, peer);
            for (int i = 0; i < 3; i++) {
                peers.closeAndAssertNothingIsLeft(peers.connect(peer, victim), "after a recording");
            }

            for (byte[] initiation : List.copyOf(recorded)) {
                InetSocketAddress from = peers.random.chance(0.5) ? peer.address() : ELSEWHERE;
                peers.after(peers.upToMillis(300), () -> replay(initiation, from, victim));
            }
            PeerConnection connection = Objects.requireNonNull(peers.network.await(
                    victim.node().connect(peer.node().addressAs(peer.host.name())), TwoPeers.HANDSHAKE_TIMEOUT));
            peers.network.advance(TwoPeers.HANDSHAKE_TIMEOUT.plusSeconds(1));

            assertThat(connection.state()).as("seed %d", seed).isInstanceOf(ConnectionState.Established.class);
            peers.assertOneConnection("after the replays");
            peers.closeAndAssertNothingIsLeft(connection, "after the replays");
        }
    }

    /** Both sides still have the one connection that they were given first. */
    private static void assertUntouched(TwoPeers peers, PeerConnection connection) {
        assertThat(connection.state()).as("seed %d", peers.seed).isInstanceOf(ConnectionState.Established.class);
        assertThat(peers.a.published).as("published by a, seed %d", peers.seed).hasSize(1);
        assertThat(peers.b.published).as("published by b, seed %d", peers.seed).hasSize(1);
        peers.assertOneConnection("untouched");
    }

    /** The initiations that a side sends from now on, each once. */
    private static List<byte[]> record(SimulatedNetwork network, TwoPeers.Side side) {
        List<byte[]> recorded = new ArrayList<>();
        network.onEvent(event -> {
            if (event instanceof SimulationEvent.Sent sent
                    && sent.host().equals(side.host.name())
                    && sent.datagram()[0] == DatagramType.INITIATION
                    && recorded.stream().noneMatch(it -> Arrays.equals(it, sent.datagram()))) {
                recorded.add(sent.datagram());
            }
        });
        return recorded;
    }

    private static void replay(byte[] initiation, InetSocketAddress from, TwoPeers.Side to) {
        to.host.inject(from, Peers.PORT, initiation);
    }
}
