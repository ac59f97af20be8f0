package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tether.core.ConnectionState;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.error.ConnectionEstablishmentException.Reason;
import dev.tether.core.frame.TransportErrorCode;
import dev.tether.core.wire.VarInt;
import dev.tether.reactor.Admission;
import dev.tether.reactor.ConnectionRequest;
import dev.tether.reactor.NodeStatistics;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Whom the application lets in. */
class AdmissionTest {

    private final SimulatedNetwork network = SimulatedNetwork.create(1);
    private final SimulatedHost a = network.host("a");
    private final SimulatedHost b = network.host("b");
    private final List<ConnectionRequest> asked = new ArrayList<>();
    private final List<PeerConnection> connected = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private int cancelled;

    @Test
    void anAttemptIsAskedAboutOnceAndAnsweredWhenItIsAdmitted() {
        TransportNode server = server(request -> after(Duration.ofSeconds(3), Admission.accept()));
        TransportNode client = Peers.client(a);
        dial(client, server);
        network.advance(Duration.ofMillis(2900));
        assertThat(connected).as("before the decision").isEmpty();
        assertThat(statistics(server).pendingAdmissions()).isEqualTo(1);
        network.advance(Duration.ofMillis(200));

        assertThat(connected).as("after the decision").hasSize(1);
        assertThat(asked).singleElement().satisfies(request -> {
            assertThat(request.remoteIdentity()).isEqualTo(client.identity());
            assertThat(request.remoteAddress().getPort())
                    .isEqualTo(client.localAddress().getPort());
        });
        assertThat(statistics(server).pendingAdmissions()).isZero();
        Peers.assertEcho(network, connected.get(0));
    }

    @Test
    void anAdmissionThatIsThereAtOnceTakesNoTime() {
        dial(Peers.client(a), server(request -> Mono.just(Admission.accept())));
        network.advance(Duration.ofMillis(30));
        assertThat(connected).hasSize(1);
    }

    @Test
    void onlyTheFirstDecisionCounts() {
        dial(Peers.client(a), server(request -> Flux.just(Admission.accept(), Admission.refuse(1, "too late"))));
        network.advance(Duration.ofSeconds(1));
        assertThat(connected).hasSize(1);
    }

    @Test
    void aRefusalReachesTheCallerWithItsCodeAndReason() {
        // Codes that are the transport's, too.
        for (long code : new long[] {0, TransportErrorCode.OVERLOADED, TransportErrorCode.NODE_CLOSING, VarInt.MAX}) {
            failures.clear();
            TransportNode server = server(request -> after(Duration.ofMillis(100), Admission.refuse(code, "not you")));
            dial(Peers.client(a), server);
            network.advance(Duration.ofSeconds(1));

            ConnectionEstablishmentException failure = failure();
            assertThat(failure.reason()).isEqualTo(Reason.REFUSED);
            assertThat(failure.isByApplication()).isTrue();
            assertThat(failure.code()).isEqualTo(code);
            assertThat(failure).hasMessageEndingWith("not you");
            NodeStatistics statistics = statistics(server);
            assertThat(statistics.refused()).isEqualTo(1);
            assertThat(statistics.refusedByApplication()).isEqualTo(1);
            assertThat(statistics.refusedForCapacity()).isZero();
            network.await(server.close(), Peers.LIMIT);
        }
    }

