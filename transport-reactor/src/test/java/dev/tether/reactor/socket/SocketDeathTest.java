package dev.tether.reactor.socket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.PeerAddress;
import dev.tether.core.error.ChannelClosedException;
import dev.tether.core.noise.KeyPair;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;
import reactor.test.StepVerifier;
import reactor.test.StepVerifierOptions;

/** When a socket dies under its node, everything of the node ends with a typed error. */
@ParameterizedClass(name = "native {0}")
@ValueSource(booleans = {true, false})
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SocketDeathTest {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final LoopResources loops = LoopResources.create("dying", 1, true);
    private final AtomicReference<UdpDatagramSocket> socket = new AtomicReference<>();
    private final List<StepVerifier> ends = new ArrayList<>();
    private final boolean preferNative;
    private TransportNode server;
    private TransportNode node;
    private PeerConnection connection;

    SocketDeathTest(boolean preferNative) {
        this.preferNative = preferNative;
    }

    @BeforeEach
    void connect() {
        server = ReactiveTransport.create()
                .host("127.0.0.1")
                .preferNative(preferNative)
                .bindNow();
        node = ReactiveTransport.create()
                .host("127.0.0.1")
                .preferNative(preferNative)
                .runOn(new WatchedEnvironment())
                .bindNow();
        connection = node.connect(server.addressAs("127.0.0.1")).block(LIMIT);
        assertThat(connection).isNotNull();
        expectDeath("states", connection.states());
        expectDeath("onClose", connection.onClose());
        expectDeath("receive", connection.receive());
        expectDeath("send", connection.sendString(Flux.never()));
        expectDeath("connections", node.connections());
        expectDeath("connect", node.connect(PeerAddress.of(KeyPair.generate().identity(), "127.0.0.1", 9)));
        ends.add(StepVerifier.create(node.ended())
                .expectNextCount(2)
                .expectComplete()
                .verifyLater());
        // What was asked before is on the event loop now.
        node.statistics().block(LIMIT);
    }

    @AfterEach
    void disposeLoops() {
        server.closeNow(LIMIT);
        loops.disposeLater(Duration.ZERO, LIMIT).block(LIMIT);
    }

    @Test
    void aChannelThatIsClosedEndsEverything() {
        socket.get().channel().close();

        assertDead();
    }

    @Test
    void anEventLoopThatIsDisposedOfEndsEverything() {
        loops.disposeLater(Duration.ZERO, LIMIT).block(LIMIT);

        assertDead();
    }

    private void assertDead() {
        ends.forEach(end -> end.verify(LIMIT));
        List<Mono<?>> late = List.of(
                connection.sendString(Mono.just("late")),
                connection.ping(),
                connection.receive().then(),
                node.connect(server.addressAs("127.0.0.1")));
        for (Mono<?> it : late) {
            StepVerifier.create(it).expectError(ChannelClosedException.class).verify(LIMIT);
        }
        StepVerifier.create(node.onDispose()).expectComplete().verify(LIMIT);
        StepVerifier.create(node.close()).expectComplete().verify(LIMIT);
        node.dispose();
    }

    private void expectDeath(String name, Publisher<?> publisher) {
        StepVerifierOptions named = StepVerifierOptions.create().scenarioName(name);
        ends.add(StepVerifier.create(Flux.from(publisher).then(), named)
                .expectError(ChannelClosedException.class)
                .verifyLater());
    }

    /** This system's sockets on event loops of its own, of which the last is remembered. */
    private final class WatchedEnvironment implements NodeEnvironment {

        @Override
        public Mono<Resources> open(InetSocketAddress local, UdpSocketOptions options) {
            return UdpDatagramSocket.bind(local, loops, options)
                    .doOnNext(socket::set)
                    .map(bound -> new Resources(
                            bound,
                            new SeededRandom(1),
                            new UnpooledByteBufAllocator(false, true),
                            ConnectionListener.NONE,
                            EventLoopScheduler::nowNs));
        }

        @Override
        public List<InetAddress> hostAddresses() {
            return List.of();
        }

        @Override
        public Mono<InetSocketAddress> resolve(PeerAddress peer) {
            return Mono.just(new InetSocketAddress(peer.host(), peer.port()));
        }
    }
}
