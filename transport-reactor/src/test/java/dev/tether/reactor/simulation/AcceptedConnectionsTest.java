package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.ConnectionState;
import dev.tether.core.PeerIdentity;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.reactor.NodeStatistics;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;

/** Connections that peers have opened, on their way to the application, with the default limit of 100 that wait. */
class AcceptedConnectionsTest {

    private static final int LIMIT = 100;

    private final SimulatedNetwork network = SimulatedNetwork.create(1);
    private final SimulatedHost b = network.host("b");
    private final List<PeerConnection> dialed = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private int dialers;

    @Test
    void aHundredWaitForTheApplicationAndTheNextOneIsRefused() {
        TransportNode server = transport().bindNow();
        for (int i = 0; i < LIMIT; i++) {
            dialAndWait(server);
        }
        assertThat(failures).isEmpty();
        dialAndWait(server);
        assertOverloaded(1);
        assertThat(statistics(server).refusedForCapacity()).isEqualTo(1);
        assertThat(statistics(server).connections()).isEqualTo(LIMIT);
        network.advance(Duration.ofMinutes(5));

        List<PeerConnection> accepted = new ArrayList<>();
        server.connections().subscribe(accepted::add);
        network.advance(Duration.ofSeconds(1));
        assertThat(accepted).hasSize(LIMIT);
        assertAllDeliver(accepted);
        dialAndWait(server);
        assertThat(dialed).as("after the queue was drained").hasSize(LIMIT + 1);
        assertThat(accepted).hasSize(LIMIT + 1);
    }

    @Test
    void ofManyThatComeAtOnceAsManyAreAcceptedAsCanWait() {
        TransportNode server = transport().bindNow();
        for (int i = 0; i < LIMIT + 50; i++) {
            dial(server);
        }
        network.advance(Duration.ofSeconds(10));
        assertThat(dialed).hasSize(LIMIT).allMatch(AcceptedConnectionsTest::isEstablished);
        assertOverloaded(50);
        List<PeerConnection> accepted = new ArrayList<>();
        server.connections().subscribe(accepted::add);
        network.advance(Duration.ofSeconds(1));
        assertThat(accepted).hasSize(LIMIT);
    }

    @Test
    void whatACancelledSubscriberHasNotTakenWaitsForTheNextOne() {
        TransportNode server = transport().bindNow();
        for (int i = 0; i < 6; i++) {
            dialAndWait(server);
        }
        List<PeerConnection> first = new ArrayList<>();
        List<PeerConnection> second = new ArrayList<>();
        server.connections().take(2).subscribe(first::add);
        network.advance(Duration.ofMillis(1));
        dialAndWait(server);
        server.connections().subscribe(second::add);
        network.advance(Duration.ofMillis(1));
        dialAndWait(server);

        assertThat(first)
                .extracting(PeerConnection::remoteIdentity)
                .containsExactlyElementsOf(identities().subList(0, 2));
        assertThat(second)
                .extracting(PeerConnection::remoteIdentity)
                .containsExactlyElementsOf(identities().subList(2, 8));
        assertThat(failures).isEmpty();
    }

    @Test
    void afterASubscriberHasCancelledConnectionsWaitAsBeforeTheFirst() {
        TransportNode server = transport().bindNow();
        server.connections().subscribe().dispose();
        for (int i = 0; i <= LIMIT; i++) {
            dialAndWait(server);
        }
        assertThat(dialed).hasSize(LIMIT);
        assertOverloaded(1);
    }

    @Test
    void aSlowSubscriberGetsWhatItRequestsAndTheOthersWait() {
        TransportNode server = transport().bindNow();
        Slow slow = new Slow();
        server.connections().subscribe(slow);
        for (int i = 0; i <= LIMIT; i++) {
            dialAndWait(server);
        }
        assertThat(slow.received).hasSize(1);
        assertThat(dialed).as("one was taken, a hundred wait").hasSize(LIMIT + 1);
        dialAndWait(server);
        assertOverloaded(1);

        slow.request(1);
        network.advance(Duration.ofMillis(1));
        assertThat(slow.received).hasSize(2);
        dialAndWait(server);
        assertThat(dialed).as("a place is free again").hasSize(LIMIT + 2);
        slow.requestUnbounded();
        network.advance(Duration.ofMillis(1));
        assertThat(slow.received).hasSize(LIMIT + 2);
        assertAllDeliver(slow.received);
    }

    @Test
    void aSecondSubscriberAtATimeIsAnError() {
        TransportNode server = transport().bindNow();
        List<PeerConnection> first = new ArrayList<>();
        List<Throwable> errors = new ArrayList<>();
        server.connections().subscribe(first::add);
        network.advance(Duration.ofMillis(1));
        server.connections().subscribe(connection -> {}, errors::add);
        network.advance(Duration.ofMillis(1));
        dialAndWait(server);

        assertThat(errors).singleElement().isInstanceOf(IllegalStateException.class);
        assertThat(first).hasSize(1);
    }

