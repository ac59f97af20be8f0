package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.ConnectionState;
import dev.tether.core.error.ConnectionLostException;
import dev.tether.reactor.PeerConnection;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Links that carry nothing, for a moment or for good, both ways or one. */
class SilenceTest {

    private static final int SEEDS = 50;

    /** For what was under way when the link was cut, and for a timer. */
    private static final Duration MARGIN = Duration.ofSeconds(1);

    @Test
    void twoSecondsOfSilenceLoseNothingAndEndNothing() {
        for (long seed = 0; seed < SEEDS; seed++) {
            TwoPeers peers = TwoPeers.inStorm(seed);
            PeerConnection connection = peers.connect(peers.a, peers.b);
            Traffic traffic =
                    Traffic.start(peers.network, connection, peers.b.lastPublished(), 50, Duration.ofMillis(100));
            peers.network.advance(peers.upToMillis(4_000));
            peers.network.partition(List.of(peers.a.host), List.of(peers.b.host));
            peers.network.advance(Duration.ofSeconds(2));
            peers.network.heal();
            peers.network.advance(Duration.ofSeconds(60));

            traffic.assertAllDelivered("over a silence");
            for (TwoPeers.Side side : List.of(peers.a, peers.b)) {
                assertThat(side.published)
                        .as("connections of %s, seed %d", side.host.name(), seed)
                        .singleElement()
                        .matches(it -> it.state() instanceof ConnectionState.Established);
            }
            peers.closeAndAssertNothingIsLeft(connection, "after the silence");
        }
    }

    @Test
    void aLastingSilenceEndsEveryPublisherOfBothSidesWithinTheIdleTimeout() {
        for (long seed = 0; seed < SEEDS; seed++) {
            TwoPeers peers = TwoPeers.inCalm(seed);
            PeerConnection dialed = peers.connect(peers.a, peers.b);
            PeerConnection accepted = peers.b.lastPublished();
            Witness atA = new Witness(dialed);
            Witness atB = new Witness(accepted);
            Duration cutAt = peers.network.elapsed();
            peers.network.partition(List.of(peers.a.host), List.of(peers.b.host));
            peers.after(peers.upToMillis(100_000), () -> atA.send("into the void"));
            peers.after(peers.upToMillis(100_000), atA::ping);
            if (peers.random.chance(0.5)) {
                peers.after(
                        peers.upToMillis(100_000),
                        () -> atB.send("into the void").ping());
            }
            peers.network.advance(TwoPeers.IDLE_TIMEOUT.plus(MARGIN));

            atA.assertLost(seed, ConnectionLostException.Reason.IDLE_TIMEOUT);
            atB.assertLost(seed, ConnectionLostException.Reason.IDLE_TIMEOUT);
            for (TwoPeers.Side side : List.of(peers.a, peers.b)) {
                assertThat(peers.ends(side))
                        .as("ends at %s, seed %d", side.host.name(), seed)
                        .singleElement()
                        .matches(end -> end.at()
                                        .compareTo(cutAt.plus(TwoPeers.IDLE_TIMEOUT)
                                                .plus(MARGIN))
                                <= 0);
                assertThat(peers.network.await(side.lastPublished().statistics(), Peers.LIMIT))
                        .as("the last counters, seed %d", seed)
                        .matches(it -> it.packetsReceived() > 0);
            }
            peers.assertNothingIsLeft("after the silence");
        }
    }

    /** Who hears nothing gives up after the idle timeout, and the other side hears that. */
    @Test
    void aSilenceInOneDirectionEndsBothSidesWithinTheIdleTimeout() {
        for (long seed = 0; seed < SEEDS; seed++) {
            TwoPeers peers = TwoPeers.inCalm(seed);
            peers.connect(peers.a, peers.b);
            TwoPeers.Side deaf = peers.side(peers.random.chance(0.5));
            TwoPeers.Side mute = peers.otherThan(deaf);
            Witness atDeaf = new Witness(deaf.lastPublished());
            Witness atMute = new Witness(mute.lastPublished());
            peers.network.cutOneWay(List.of(mute.host), List.of(deaf.host));
            if (peers.random.chance(0.5)) {
                peers.after(
                        peers.upToMillis(100_000),
                        () -> atMute.send("to the deaf").ping());
            }
            if (peers.random.chance(0.5)) {
                peers.after(
                        peers.upToMillis(100_000),
                        () -> atDeaf.send("to the mute").ping());
            }
            peers.network.advance(TwoPeers.IDLE_TIMEOUT.plus(MARGIN));
            atDeaf.assertLost(seed, ConnectionLostException.Reason.IDLE_TIMEOUT);
            atMute.assertLost(seed, ConnectionLostException.Reason.IDLE_TIMEOUT);
            peers.assertNothingIsLeft("after the silence");
        }
    }
}
