package dev.tether.reactor.simulation;

import static dev.tether.reactor.simulation.Peers.LIMIT;
import static dev.tether.reactor.simulation.Peers.identity;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.PeerAddress;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.reactor.LinkState;
import dev.tether.reactor.PeerLink;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

/** Two peers that keep a link to each other, and crash at about the same time. */
class LinksOfBothPeersTest {

    private static final int HISTORIES = 15;

    /** A node with its link to the other host, and what it has received. */
    private static final class Side {
        private final TransportNode node;
        private final PeerLink link;
        private final List<String> received = new ArrayList<>();

        Side(SimulatedHost host, String peer) {
            node = ReactiveTransport.create()
                    .runOn(host)
                    .identity(identity(host.name()))
                    .port(Peers.PORT)
                    .bindNow();
            link = node.link(PeerAddress.of(identity(peer).identity(), peer, Peers.PORT));
            link.receive().asString().subscribe(received::add, failure -> {});
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3})
    void bothComeTogetherAgainOverOneConnection(long block) {
        for (long seed = HISTORIES * block; seed < HISTORIES * (block + 1); seed++) {
            crashBoth(seed);
        }
    }

    private static void crashBoth(long seed) {
        SeededRandom random = new SeededRandom(seed).split("crashes");
        SimulatedNetwork network = SimulatedNetwork.create(seed);
        network.changeDefaultLink(LinkSettings.PERFECT
                .latency(Duration.ofMillis(random.nextInt(1, 60)))
                .loss(0.05));
        SimulatedHost a = network.host("a");
        SimulatedHost b = network.host("b");
        Side first = new Side(a, "b");
        Side second = new Side(b, "a");
        first.link.sendString(Flux.range(0, 500).map(i -> "before " + i)).subscribe(nothing -> {}, failure -> {});
        network.advance(Duration.ofMillis(random.nextInt(0, 2000)));

        a.crash();
        network.advance(Duration.ofMillis(random.nextInt(0, 300)));
        b.crash();
        network.advance(Duration.ofMillis(random.nextInt(0, 300)));
        a.restart();
        Side third = new Side(a, "b");
        LinkFixture.Ending there = LinkFixture.Ending.of(third.link.sendString(Flux.just("one", "two")));
        network.advance(Duration.ofMillis(random.nextInt(0, 300)));
        b.restart();
        Side fourth = new Side(b, "a");
        LinkFixture.Ending back = LinkFixture.Ending.of(fourth.link.sendString(Flux.just("three", "four")));
        network.advance(Duration.ofSeconds(40));

        assertThat(there.completed).as("a send of a's, seed %d", seed).isTrue();
        assertThat(back.completed).as("a send of b's, seed %d", seed).isTrue();
        assertThat(fourth.received).as("seed %d", seed).containsExactly("one", "two");
        assertThat(third.received).as("seed %d", seed).containsExactly("three", "four");
        assertThat(second.received).as("seed %d", seed).doesNotHaveDuplicates();
        for (Side side : List.of(third, fourth)) {
            assertThat(side.link.state()).as("seed %d", seed).isInstanceOf(LinkState.Connected.class);
            assertThat(Objects.requireNonNull(network.await(side.node.statistics(), LIMIT))
                            .connections())
                    .as("seed %d", seed)
                    .isEqualTo(1);
        }
        assertThat(network.failures()).as("seed %d", seed).isEmpty();
    }
}
