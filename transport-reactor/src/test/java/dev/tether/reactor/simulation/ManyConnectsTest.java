package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.ConnectionState;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Peers that dial each other all at once, again and again: nobody gets an error, and each pair has one connection. */
class ManyConnectsTest {

    private static final int SEEDS = 30;

    private static final int RECONNECTS = 10_000;

    /** Who is whose neighbour, among six peers. */
    private enum Topology {
        STAR {
            @Override
            boolean areNeighbours(int a, int b) {
                return a == 0;
            }
        },
        LINE {
            @Override
            boolean areNeighbours(int a, int b) {
                return b == a + 1;
            }
        },
        RING {
            @Override
            boolean areNeighbours(int a, int b) {
                return b == a + 1 || a == 0 && b == PEERS - 1;
            }
        },
        ALL {
            @Override
            boolean areNeighbours(int a, int b) {
                return true;
            }
        },
        /** All, but two peers have no path to each other before the first peer, their gateway, is connected to both. */
        AFTER_THE_GATEWAY {
            @Override
            boolean areNeighbours(int a, int b) {
                return true;
            }

            @Override
            boolean isCutAtFirst(int a, int b) {
                return a > 0;
            }
        };

        private static final int PEERS = 6;

        /** @param a less than {@code b} */
        abstract boolean areNeighbours(int a, int b);

        /** @param a less than {@code b} */
        boolean isCutAtFirst(int a, int b) {
            return false;
        }
    }

    @ParameterizedTest
    @EnumSource(Topology.class)
    void neighboursThatDialEachOtherAtOnceAndAgainHaveOneConnectionEach(Topology topology) {
        for (long seed = 0; seed < SEEDS; seed++) {
            dialAll(topology, seed);
        }
    }

    private static void dialAll(Topology topology, long seed) {
        SimulatedNetwork network = SimulatedNetwork.create(seed);
        SeededRandom random = new SeededRandom(seed);
        network.changeDefaultLink(SimulatedNetwork.DEFAULT_LINK
                .latency(Duration.ofMillis(random.nextInt(0, 80)))
                .loss(0.1 * random.nextDouble())
                .duplication(0.1 * random.nextDouble())
                .duplicateDelay(Duration.ofMillis(500))
                .reordering(0.1 * random.nextDouble()));
        List<SimulatedHost> hosts = new ArrayList<>();
        for (int i = 0; i < Topology.PEERS; i++) {
            hosts.add(network.host("p" + i));
        }
        forEachPair(
                topology::isCutAtFirst,
                (a, b) -> network.link(hosts.get(a), hosts.get(b)).cut());
        Set<Integer> known = new HashSet<>();
        List<TransportNode> nodes = new ArrayList<>();
        List<Set<PeerConnection>> published = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        for (SimulatedHost host : hosts) {
            Set<PeerConnection> connections = Collections.newSetFromMap(new IdentityHashMap<>());
            published.add(connections);
            nodes.add(ReactiveTransport.create()
                    .runOn(host)
                    .port(Peers.PORT)
                    .doOnConnection(connection -> {
                        connections.add(connection);
                        if (host == hosts.get(0)) {
                            known.add(indexOf(nodes, connection));
                            forEachPair(
                                    (a, b) -> topology.isCutAtFirst(a, b) && known.contains(a) && known.contains(b),
                                    (a, b) -> network.link(hosts.get(a), hosts.get(b))
                                            .heal());
                        }
                        connection.onClose().subscribe(nothing -> {}, failures::add);
                    })
                    .bindNow());
        }
        for (int round = 0; round < 5; round++) {
            forEachPair(topology::areNeighbours, (a, b) -> {
                dial(network, nodes.get(a), nodes.get(b), "p" + b, random, failures);
                dial(network, nodes.get(b), nodes.get(a), "p" + a, random, failures);
            });
        }
        network.advance(Duration.ofSeconds(20));

        assertThat(failures)
                .as("what anybody was told of, %s, seed %d", topology, seed)
                .isEmpty();
        for (int a = 0; a < Topology.PEERS; a++) {
            for (int b = 0; b < Topology.PEERS; b++) {
                boolean neighbours = a != b && topology.areNeighbours(Math.min(a, b), Math.max(a, b));
                TransportNode other = nodes.get(b);
                assertThat(published.get(a))
                        .as("connections of p%d with p%d, %s, seed %d", a, b, topology, seed)
                        .filteredOn(connection -> connection.remoteIdentity().equals(other.identity()))
                        .filteredOn(connection -> connection.state() instanceof ConnectionState.Established)
                        .hasSize(neighbours ? 1 : 0);
            }
        }
    }

    private interface Pair {
        void run(int a, int b);
    }

    private static void forEachPair(BiPredicate<Integer, Integer> which, Pair action) {
        for (int a = 0; a < Topology.PEERS; a++) {
            for (int b = a + 1; b < Topology.PEERS; b++) {
                if (which.test(a, b)) {
                    action.run(a, b);
                }
            }
        }
    }

    private static int indexOf(List<TransportNode> nodes, PeerConnection connection) {
        return nodes.stream().map(TransportNode::identity).toList().indexOf(connection.remoteIdentity());
    }

    private static void dial(
            SimulatedNetwork network,
            TransportNode from,
            TransportNode to,
            String host,
            SeededRandom random,
            List<Throwable> failures) {
        network.scheduler()
                .schedule(
                        () -> from.connect(to.addressAs(host)).subscribe(connection -> {}, failures::add),
                        random.nextInt(0, 400),
                        TimeUnit.MILLISECONDS);
    }

    @Test
    void aThousandConnectsToOnePeerGiveOneConnection() {
        SimulatedNetwork network = SimulatedNetwork.create(1);
        TransportNode server = Peers.server(network.host("b"));
        TransportNode client = Peers.client(network.host("a"));
        Set<PeerConnection> connected = Collections.newSetFromMap(new IdentityHashMap<>());
        int[] answers = new int[1];

        for (int i = 0; i < 1000; i++) {
            client.connect(server.addressAs("b")).subscribe(connection -> {
                connected.add(connection);
                answers[0]++;
            });
        }
        network.advance(Duration.ofSeconds(1));

        assertThat(answers[0]).isEqualTo(1000);
        assertThat(connected).hasSize(1);
        assertThat(network.await(server.statistics(), Peers.LIMIT).connections())
                .isEqualTo(1);
    }

    @Test
    void connectingAndClosingAgainAndAgainLeavesNothing() {
        SimulatedNetwork network = SimulatedNetwork.create(1);
        SimulatedHost a = network.host("a");
        SimulatedHost b = network.host("b");
        TransportNode server = Peers.server(b);
        TransportNode client = Peers.client(a);

        for (int i = 0; i < RECONNECTS; i++) {
            PeerConnection connection = network.await(client.connect(server.addressAs("b")), Peers.LIMIT);
            assertThat(connection).isNotNull();
            network.await(connection.close(), Peers.LIMIT);
        }
        network.advance(Duration.ofSeconds(30));

        assertThat(network.await(server.statistics(), Peers.LIMIT).connections())
                .isZero();
        assertThat(network.await(client.statistics(), Peers.LIMIT).connections())
                .isZero();
        assertThat(network.pendingTasks()).isZero();
        assertThat(network.datagramBytes()).isZero();
        assertThat(a.messageBytes() + b.messageBytes()).isZero();
    }
}
