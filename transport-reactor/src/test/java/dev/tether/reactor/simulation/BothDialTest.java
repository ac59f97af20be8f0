package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.ConnectionState;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.reactor.PeerConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Simultaneous open over links of every quality. docs/PROTOCOL.md, section 6.4. */
class BothDialTest {

    private static final int SEEDS = 200;

    @Test
    void bothConnectsSucceedAndGiveTheTwoEndsOfOneConnection() {
        for (long seed = 0; seed < SEEDS; seed++) {
            TwoPeers peers = TwoPeers.inCalm(seed);
            int latencyMs = peers.random.nextInt(0, 300);
            peers.network.changeDefaultLink(
                    LinkSettings.PERFECT.latency(Duration.ofMillis(latencyMs)).loss(0.2 * peers.random.nextDouble()));
            List<PeerConnection> connected = new ArrayList<>();
            List<Throwable> failures = new ArrayList<>();
            dial(peers, peers.a, Duration.ZERO, connected, failures);
            dial(peers, peers.b, peers.upToMillis(2 * latencyMs), connected, failures);
            // Long enough for a side to be heard again that was not, because everything from it was lost for a while.
            peers.network.advance(Duration.ofSeconds(60));

            assertThat(failures).as("errors, seed %d", seed).isEmpty();
            assertThat(connected)
                    .as("connects that have succeeded, seed %d", seed)
                    .hasSize(2);
            assertThat(connected)
                    .as("seed %d", seed)
                    .containsExactlyInAnyOrder(peers.a.lastPublished(), peers.b.lastPublished())
                    .allMatch(connection -> connection.state() instanceof ConnectionState.Established);
            peers.assertOneConnection("after both have dialed");
            Traffic traffic =
                    Traffic.start(peers.network, connected.get(0), connected.get(1), 5, Duration.ofMillis(100));
            peers.network.advance(Duration.ofSeconds(30));
            traffic.assertAllDelivered("from end to end");
            peers.closeAndAssertNothingIsLeft(connected.get(0), "after both have dialed");
        }
    }

    private static void dial(
            TwoPeers peers,
            TwoPeers.Side from,
            Duration delay,
            List<PeerConnection> connected,
            List<Throwable> failures) {
        TwoPeers.Side to = peers.otherThan(from);
        peers.after(
                delay,
                () -> from.node()
                        .connect(to.node().addressAs(to.host.name()))
                        .subscribe(connected::add, failures::add));
    }
}
