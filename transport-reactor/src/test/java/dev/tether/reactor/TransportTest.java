package dev.tether.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.CloseReason;
import dev.tether.core.ConnectionState;
import dev.tether.core.PeerAddress;
import dev.tether.core.error.ChannelClosedException;
import dev.tether.core.error.ConnectionClosedException;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.error.ConnectionLostException;
import dev.tether.core.error.MessageTooLargeException;
import dev.tether.core.error.TransportException;
import dev.tether.core.noise.KeyPair;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Nodes on loopback, over the native transport and over Java's own. */
@ParameterizedClass(name = "native {0}")
@ValueSource(booleans = {true, false})
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class TransportTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final List<TransportNode> nodes = new ArrayList<>();
    private final boolean preferNative;

    TransportTest(boolean preferNative) {
        this.preferNative = preferNative;
    }

    @AfterEach
    void closeNodes() {
        nodes.forEach(node -> node.closeNow(LIMIT));
    }

    @Test
    void messagesComeBackFromAnEchoPeerExactlyAndInOrder() {
        TransportNode server = echo();
        PeerConnection peer = connect(server);
        List<String> sent =
                Flux.range(0, 10_000).map(i -> "message " + i).collectList().block();
        Mono<List<String>> received =
                peer.receive().asString().take(sent.size()).collectList();

        StepVerifier.create(Mono.zip(
                        received, peer.sendString(Flux.fromIterable(sent)).thenReturn(true)))
                .assertNext(result -> assertThat(result.getT1()).isEqualTo(sent))
                .expectComplete()
                .verify(LIMIT);
    }

    @Test
    void aMessageMayHaveAnyLengthFromZeroToTheLimit() {
        TransportNode server = echo();
        PeerConnection peer = connect(server);
        byte[][] messages = {{}, {1}, random(1_199), random(70_000), random(16 << 20), {}};

        StepVerifier.create(Mono.zip(
                        peer.receive().asByteArray().take(messages.length).collectList(),
                        peer.send(Flux.fromArray(messages).map(Unpooled::wrappedBuffer))
                                .thenReturn(true)))
                .assertNext(result -> assertThat(result.getT1()).containsExactly(messages))
                .expectComplete()
                .verify(LIMIT);
    }

    @Test
    void aMessageOverTheLimitIsRefusedAndTheConnectionLivesOn() {
        TransportNode server = echo();
        PeerConnection peer = connect(server);

        StepVerifier.create(peer.send(Mono.just(Unpooled.wrappedBuffer(new byte[(16 << 20) + 1]))))
                .expectErrorSatisfies(e -> {
                    assertThat(e).isInstanceOf(MessageTooLargeException.class);
                    assertThat(((MessageTooLargeException) e).limit()).isEqualTo(16 << 20);
                })
                .verify(LIMIT);
        StepVerifier.create(peer.sendString(Mono.just("still here")))
                .expectComplete()
                .verify(LIMIT);
    }

    @Test
    void aSendCompletesOnlyWhenThePeerHasEverything() {
        TransportNode server = bind(transport());
        Mono<PeerConnection> accepted = server.connections().next().cache();
        accepted.subscribe();
        PeerConnection peer = connect(server);
        AtomicInteger asked = new AtomicInteger();
        Flux<ByteBuf> endless = Flux.<ByteBuf>generate(sink -> {
            asked.incrementAndGet();
            sink.next(Unpooled.wrappedBuffer(new byte[10_000]));
        });

        // Nobody reads at the other side: the window of 1 MiB and the send buffer of 1 MiB fill up, and then it stops.
        StepVerifier.create(peer.send(endless).timeout(Duration.ofSeconds(1)))
                .expectError(java.util.concurrent.TimeoutException.class)
                .verify(LIMIT);
        assertThat(asked.get()).isBetween(100, 2 * (1 << 20) / 10_000 + SendSubscriber.MAX_DEMAND);
    }

    @Test
    void demandAtOneSideLetsTheOtherGoOn() {
        TransportNode server = bind(transport());
        Mono<PeerConnection> accepted = server.connections().next().cache();
        accepted.subscribe();
        PeerConnection peer = connect(server);
        int count = 1_000;
        Mono<Void> sending =
                peer.send(Flux.range(0, count).map(i -> Unpooled.copyInt(i).writeBytes(new byte[10_000])));
        sending = sending.cache();
        sending.subscribe();

        StepVerifier.create(accepted.block(LIMIT).receive().map(ByteBuf::readInt), 0)
                .thenRequest(10)
                .expectNext(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
                .thenRequest(Long.MAX_VALUE)
                .expectNextCount(count - 11)
                .expectNext(count - 1)
                .thenCancel()
                .verify(LIMIT);
        StepVerifier.create(sending).expectComplete().verify(LIMIT);
    }

    @Test
    void pingMeasuresTheRoundTrip() {
        StepVerifier.create(connect(echo()).ping())
                .assertNext(rtt -> assertThat(rtt).isPositive().isLessThan(Duration.ofSeconds(5)))
                .expectComplete()
                .verify(LIMIT);
    }

    @Test
    void bothSidesSeeTheStatesAndACompletionAfterAClose() {
        TransportNode server = bind(transport());
        Mono<PeerConnection> accepted = server.connections().next().cache();
        accepted.subscribe();
        PeerConnection dialed = connect(server);
        PeerConnection answered = accepted.block(LIMIT);
        StepVerifier observer = StepVerifier.create(answered.states())
                .expectNextMatches(ConnectionState.Established.class::isInstance)
                .expectNext(new ConnectionState.Closing(new CloseReason(true, true, 7, "enough")))
                .expectComplete()
                .verifyLater();

        StepVerifier.create(dialed.close(7, "enough")).expectComplete().verify(LIMIT);
        observer.verify(LIMIT);
        StepVerifier.create(dialed.states())
                .expectNext(new ConnectionState.Closing(new CloseReason(false, true, 7, "enough")))
                .expectComplete()
                .verify(LIMIT);
    }

    @Test
    void whatArrivedBeforeACloseIsDeliveredBeforeTheCompletion() {
        TransportNode server = bind(transport());
        Mono<PeerConnection> accepted = server.connections().next().cache();
        accepted.subscribe();
        PeerConnection dialed = connect(server);

        StepVerifier.create(dialed.sendString(Flux.just("one", "two")).then(dialed.close()))
                .expectComplete()
                .verify(LIMIT);
        PeerConnection answered = accepted.block(LIMIT);
        StepVerifier.create(answered.onClose()).expectComplete().verify(LIMIT);
        StepVerifier.create(answered.receive().asString())
                .expectNext("one", "two")
                .expectComplete()
                .verify(LIMIT);
    }

    @Test
    void whatIsPendingAtACloseErrorsWithItsReason() {
        TransportNode server = bind(transport());
        Mono<PeerConnection> accepted = server.connections().next().cache();
        accepted.subscribe();
        PeerConnection dialed = connect(server);
        StepVerifier pending = StepVerifier.create(dialed.send(Flux.never()))
                .expectErrorSatisfies(e -> {
                    assertThat(e).isInstanceOf(ConnectionClosedException.class);
                    assertThat(((ConnectionClosedException) e).reason())
                            .isEqualTo(new CloseReason(true, true, 3, "go away"));
                })
                .verifyLater();

        accepted.flatMap(peer -> peer.close(3, "go away")).block(LIMIT);
        pending.verify(LIMIT);
        StepVerifier.create(dialed.sendString(Mono.just("late")))
                .expectError(ConnectionClosedException.class)
                .verify(LIMIT);
        StepVerifier.create(dialed.ping())
                .expectError(ConnectionClosedException.class)
                .verify(LIMIT);
        StepVerifier.create(dialed.receive())
                .expectError(ConnectionClosedException.class)
                .verify(LIMIT);
    }

    @Test
    void connectingAgainGivesTheSameConnection() {
        TransportNode server = echo();
        TransportNode client = bind(transport());
        PeerAddress address = server.addressAs("127.0.0.1");

        StepVerifier.create(Flux.range(0, 100)
                        .flatMap(i -> client.connect(address))
                        .distinct()
                        .count())
                .expectNext(1L)
                .expectComplete()
                .verify(LIMIT);
        assertThat(client.connect(address).block(LIMIT))
                .isSameAs(client.connect(address).block(LIMIT));
    }

    @Test
    void aWrongKeyTimesOut() {
        TransportNode server = echo();
        TransportNode client = bind(transport().settings(s -> s.handshakeTimeout(Duration.ofMillis(700))));
        PeerAddress wrong = PeerAddress.of(
                KeyPair.generate().identity(),
                "127.0.0.1",
                server.localAddress().getPort());

        StepVerifier.create(client.connect(wrong))
                .expectErrorSatisfies(
                        e -> assertThat(reason(e)).isEqualTo(ConnectionEstablishmentException.Reason.TIMED_OUT))
                .verify(LIMIT);
    }

    @Test
    void anUnreachablePortTimesOutAndAnUnknownHostIsUnreachable() {
        TransportNode client = bind(transport().settings(s -> s.handshakeTimeout(Duration.ofMillis(700))));

        StepVerifier.create(client.connect(PeerAddress.of(KeyPair.generate().identity(), "127.0.0.1", 9)))
                .expectErrorSatisfies(
                        e -> assertThat(reason(e)).isEqualTo(ConnectionEstablishmentException.Reason.TIMED_OUT))
                .verify(LIMIT);
        StepVerifier.create(client.connect(PeerAddress.of(KeyPair.generate().identity(), "no.such.host.invalid", 9)))
                .expectErrorSatisfies(
                        e -> assertThat(reason(e)).isEqualTo(ConnectionEstablishmentException.Reason.UNREACHABLE))
                .verify(LIMIT);
    }

    @Test
    void aPortInUseIsNamed() {
        TransportNode server = echo();
        int port = server.localAddress().getPort();

        assertThatThrownBy(() -> transport().port(port).bindNow())
                .isInstanceOf(ChannelClosedException.class)
                .hasMessageContaining(String.valueOf(port));
    }

    @Test
    void aPeerThatIsGoneIsLostAfterTheIdleTimeout() {
        TransportNode server = bind(transport());
        TransportNode client = bind(
                transport().settings(s -> s.idleTimeout(Duration.ofSeconds(5)).keepAlive(Duration.ofMillis(100))));
        PeerConnection dialed = client.connect(server.addressAs("127.0.0.1")).block(LIMIT);

        server.dispose();

        StepVerifier.create(dialed.states().skipUntil(ConnectionState.Unresponsive.class::isInstance))
                .expectNextMatches(ConnectionState.Unresponsive.class::isInstance)
                .expectErrorSatisfies(e -> {
                    assertThat(e).isInstanceOf(ConnectionLostException.class);
                    assertThat(((ConnectionLostException) e).reason())
                            .isEqualTo(ConnectionLostException.Reason.IDLE_TIMEOUT);
                    assertThat(((TransportException) e).remoteIdentity()).isEqualTo(server.identity());
                    assertThat(((TransportException) e).remoteAddress()).isEqualTo(dialed.remoteAddress());
                    assertThat(((TransportException) e).state()).isInstanceOf(ConnectionState.Unresponsive.class);
                })
                .verify(LIMIT);
        StepVerifier.create(dialed.receive())
                .expectError(ConnectionLostException.class)
                .verify(LIMIT);
    }

    @Test
    void aPeerThatStartsOverOnTheSameAddressIsANewConnectionAndTheOldOneErrors() {
        TransportNode server = bind(transport());
        Flux<PeerConnection> accepted = server.connections().replay().autoConnect(0);
        KeyPair identity = KeyPair.generate();
        TransportNode first = transport().identity(identity).bindNow();
        int port = first.localAddress().getPort();
        first.connect(server.addressAs("127.0.0.1")).block(LIMIT);
        PeerConnection old = accepted.blockFirst(LIMIT);
        StepVerifier error = StepVerifier.create(old.onClose())
                .expectErrorSatisfies(e -> assertThat(((ConnectionLostException) e).reason())
                        .isEqualTo(ConnectionLostException.Reason.PEER_RESTARTED))
                .verifyLater();

        first.dispose();
        first.onDispose().block(LIMIT);
        bind(transport().identity(identity).port(port))
                .connect(server.addressAs("127.0.0.1"))
                .block(LIMIT);

        error.verify(Duration.ofSeconds(5));
        assertThat(accepted.take(2).blockLast(LIMIT)).isNotSameAs(old);
    }

    @Test
    void aCallbackThatThrowsClosesItsConnectionAndNoOther() {
        AtomicInteger calls = new AtomicInteger();
        TransportNode server = bind(
                transport().handle(peer -> peer.send(peer.receive().retain())).doOnConnection(peer -> {
                    if (calls.getAndIncrement() == 0) {
                        throw new IllegalStateException("not today");
                    }
                }));
        PeerConnection first = connect(server);
        StepVerifier.create(first.onClose()).expectComplete().verify(LIMIT);
        assertThat(first.state()).isEqualTo(new ConnectionState.Closing(new CloseReason(true, true, 1, "not today")));

        PeerConnection second = connect(server);
        StepVerifier.create(second.sendString(Mono.just("fine")))
                .expectComplete()
                .verify(LIMIT);
    }

    @Test
    void disposingANodeEndsEverythingOfIt() {
        TransportNode server = echo();
        TransportNode client = bind(transport());
        PeerConnection dialed = client.connect(server.addressAs("127.0.0.1")).block(LIMIT);
        StepVerifier states = StepVerifier.create(dialed.states().last())
                .expectError(ChannelClosedException.class)
                .verifyLater();
        StepVerifier sending = StepVerifier.create(dialed.send(Flux.never()))
                .expectError(ChannelClosedException.class)
                .verifyLater();

        client.dispose();

        states.verify(LIMIT);
        sending.verify(LIMIT);
        StepVerifier.create(client.onDispose()).expectComplete().verify(LIMIT);
        StepVerifier.create(client.connect(server.addressAs("127.0.0.1")))
                .expectError(ChannelClosedException.class)
                .verify(LIMIT);
    }

    @Test
    void cancellingConnectAbandonsTheAttempt() {
        TransportNode client = bind(transport());
        PeerAddress nobody = PeerAddress.of(KeyPair.generate().identity(), "127.0.0.1", 9);

        StepVerifier.create(client.connect(nobody)).thenCancel().verify(LIMIT);
        StepVerifier.create(client.statistics()
                        .filter(statistics -> statistics.connections() == 0)
                        .repeatWhenEmpty(100, again -> again.delayElements(Duration.ofMillis(10))))
                .expectNextCount(1)
                .expectComplete()
                .verify(LIMIT);
    }

    @Test
    void garbageFromTheNetworkIsCountedAndDisturbsNothing() throws Exception {
        TransportNode server = echo();
        PeerConnection peer = connect(server);
        InetSocketAddress target = new InetSocketAddress(
                InetAddress.getLoopbackAddress(), server.localAddress().getPort());
        SplittableRandom random = new SplittableRandom(1);
        int count = 20_000;
        try (DatagramSocket attacker = new DatagramSocket()) {
            for (int i = 0; i < count; i++) {
                byte[] garbage = new byte[random.nextInt(1500)];
                random.nextBytes(garbage);
                if (garbage.length > 0 && i % 2 == 0) {
                    garbage[0] = (byte) (i % 6);
                }
                attacker.send(new DatagramPacket(garbage, garbage.length, target));
            }
        }

        StepVerifier.create(peer.receive()
                        .asString()
                        .take(1)
                        .zipWith(peer.sendString(Mono.just("alive")).thenReturn(1)))
                .expectNextCount(1)
                .expectComplete()
                .verify(LIMIT);
        NodeStatistics statistics = server.statistics().block(LIMIT);
        assertThat(statistics.strayDatagrams()).isPositive();
        assertThat(statistics.connections()).isEqualTo(1);
        assertThat(statistics.halfOpen()).isZero();
    }

    private TransportNode echo() {
        return bind(transport().handle(peer -> peer.send(peer.receive().retain())));
    }

    private PeerConnection connect(TransportNode server) {
        PeerConnection peer =
                bind(transport()).connect(server.addressAs("127.0.0.1")).block(LIMIT);
        assertThat(peer).isNotNull();
        return peer;
    }

    private ReactiveTransport transport() {
        return ReactiveTransport.create().host("127.0.0.1").preferNative(preferNative);
    }

    private TransportNode bind(ReactiveTransport transport) {
        TransportNode node = transport.bindNow();
        nodes.add(node);
        return node;
    }

    private static ConnectionEstablishmentException.Reason reason(Throwable e) {
        assertThat(e).isInstanceOf(ConnectionEstablishmentException.class);
        return ((ConnectionEstablishmentException) e).reason();
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new SplittableRandom(length).nextBytes(bytes);
        return bytes;
    }
}
