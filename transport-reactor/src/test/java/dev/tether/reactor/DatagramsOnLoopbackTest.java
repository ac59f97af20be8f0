package dev.tether.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.ConnectionState;
import dev.tether.core.error.MessageTooLargeException;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Unreliable datagrams between nodes on loopback, over the native transport and over Java's own. */
@ParameterizedClass(name = "native {0}")
@ValueSource(booleans = {true, false})
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class DatagramsOnLoopbackTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final List<TransportNode> nodes = new ArrayList<>();
    private final boolean preferNative;

    DatagramsOnLoopbackTest(boolean preferNative) {
        this.preferNative = preferNative;
    }

    @AfterEach
    void closeNodes() {
        nodes.forEach(node -> node.closeNow(LIMIT));
    }

    @ParameterizedTest
    @ValueSource(ints = {1_200, 1_452, 9_000, 65_000})
    void datagramsOfAnySizeUpToTheLimitGoThereAndBackWhole(int datagramSize) {
        PeerConnection peer = connect(echo(datagramSize), datagramSize);
        int max = peer.maxDatagramSize();
        Flux<byte[]> echoes = peer.receiveDatagrams().asByteArray().publish().autoConnect(0);

        assertThat(max).isBetween(datagramSize - 40, datagramSize);
        for (int size : new int[] {0, 1, 63, 64, 1_000, max / 2, max - 1, max}) {
            byte[] content = random(size);
            // They are unreliable: what does not come back is sent again.
            StepVerifier.create(echoOf(peer, echoes, content)
                            .timeout(Duration.ofSeconds(1))
                            .retry(10))
                    .as("the echo of " + size + " bytes")
                    .expectNextCount(1)
                    .expectComplete()
                    .verify(LIMIT);
        }
    }

    /** What arrives has to be the same, byte for byte, or it is not seen. */
    private static Mono<byte[]> echoOf(PeerConnection peer, Flux<byte[]> echoes, byte[] content) {
        return Mono.zip(
                        echoes.filter(echo -> Arrays.equals(echo, content)).next(),
                        peer.sendDatagram(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(content)))
                                .thenReturn(true))
                .map(both -> both.getT1());
    }

    @ParameterizedTest
    @ValueSource(ints = {1_200, 65_000})
    void oneByteTooManyIsRefusedAtEitherSideAndTheConnectionLivesOn(int datagramSize) {
        TransportNode server = bind(transport(datagramSize));
        Mono<PeerConnection> accepted = server.connections().next().cache();
        accepted.subscribe();
        PeerConnection dialed = connect(server, datagramSize);
        PeerConnection answered = Objects.requireNonNull(accepted.block(LIMIT));

        for (PeerConnection peer : List.of(dialed, answered)) {
            int tooLong = peer.maxDatagramSize() + 1;
            StepVerifier.create(peer.sendDatagram(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(random(tooLong)))))
                    .expectErrorSatisfies(e -> {
                        assertThat(e)
                                .isInstanceOf(MessageTooLargeException.class)
                                .hasMessageContaining("maxDatagramSize()");
                        assertThat(((MessageTooLargeException) e).size()).isEqualTo(tooLong);
                        assertThat(((MessageTooLargeException) e).limit()).isEqualTo(tooLong - 1);
                    })
                    .verify(LIMIT);
            assertThat(peer.state()).isInstanceOf(ConnectionState.Established.class);
            StepVerifier.create(peer.ping()).expectNextCount(1).expectComplete().verify(LIMIT);
        }
    }

    private TransportNode echo(int datagramSize) {
        return bind(transport(datagramSize)
                .handle(peer -> peer.sendDatagram(peer.receiveDatagrams().retain())));
    }

    private PeerConnection connect(TransportNode server, int datagramSize) {
        return Objects.requireNonNull(bind(transport(datagramSize))
                .connect(server.addressAs("127.0.0.1"))
                .block(LIMIT));
    }

    private ReactiveTransport transport(int datagramSize) {
        return ReactiveTransport.create()
                .host("127.0.0.1")
                .preferNative(preferNative)
                .settings(settings -> settings.datagramSize(datagramSize));
    }

    private TransportNode bind(ReactiveTransport transport) {
        TransportNode node = transport.bindNow();
        nodes.add(node);
        return node;
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new SplittableRandom(length).nextBytes(bytes);
        return bytes;
    }
}
