package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.ConnectionState;
import dev.tether.core.error.ConnectionLostException;
import dev.tether.reactor.PeerConnection;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A peer that loses its memory: who learns of it, how, and when. docs/PROTOCOL.md, section 6.3. */
class RestartTest {

    /** The other one learns it from the attempt, or from the answer to a probe. */
    private static final ConnectionLostException.Reason[] RESTARTED = {
        ConnectionLostException.Reason.PEER_RESTARTED, ConnectionLostException.Reason.STATELESS_RESET
    };

    private static final ConnectionLostException.Reason[] OTHER_KEY = {ConnectionLostException.Reason.IDENTITY_CHANGED};

    private static final int SEEDS = 50;
    private static final Duration A_SECOND = Duration.ofSeconds(1);

    @Test
    void aPeerThatRestartsAndDialsIsConnectedWithinASecondAndTheOldConnectionFails() {
        for (long seed = 0; seed < SEEDS; seed++) {
            restartAndDial(TwoPeers.inCalm(seed), A_SECOND, false, RESTARTED);
        }
    }

    @Test
    void aPeerThatRestartsWithAnotherKeyTakesOverTheAddressAndTheOldConnectionFails() {
        for (long seed = 0; seed < SEEDS; seed++) {
            restartAndDial(TwoPeers.inCalm(seed), A_SECOND, true, OTHER_KEY);
        }
    }

    @Test
    void aPeerThatRestartsAndDialsOverABadLinkIsConnectedWithinTheHandshakeTimeout() {
        for (long seed = 0; seed < SEEDS; seed++) {
            TwoPeers peers = TwoPeers.inStorm(seed);
            boolean newKey = peers.random.chance(0.5);
            restartAndDial(peers, TwoPeers.HANDSHAKE_TIMEOUT, newKey, newKey ? OTHER_KEY : RESTARTED);
        }
    }

    private static void restartAndDial(
            TwoPeers peers, Duration limit, boolean newKey, ConnectionLostException.Reason... reasons) {
        TwoPeers.Side dialing = peers.side(peers.random.chance(0.5));
        peers.connect(dialing, peers.otherThan(dialing));
        TwoPeers.Side restarting = peers.side(peers.random.chance(0.5));
        TwoPeers.Side other = peers.otherThan(restarting);
        Witness old = new Witness(other.lastPublished());
        peers.network.advance(peers.upToMillis(30_000));
        restarting.crash();
        peers.network.advance(peers.upToMillis(90_000));
        restarting.host.restart();
        if (newKey) {
            restarting.bind(Peers.identity("another"));
        } else {
            restarting.bind();
        }

        PeerConnection again = Objects.requireNonNull(
                peers.network.await(restarting.node().connect(other.node().addressAs(other.host.name())), limit));
        peers.network.advance(limit);

        old.assertLost(peers.seed, reasons);
        assertThat(other.published).as("seed %d", peers.seed).hasSize(2);
        peers.assertOneConnection("after the restart");
        Traffic traffic = Traffic.start(peers.network, again, other.lastPublished(), 5, Duration.ofMillis(50));
        peers.network.advance(Duration.ofSeconds(20));
        traffic.assertAllDelivered("after the restart");
        peers.closeAndAssertNothingIsLeft(again, "after the restart");
    }

    @Test
    void aPeerThatNeverComesBackIsLostWithinTheIdleTimeout() {
        for (long seed = 0; seed < SEEDS; seed++) {
            TwoPeers peers = TwoPeers.inStorm(seed);
            peers.connect(peers.a, peers.b);
            TwoPeers.Side crashing = peers.side(peers.random.chance(0.5));
            TwoPeers.Side other = peers.otherThan(crashing);
            Witness witness = new Witness(other.lastPublished());
            crashing.crash();
            peers.network.advance(peers.upToMillis(60_000));
            witness.send("into the void").ping();
            peers.network.advance(TwoPeers.IDLE_TIMEOUT);

            witness.assertLost(seed, ConnectionLostException.Reason.IDLE_TIMEOUT);
            peers.assertNothingIsLeft("after the crash");
        }
    }

    @Test
    void aPeerThatRestartsAndDoesNotDialIsFoundOutByWhoSends() {
        for (long seed = 0; seed < SEEDS; seed++) {
            TwoPeers peers = TwoPeers.inStorm(seed);
            peers.connect(peers.a, peers.b);
            TwoPeers.Side crashing = peers.side(peers.random.chance(0.5));
            TwoPeers.Side other = peers.otherThan(crashing);
            Witness witness = new Witness(other.lastPublished());
            crashing.crash();
            peers.network.advance(peers.upToMillis(10_000));
            crashing.host.restart();
            crashing.bind();
            peers.network.advance(peers.upToMillis(10_000));
            witness.send("to somebody who has forgotten").ping();
            peers.network.advance(TwoPeers.IDLE_TIMEOUT);

            witness.assertLost(
                    seed, ConnectionLostException.Reason.IDLE_TIMEOUT, ConnectionLostException.Reason.STATELESS_RESET);
            peers.assertNothingIsLeft("after the restart");
        }
    }

    @Test
    void aRestartedPeerIsReachedAtOnceByWhoHasFoundOut() {
        for (long seed = 0; seed < SEEDS; seed++) {
            TwoPeers peers = TwoPeers.inCalm(seed);
            peers.connect(peers.a, peers.b);
            TwoPeers.Side crashing = peers.side(peers.random.chance(0.5));
            TwoPeers.Side other = peers.otherThan(crashing);
            crashing.crash();
            crashing.host.restart();
            crashing.bind();
            peers.network.advance(TwoPeers.IDLE_TIMEOUT.plusSeconds(1));

            PeerConnection again = Objects.requireNonNull(peers.network.await(
                    other.node().connect(crashing.node().addressAs(crashing.host.name())), A_SECOND));
            peers.network.advance(A_SECOND);
            Traffic traffic = Traffic.start(peers.network, again, crashing.lastPublished(), 5, Duration.ofMillis(50));
            peers.network.advance(Duration.ofSeconds(5));

            traffic.assertAllDelivered("after the restart");
            assertThat(again.state()).as("seed %d", seed).isInstanceOf(ConnectionState.Established.class);
            peers.closeAndAssertNothingIsLeft(again, "after the restart");
        }
    }
}
