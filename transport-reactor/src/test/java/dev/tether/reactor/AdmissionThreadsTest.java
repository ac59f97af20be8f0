package dev.tether.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.error.ConnectionEstablishmentException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Decisions that are made on threads of the application's. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class AdmissionThreadsTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final List<TransportNode> nodes = new ArrayList<>();

    @AfterEach
    void closeNodes() {
        nodes.forEach(node -> node.closeNow(LIMIT));
    }

    @Test
    void anAcceptanceOnAnotherThreadConnects() {
        assertThat(connect(Admission.accept())).isNotNull();
    }

    @Test
    void aRefusalOnAnotherThreadIsARefusal() {
        assertThatThrownBy(() -> connect(Admission.refuse(7, "not you")))
                .isInstanceOfSatisfying(
                        ConnectionEstablishmentException.class,
                        failure -> assertThat(failure.code()).isEqualTo(7));
    }

    private PeerConnection connect(Admission admission) {
        TransportNode server = bind(ReactiveTransport.create()
                .admit(request -> Mono.fromSupplier(() -> admission).subscribeOn(Schedulers.boundedElastic())));
        return bind(ReactiveTransport.create())
                .connect(server.addressAs("127.0.0.1"))
                .block(LIMIT);
    }

    private TransportNode bind(ReactiveTransport transport) {
        TransportNode node = transport.host("127.0.0.1").bindNow();
        nodes.add(node);
        return node;
    }
}
