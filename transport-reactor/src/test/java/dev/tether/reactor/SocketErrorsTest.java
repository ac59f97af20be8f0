package dev.tether.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.ConnectionState;
import dev.tether.core.PeerAddress;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.noise.KeyPair;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** What the system says of one destination touches no other, on real sockets. */
@ParameterizedClass(name = "native {0}")
@ValueSource(booleans = {true, false})
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SocketErrorsTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final PeerAddress OTHER_IP_VERSION =
            PeerAddress.of(KeyPair.generate().identity(), "::1", 9);
    private static final PeerAddress BROADCAST =
            PeerAddress.of(KeyPair.generate().identity(), "255.255.255.255", 9);
    private static final PeerAddress CLOSED_PORT =
            PeerAddress.of(KeyPair.generate().identity(), "127.0.0.1", 9);

    private final List<TransportNode> nodes = new ArrayList<>();
    private final boolean preferNative;

    SocketErrorsTest(boolean preferNative) {
        this.preferNative = preferNative;
    }

    @AfterEach
    void closeNodes() {
        nodes.forEach(node -> node.closeNow(LIMIT));
    }

    @Test
    void anAttemptThatTimesOutSaysWhatTheSocketCouldNotDoAndOthersNoticeNothing() {
        TransportNode server =
                bind(transport().handle(peer -> peer.send(peer.receive().retain())));
        TransportNode client = bind(transport().settings(s -> s.handshakeTimeout(Duration.ofMillis(1_500))));
        PeerConnection other = client.connect(server.addressAs("127.0.0.1")).block(LIMIT);
        assertThat(other).isNotNull();
        int messages = 2_000;
        Mono<Long> echoed = other.receive().take(messages).count().cache();
        echoed.subscribe();
        Mono<Void> sending = other.sendString(Flux.range(0, messages).map(i -> "message " + i))
                .cache();
        sending.subscribe();

        List<ConnectionEstablishmentException> failures = Flux.just(OTHER_IP_VERSION, BROADCAST, CLOSED_PORT)
                .flatMapSequential(address -> client.connect(address)
                        .map(it -> new IllegalStateException("connected to " + address))
                        .cast(Throwable.class)
                        .onErrorResume(Mono::just))
                .cast(ConnectionEstablishmentException.class)
                .collectList()
                .block(LIMIT);

        assertThat(failures)
                .hasSize(3)
                .allSatisfy(failure ->
                        assertThat(failure.reason()).isEqualTo(ConnectionEstablishmentException.Reason.TIMED_OUT));
        for (ConnectionEstablishmentException told : failures.subList(0, 2)) {
            assertThat(told)
                    .hasCauseInstanceOf(IOException.class)
                    .hasMessageContaining(String.valueOf(told.getCause().getMessage()));
        }
        assertThat(failures.get(2))
                .as("a closed port is told to connected sockets only")
                .hasNoCause();
        StepVerifier.create(sending).expectComplete().verify(LIMIT);
        StepVerifier.create(echoed).expectNext((long) messages).expectComplete().verify(LIMIT);
        assertThat(other.state()).isInstanceOf(ConnectionState.Established.class);
        NodeStatistics statistics = client.statistics().block(LIMIT);
        assertThat(statistics).isNotNull();
        assertThat(statistics.sendErrors()).isGreaterThanOrEqualTo(4);
    }

    private ReactiveTransport transport() {
        return ReactiveTransport.create().host("127.0.0.1").preferNative(preferNative);
    }

    private TransportNode bind(ReactiveTransport transport) {
        TransportNode node = transport.bindNow();
        nodes.add(node);
        return node;
    }
}
