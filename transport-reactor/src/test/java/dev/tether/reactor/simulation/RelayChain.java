package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.TransportSettings;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.reactor.NodeStatistics;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.PeerStream;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.Relay;
import dev.tether.reactor.TransportNode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/** An origin, relays in a row, and a destination, each on a host of its own: "origin", "relay-0" and so on, "destination". */
final class RelayChain {

    /** What somebody gets: bytes, and how it ends. */
    static final class Received {

        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        boolean completed;

        @Nullable
        Throwable failure;

        @Nullable
        Disposable subscription;

        String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }

        <T extends Throwable> T failedWith(Class<T> type) {
            assertThat(failure).isInstanceOf(type);
            return type.cast(failure);
        }
    }

    final SimulatedNetwork network;
    final SimulatedHost origin;
    final List<SimulatedHost> relays = new ArrayList<>();
    final SimulatedHost destination;

    /** How {@code Relay.connections} has ended on each relay. */
    final List<Received> relayed = new ArrayList<>();

    private final List<TransportNode> nodes = new ArrayList<>();
    private final List<PeerConnection> arrived = new ArrayList<>();
    private final PeerConnection first;

    /** Connects the origin with the first relay, each relay with the next one, and the last one with the destination. */
    RelayChain(long seed, int length, LinkSettings link, UnaryOperator<TransportSettings.Builder> settings) {
        this(seed, length, link, settings, settings);
    }

    /** With settings of its own for the destination. */
    RelayChain(
            long seed,
            int length,
            LinkSettings link,
            UnaryOperator<TransportSettings.Builder> settings,
            UnaryOperator<TransportSettings.Builder> ofDestination) {
        network = SimulatedNetwork.create(seed);
        network.changeDefaultLink(link);
        destination = network.host("destination");
        TransportNode next = bind(
                ReactiveTransport.create()
                        .settings(ofDestination)
                        .identity(Peers.identity("destination"))
                        .port(Peers.PORT)
                        .doOnConnection(arrived::add),
                destination);
        String nextHost = "destination";
        for (int i = length - 1; i >= 0; i--) {
            SimulatedHost host = network.host("relay-" + i);
            relays.add(0, host);
            next = bindRelay(host, next, nextHost, settings);
            nextHost = host.name();
        }
        origin = network.host("origin");
        TransportNode node =
                bind(ReactiveTransport.create().settings(settings).identity(Peers.identity("origin")), origin);
        first = Objects.requireNonNull(network.await(node.connect(next.addressAs(nextHost)), Peers.LIMIT));
        for (int i = 0; i < 60 && arrived.isEmpty(); i++) {
            network.advance(Duration.ofSeconds(1));
        }
        assertThat(arrived).as("connections at the destination, seed %d", seed).hasSize(1);
    }

    /** On links of 10 ms without faults. */
    static RelayChain calm(int length) {
        return new RelayChain(1, length, SimulatedNetwork.DEFAULT_LINK, settings -> settings);
    }

    private TransportNode bindRelay(
            SimulatedHost host,
            TransportNode next,
            String nextHost,
            UnaryOperator<TransportSettings.Builder> settings) {
        TransportNode dialer = bind(
                ReactiveTransport.create().settings(settings).identity(Peers.identity(host.name() + " out")), host);
        Received outcome = new Received();
        relayed.add(0, outcome);
        return bind(
                ReactiveTransport.create()
                        .settings(settings)
                        .identity(Peers.identity(host.name()))
                        .port(Peers.PORT)
                        .handle(peer -> dialer.connect(next.addressAs(nextHost))
                                .flatMap(there -> Relay.connections(peer, there))
                                .doOnSuccess(nothing -> outcome.completed = true)
                                .doOnError(failure -> outcome.failure = failure)),
                host);
    }

    private TransportNode bind(ReactiveTransport transport, SimulatedHost host) {
        TransportNode node = transport.runOn(host).bindNow();
        nodes.add(node);
        return node;
    }

    /** The origin's connection with the first relay. */
    PeerConnection first() {
        return first;
    }

    /** The destination's connection with the last relay. */
    PeerConnection last() {
        return arrived.get(0);
    }

    PeerStream open() {
        return Objects.requireNonNull(network.await(first.openStream(), Peers.LIMIT));
    }

    /** The next stream that arrives at the destination. */
    PeerStream accepted() {
        return Objects.requireNonNull(network.await(last().streams().next(), Peers.LIMIT));
    }

    static Received watch(Publisher<?> publisher) {
        Received received = new Received();
        received.subscription = Flux.from(publisher)
                .subscribe(
                        element -> {
                            if (element instanceof ByteBuf buffer) {
                                byte[] bytes = new byte[buffer.readableBytes()];
                                buffer.getBytes(buffer.readerIndex(), bytes);
                                received.bytes.writeBytes(bytes);
                            }
                        },
                        failure -> received.failure = failure,
                        () -> received.completed = true);
        return received;
    }

    static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }

    /** Content in pieces of random sizes. */
    static Flux<ByteBuf> inPieces(byte[] content, long seed) {
        return Flux.generate(() -> new int[] {0}, (int[] at, reactor.core.publisher.SynchronousSink<ByteBuf> sink) -> {
            int left = content.length - at[0];
            if (left == 0) {
                sink.complete();
            } else {
                int size = Math.min(left, new SplittableRandom(seed + at[0]).nextInt(1, 3_000));
                sink.next(Unpooled.copiedBuffer(content, at[0], size));
                at[0] += size;
            }
            return at;
        });
    }

    static byte[] random(long seed, int length) {
        byte[] content = new byte[length];
        new SplittableRandom(seed).nextBytes(content);
        return content;
    }

    /** The connection is closed, and nothing is left of anything at any host. */
    void closeAndAssertNothingIsLeft() {
        network.await(first.close(), Peers.LIMIT);
        assertNothingIsLeft();
    }

    void assertNothingIsLeft() {
        network.advance(Duration.ofMinutes(5));
        for (TransportNode node : nodes) {
            NodeStatistics statistics = Objects.requireNonNull(network.await(node.statistics(), Peers.LIMIT));
            assertThat(statistics.connections())
                    .as("connections of %s, seed %d", node.localAddress(), network.seed())
                    .isZero();
        }
        for (SimulatedHost host : network.hosts()) {
            assertThat(host.messageBytes())
                    .as("bytes at %s, seed %d", host.name(), network.seed())
                    .isZero();
        }
        assertThat(network.datagramBytes())
                .as("bytes of datagrams, seed %d", network.seed())
                .isZero();
    }
}