    @Test
    void aSlowSubscriberGetsTheRestAndTheCompletionAfterTheNodeHasClosed() {
        TransportNode server = transport().bindNow();
        Slow slow = new Slow();
        server.connections().subscribe(slow);
        for (int i = 0; i < 3; i++) {
            dialAndWait(server);
        }
        network.await(server.close(), Peers.LIMIT);
        network.advance(Duration.ofSeconds(1));
        assertThat(slow.received).hasSize(1);
        assertThat(slow.completed).isFalse();
        slow.request(2);
        assertThat(slow.received).hasSize(3);
        assertThat(slow.completed).isTrue();
    }

    @Test
    void whoSubscribesAfterTheCloseGetsACompletion() {
        TransportNode server = transport().bindNow();
        network.await(server.close(), Peers.LIMIT);
        Slow late = new Slow();
        server.connections().subscribe(late);
        network.advance(Duration.ofSeconds(1));
        assertThat(late.completed).isTrue();
    }

    @Test
    void aHandlerTakesThemAll() {
        TransportNode server =
                transport().handle(peer -> peer.send(peer.receive().retain())).bindNow();
        for (int i = 0; i < LIMIT + 50; i++) {
            dial(server);
        }
        network.advance(Duration.ofSeconds(10));
        assertThat(failures).isEmpty();
        assertThat(dialed).hasSize(LIMIT + 50);
        Peers.assertEcho(network, dialed.get(LIMIT + 49));
    }

    @Test
    void aCallbackWithoutASubscriberTakesThemAll() {
        List<PeerConnection> accepted = new ArrayList<>();
        TransportNode server = transport().doOnConnection(accepted::add).bindNow();
        for (int i = 0; i < LIMIT + 50; i++) {
            dial(server);
        }
        network.advance(Duration.ofSeconds(10));
        assertThat(failures).isEmpty();
        assertThat(accepted).hasSize(LIMIT + 50);
    }

    @Test
    void aCallbackAndASubscriberBothSeeThem() {
        List<PeerConnection> called = new ArrayList<>();
        List<PeerConnection> subscribed = new ArrayList<>();
        TransportNode server = transport().doOnConnection(called::add).bindNow();
        server.connections().subscribe(subscribed::add);
        dialAndWait(server);
        dialAndWait(server);
        assertThat(subscribed).hasSize(2).isEqualTo(called);
    }

    private ReactiveTransport transport() {
        return ReactiveTransport.create().runOn(b).port(Peers.PORT);
    }

    private List<PeerIdentity> identities() {
        List<PeerIdentity> identities = new ArrayList<>();
        for (int i = 0; i < dialers; i++) {
            identities.add(Peers.identity("dialer" + i).identity());
        }
        return identities;
    }

    private void dial(TransportNode server) {
        Peers.client(network.host("dialer" + dialers++))
                .connect(server.addressAs("b"))
                .subscribe(dialed::add, failures::add);
    }

    private void dialAndWait(TransportNode server) {
        dial(server);
        network.advance(Duration.ofMillis(100));
    }

    private NodeStatistics statistics(TransportNode node) {
        return Objects.requireNonNull(network.await(node.statistics(), Peers.LIMIT));
    }

    private void assertOverloaded(int times) {
        assertThat(failures)
                .hasSize(times)
                .allSatisfy(failure -> assertThat(failure)
                        .isInstanceOfSatisfying(
                                ConnectionEstablishmentException.class,
                                it -> assertThat(it.reason())
                                        .isEqualTo(ConnectionEstablishmentException.Reason.OVERLOADED)));
    }

    /** Each dialing side sends a message, which its peer receives. */
    private void assertAllDeliver(List<PeerConnection> accepted) {
        List<String> received = new ArrayList<>();
        accepted.forEach(connection -> connection.receive().asString().subscribe(received::add, failures::add));
        for (int i = 0; i < dialed.size(); i++) {
            network.await(dialed.get(i).sendString(Mono.just("message " + i)), Peers.LIMIT);
        }
        assertThat(received).hasSize(dialed.size()).doesNotHaveDuplicates();
    }

    private static boolean isEstablished(PeerConnection connection) {
        return connection.state() instanceof ConnectionState.Established;
    }

    /** Asks for one at first, and for more only when it is told to. */
    private static final class Slow extends BaseSubscriber<PeerConnection> {

        private final List<PeerConnection> received = new ArrayList<>();
        private boolean completed;

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            subscription.request(1);
        }

        @Override
        protected void hookOnNext(PeerConnection connection) {
            received.add(connection);
        }

        @Override
        protected void hookOnComplete() {
            completed = true;
        }
    }
}
