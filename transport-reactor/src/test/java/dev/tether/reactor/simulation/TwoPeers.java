package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.TransportSettings;
import dev.tether.core.error.TransportException;
import dev.tether.core.noise.KeyPair;
import dev.tether.core.simulation.Jitter;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.reactor.NodeStatistics;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Two nodes, on port 4433 of the hosts "a" and "b", in a history that a seed decides; for tests of the life of their
 * connections, which look at both sides and at what is left behind.
 */
final class TwoPeers {

    static final Duration HANDSHAKE_TIMEOUT = TransportSettings.defaults().handshakeTimeout();
    static final Duration IDLE_TIMEOUT = TransportSettings.defaults().idleTimeout();

    /** A host, the node on it, and what that node has published. */
    static final class Side {

        final SimulatedHost host;

        /** Every connection of its nodes, dialed or accepted, in the order of their establishment. */
        final List<PeerConnection> published = new ArrayList<>();

        /** What is done with each connection when it is established. */
        Consumer<PeerConnection> onPublished = connection -> {};

        private KeyPair identity;
        private @Nullable TransportNode node;

        private Side(SimulatedHost host) {
            this.host = host;
            this.identity = Peers.identity(host.name());
        }

        TransportNode node() {
            return Objects.requireNonNull(node);
        }

        InetSocketAddress address() {
            return new InetSocketAddress(host.address(), Peers.PORT);
        }

        PeerConnection lastPublished() {
            return published.get(published.size() - 1);
        }

        /** Binds, once more after a crash, with the identity that it had. */
        void bind() {
            bind(identity);
        }

        void bind(KeyPair newIdentity) {
            identity = newIdentity;
            node = ReactiveTransport.create()
                    .runOn(host)
                    .port(Peers.PORT)
                    .identity(newIdentity)
                    .doOnConnection(connection -> {
                        published.add(connection);
                        onPublished.accept(connection);
                    })
                    .bindNow();
        }

        void crash() {
            host.crash();
            node = null;
        }
    }

    /** How connections have ended so far, on this host. */
    record End(Duration at, @Nullable TransportException failure) {}

    final long seed;
    final SimulatedNetwork network;
    final SeededRandom random;
    final Side a;
    final Side b;
    private final Map<String, List<End>> ends = new LinkedHashMap<>();

    private TwoPeers(long seed) {
        this.seed = seed;
        network = SimulatedNetwork.create(seed);
        random = new SeededRandom(seed).split("test");
        a = new Side(network.host("a"));
        b = new Side(network.host("b"));
        network.onEvent(event -> {
            if (event instanceof SimulationEvent.Ended ended) {
                ends(ended.host()).add(new End(Duration.ofNanos(ended.timeNs()), ended.failure()));
            }
        });
        a.bind();
        b.bind();
    }

    /** With a link that has nothing but 0 to 150 ms of latency. */
    static TwoPeers inCalm(long seed) {
        TwoPeers peers = new TwoPeers(seed);
        peers.network.changeDefaultLink(LinkSettings.PERFECT.latency(peers.upToMillis(150)));
        return peers;
    }

    /** With a link that loses, delays, reorders and duplicates, as the seed decides. */
    static TwoPeers inStorm(long seed) {
        TwoPeers peers = new TwoPeers(seed);
        SeededRandom random = peers.random;
        peers.network.changeDefaultLink(LinkSettings.PERFECT
                .latency(peers.upToMillis(150))
                .jitter(Jitter.exponential(peers.upToMillis(20)))
                .loss(0.1 * random.nextDouble())
                .reordering(0.2 * random.nextDouble())
                .reorderDelay(peers.upToMillis(200))
                .duplication(0.3 * random.nextDouble())
                .duplicateDelay(peers.upToMillis(3_000)));
        return peers;
    }

    Duration upToMillis(int max) {
        return Duration.ofMillis(random.nextInt(0, max));
    }

    Side side(boolean first) {
        return first ? a : b;
    }

    Side otherThan(Side side) {
        return side == a ? b : a;
    }

    List<End> ends(Side side) {
        return ends(side.host.name());
    }

    private List<End> ends(String host) {
        return ends.computeIfAbsent(host, name -> new ArrayList<>());
    }

    /** Connects, and gives the other side time to learn of it. */
    PeerConnection connect(Side from, Side to) {
        int before = to.published.size();
        PeerConnection connection = Objects.requireNonNull(
                network.await(from.node().connect(to.node().addressAs(to.host.name())), Peers.LIMIT));
        for (int i = 0; i < 10 && to.published.size() == before; i++) {
            network.advance(Duration.ofSeconds(1));
        }
        assertThat(to.published)
                .as("what the other side was given, seed %d", seed)
                .hasSize(before + 1);
        return connection;
    }

    /** Does {@code task} when {@code delay} has passed, as something that belongs to no host. */
    void after(Duration delay, Runnable task) {
        network.scheduler().schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    NodeStatistics statistics(Side side) {
        return Objects.requireNonNull(network.await(side.node().statistics(), Peers.LIMIT));
    }

    /** Both nodes have this one connection with each other and nothing else. */
    void assertOneConnection(Object what) {
        for (Side side : List.of(a, b)) {
            assertThat(statistics(side).connections())
                    .as("connections of %s, %s, seed %d", side.host.name(), what, seed)
                    .isEqualTo(1);
            assertThat(statistics(side).halfOpen())
                    .as("half-open of %s, %s, seed %d", side.host.name(), what, seed)
                    .isZero();
        }
    }

    /** Once the handshake timeout has passed, nothing is left of any connection: no entry, no buffer, no timer. */
    void assertNothingIsLeft(Object what) {
        network.advance(HANDSHAKE_TIMEOUT.plusSeconds(5));
        for (Side side : List.of(a, b)) {
            if (side.node != null) {
                assertThat(statistics(side).connections())
                        .as("connections of %s, %s, seed %d", side.host.name(), what, seed)
                        .isZero();
                assertThat(statistics(side).halfOpen())
                        .as("half-open of %s, %s, seed %d", side.host.name(), what, seed)
                        .isZero();
            }
            assertThat(side.host.messageBytes())
                    .as("bytes of messages at %s, %s, seed %d", side.host.name(), what, seed)
                    .isZero();
        }
        assertThat(network.datagramBytes())
                .as("bytes of datagrams, %s, seed %d", what, seed)
                .isZero();
        assertThat(network.pendingTasks())
                .as("timers and datagrams under way, %s, seed %d", what, seed)
                .isZero();
        assertThat(network.failures())
                .as("what was thrown, %s, seed %d", what, seed)
                .isEmpty();
    }

    /** Closes the connection, and nothing is left of it. */
    void closeAndAssertNothingIsLeft(PeerConnection connection, Object what) {
        network.await(connection.close(), Peers.LIMIT);
        // If every repetition of the close was lost, the other side finds out by the idle timeout.
        network.advance(IDLE_TIMEOUT);
        assertNothingIsLeft(what);
    }
}