    @Test
    void aCodeThatTheWireCannotCarryIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Admission.refuse(-1, ""))
                .withMessageContaining("-1");
        assertThatIllegalArgumentException().isThrownBy(() -> Admission.refuse(1L << 62, ""));
    }

    static Stream<Arguments> undecided() {
        return Stream.of(
                Arguments.of(hook(request -> Mono.never()), "not decided within 5000 ms"),
                Arguments.of(hook(request -> Mono.error(new IllegalStateException("secret"))), "has failed"),
                Arguments.of(hook(request -> Mono.empty()), "completed without a decision"),
                Arguments.of(
                        hook(request -> {
                            throw new IllegalStateException("secret");
                        }),
                        "has thrown an exception"),
                Arguments.of(
                        hook(request -> {
                            throw new AssertionError("secret");
                        }),
                        "has thrown an exception"));
    }

    @ParameterizedTest
    @MethodSource("undecided")
    void withoutADecisionThePeerIsRefusedAndToldWhy(
            Function<ConnectionRequest, Publisher<Admission>> hook, String reason) {
        dial(Peers.client(a), server(hook));
        network.advance(Duration.ofSeconds(6));

        ConnectionEstablishmentException failure = failure();
        assertThat(failure.reason()).isEqualTo(Reason.REFUSED);
        assertThat(failure.isByApplication()).isFalse();
        assertThat(failure.code()).isEqualTo(TransportErrorCode.INTERNAL_ERROR);
        assertThat(failure).hasMessageContaining(reason).hasMessageNotContaining("secret");
        assertThat(asked).hasSize(1);
    }

    @Test
    void aDecisionThatTakesTooLongIsCancelled() {
        dial(Peers.client(a), server(request -> Mono.never()));
        network.advance(Duration.ofMillis(4900));
        assertThat(cancelled).isZero();
        network.advance(Duration.ofMillis(200));
        assertThat(cancelled).isEqualTo(1);
    }

    @Test
    void aNewerAttemptOfTheSamePeerCancelsTheDecisionOnTheOlderOne() {
        TransportNode server =
                server(request -> asked.size() == 1 ? Mono.never() : after(Duration.ofMillis(500), Admission.accept()));
        Peers.client(a).connect(server.addressAs("b")).subscribe(nothing -> {}, failure -> {});
        network.advance(Duration.ofSeconds(1));
        a.crash();
        a.restart();
        dial(Peers.client(a), server);
        network.advance(Duration.ofMillis(200));
        assertThat(asked).hasSize(2);
        assertThat(cancelled).isEqualTo(1);
        network.advance(Duration.ofSeconds(1));
        assertThat(connected).hasSize(1);
    }

    @Test
    void anOwnAttemptIsNotAskedAbout() {
        TransportNode server = server(request -> Mono.just(Admission.accept()));
        List<ConnectionRequest> askedOfClient = new ArrayList<>();
        TransportNode client = ReactiveTransport.create()
                .runOn(a)
                .admit(request -> {
                    askedOfClient.add(request);
                    return Mono.just(Admission.refuse(1, "nobody"));
                })
                .bindNow();
        dial(client, server);
        network.advance(Duration.ofSeconds(1));
        assertThat(connected).hasSize(1);
        assertThat(askedOfClient).isEmpty();
    }

    @Test
    void attemptsThatCrossGiveOneConnectionHoweverLongTheDecisionsTake() {
        for (int delayMs = 0; delayMs < 3000; delayMs += 190) {
            SimulatedNetwork crossing = SimulatedNetwork.create(delayMs);
            Duration delay = Duration.ofMillis(delayMs);
            List<PeerConnection> connections = new ArrayList<>();
            List<Throwable> errors = new ArrayList<>();
            List<TransportNode> nodes = new ArrayList<>();
            for (String name : List.of("one", "two")) {
                nodes.add(ReactiveTransport.create()
                        .runOn(crossing.host(name))
                        .port(Peers.PORT)
                        .admit(request ->
                                Mono.delay(delay, crossing.scheduler()).thenReturn(Admission.accept()))
                        .doOnConnection(connection -> {
                            connections.add(connection);
                            connection.onClose().subscribe(nothing -> {}, errors::add);
                        })
                        .bindNow());
            }
            nodes.get(0).connect(nodes.get(1).addressAs("two")).subscribe(nothing -> {}, errors::add);
            crossing.advance(Duration.ofMillis(15));
            nodes.get(1).connect(nodes.get(0).addressAs("one")).subscribe(nothing -> {}, errors::add);
            crossing.advance(Duration.ofSeconds(20));

            assertThat(errors).as("after decisions in %s", delay).isEmpty();
            assertThat(connections)
                    .as("connections after decisions in %s", delay)
                    .hasSize(2)
                    .allMatch(connection -> connection.state() instanceof ConnectionState.Established);
        }
    }

    @Test
    void aNodeThatClosesCancelsTheDecisionsAndTellsThePeers() {
        TransportNode server = server(request -> Mono.never());
        dial(Peers.client(a), server);
        network.advance(Duration.ofSeconds(1));
        network.await(server.close(), Peers.LIMIT);
        network.advance(Duration.ofSeconds(1));

        ConnectionEstablishmentException failure = failure();
        assertThat(failure.reason()).isEqualTo(Reason.REFUSED);
        assertThat(failure.isByApplication()).isFalse();
        assertThat(failure.code()).isEqualTo(TransportErrorCode.NODE_CLOSING);
        assertThat(failure).hasMessageContaining("the node is closing");
        assertThat(cancelled).isEqualTo(1);
    }

    @Test
    void aNodeThatIsDisposedOfCancelsTheDecisions() {
        TransportNode server = server(request -> Mono.never());
        dial(Peers.client(a), server);
        network.advance(Duration.ofSeconds(1));
        server.dispose();
        network.advance(Duration.ofMillis(1));
        assertThat(cancelled).isEqualTo(1);
    }

    private TransportNode server(Function<ConnectionRequest, Publisher<Admission>> hook) {
        return ReactiveTransport.create()
                .runOn(b)
                .port(Peers.PORT)
                .admit(request -> {
                    asked.add(request);
                    return Flux.from(hook.apply(request)).doOnCancel(() -> cancelled++);
                })
                .handle(peer -> peer.send(peer.receive().retain()))
                .bindNow();
    }

    private static Function<ConnectionRequest, Publisher<Admission>> hook(
            Function<ConnectionRequest, Publisher<Admission>> hook) {
        return hook;
    }

    private Mono<Admission> after(Duration delay, Admission admission) {
        return Mono.delay(delay, network.scheduler()).thenReturn(admission);
    }

    private void dial(TransportNode client, TransportNode server) {
        client.connect(server.addressAs("b")).subscribe(connected::add, failures::add);
    }

    private NodeStatistics statistics(TransportNode node) {
        return Objects.requireNonNull(network.await(node.statistics(), Peers.LIMIT));
    }

    private ConnectionEstablishmentException failure() {
        assertThat(failures).singleElement().isInstanceOf(ConnectionEstablishmentException.class);
        return (ConnectionEstablishmentException) failures.get(0);
    }
}
