package dev.tether.reactor.simulation;

import static dev.tether.reactor.simulation.Peers.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.ConnectionState;
import dev.tether.core.PeerAddress;
import dev.tether.core.error.ChannelClosedException;
import dev.tether.core.error.ConnectionClosedException;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.error.ConnectionLostException;
import dev.tether.core.error.TransportException;
import dev.tether.reactor.Admission;
import dev.tether.reactor.LinkState;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.PeerLink;
import dev.tether.reactor.ReactiveTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.publisher.TestPublisher;
import reactor.util.retry.Retry;

/** When a link connects again, and when it gives up: every kind of {@link Retry}, and every connection that comes meanwhile. */
@Timeout(value = 20, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LinkRetryTest extends LinkFixture {

    private static final Retry HOURLY = Retry.backoff(100, Duration.ofHours(1)).maxBackoff(Duration.ofHours(1));

    private PeerAddress own() {
        return client.addressAs("a");
    }

    private PeerAddress unresolvable() {
        return PeerAddress.of(server.identity(), "nowhere", Peers.PORT);
    }

    @Test
    void attemptsThatFailAtOnceAreCounted() {
        PeerLink link = client.link(own(), Retry.max(3));
        List<LinkState> states = statesOf(link);
        Ending end = Ending.of(link.onClose());
        network.advance(SECOND);
        assertThat(end.failure)
                .isInstanceOf(ConnectionEstablishmentException.class)
                .hasMessageContaining("own");
        assertThat(states)
                .last()
                .isInstanceOfSatisfying(
                        LinkState.Disconnected.class,
                        last -> assertThat(last.attempt()).isEqualTo(3));
    }

    @Test
    void endlessAttemptsThatFailAtOnceLeaveTheNodeTimeForOthers() {
        PeerLink link = client.link(own(), Retry.indefinitely());
        List<LinkState> states = statesOf(link);
        PeerConnection connection = network.await(client.connect(address), LIMIT);
        assertThat(connection).isNotNull();
        network.advance(SECOND);
        assertThat(states).hasSizeBetween(20, 1000);
        network.await(link.close(), LIMIT);
    }

    @Test
    void anAttemptThatAStateObserverAsksForIsKept() {
        server.dispose();
        PeerLink link = client.link(PeerAddress.of(server.identity(), "late", Peers.PORT), HOURLY);
        List<SimulatedHost> late = new ArrayList<>();
        link.states().subscribe(state -> {
            if (state instanceof LinkState.Disconnected) {
                late.add(network.host("late"));
                link.retryNow();
            }
        });
        network.advance(SECOND);
        assertThat(link.state()).isEqualTo(new LinkState.Connecting(2));
        ReactiveTransport.create()
                .runOn(late.get(0))
                .identity(Peers.identity("b"))
                .port(Peers.PORT)
                .bindNow();
        network.advance(Duration.ofSeconds(3));
        assertThat(link.state()).isInstanceOf(LinkState.Connected.class);
    }

    @Test
    void aConnectionByThePeerEndsTheCountingOfFailures() {
        b.crash();
        PeerLink link = client.link(address, Retry.backoff(3, Duration.ofSeconds(60)));
        network.advance(Duration.ofSeconds(11));
        for (int i = 0; i < 2; i++) {
            link.retryNow();
            network.advance(Duration.ofSeconds(11));
        }
        b.restart();
        server = listen();
        accepted();
        network.advance(SECOND);
        PeerConnection connection = connectionOf(link);
        network.advance(Duration.ofMinutes(30));
        assertThat(link.state()).isInstanceOf(LinkState.Connected.class);
        assertThat(connectionOf(link)).isSameAs(connection);
    }

    @Test
    void theWaitingAfterALossDoesNotFollowOneThatAConnectionHasEnded() {
        b.crash();
        PeerLink link = client.link(address, Retry.fixedDelay(3, Duration.ofSeconds(40)));
        network.advance(Duration.ofSeconds(11));
        b.restart();
        server = listen();
        PeerConnection connection = accepted();
        network.advance(Duration.ofSeconds(30));
        connection.close().subscribe();
        network.advance(Duration.ofSeconds(15));
        assertThat(link.state())
                .as("45 s after the first failure, 15 s after the loss")
                .isInstanceOf(LinkState.Disconnected.class);
        network.advance(Duration.ofSeconds(30));
        assertThat(link.state()).isInstanceOf(LinkState.Connected.class);
    }

    @Test
    void aConnectionByAPeerThatHasRestartedIsTakenAtOnce() {
        PeerLink link = client.link(address, HOURLY);
        List<LinkState> states = statesOf(link);
        network.advance(SECOND);
        b.crash();
        b.restart();
        server = listen();
        server.connect(back()).subscribe();
        network.advance(Duration.ofSeconds(5));
        assertThat(states)
                .anyMatch(it ->
                        it instanceof LinkState.Disconnected lost && lost.cause() instanceof ConnectionLostException);
        assertThat(link.state()).isInstanceOf(LinkState.Connected.class);
        network.await(link.sendString(Mono.just("there")), LIMIT);
        assertThat(received).containsExactly("there");
    }

    @Test
    void aConnectionThatComesWhileTheOldOneClosesIsTaken() {
        PeerLink link = client.link(address, HOURLY);
        network.advance(SECOND);
        PeerConnection first = connectionOf(link);
        b.crash();
        b.restart();
        server = listen();
        first.close(3, "away").subscribe();
        assertThat(first.state()).isInstanceOf(ConnectionState.Closing.class);
        server.connect(back()).subscribe();
        network.advance(Duration.ofSeconds(5));
        assertThat(link.state()).isInstanceOf(LinkState.Connected.class);
        assertThat(connectionOf(link)).isNotSameAs(first);
        network.await(link.sendString(Mono.just("hello")), LIMIT);
        assertThat(received).containsExactly("hello");
    }

    @Test
    void aCompanionThatWantsNoMoreFailuresLeavesTheLinkWaiting() {
        b.crash();
        PeerLink link =
                client.link(address, Retry.from(failures -> failures.take(1).concatWith(Mono.never())));
        network.advance(Duration.ofMinutes(5));
        assertThat(link.state()).isInstanceOf(LinkState.Disconnected.class);
        b.restart();
        server = listen();
        link.retryNow();
        network.advance(SECOND);
        assertThat(link.state()).isInstanceOf(LinkState.Connected.class);
    }

    @Test
    void aCompanionThatCompletesEndsTheLinkWithTheLastFailure() {
        b.crash();
        PeerLink link = client.link(
                address, Retry.from(failures -> failures.take(2).filter(signal -> signal.totalRetries() < 2)));
        Ending end = Ending.of(link.onClose());
        network.advance(Duration.ofSeconds(15));
        assertThat(end.isThere()).isFalse();
        network.advance(Duration.ofSeconds(15));
        assertThat(end.failure).isInstanceOf(ConnectionEstablishmentException.class);
    }

    @Test
    void aCompanionMayEmitWhatItLikes() {
        TestPublisher<Integer> companion = TestPublisher.create();
        b.crash();
        PeerLink link = client.link(address, new Retry() {
            @Override
            public Publisher<?> generateCompanion(Flux<RetrySignal> failures) {
                return companion.flux();
            }
        });
        network.advance(Duration.ofSeconds(11));
        assertThat(link.state()).isInstanceOf(LinkState.Disconnected.class);
        companion.next(1, 2, 3);
        network.advance(SECOND);
        assertThat(link.state()).isEqualTo(new LinkState.Connecting(2));
        companion.next(4);
        network.advance(Duration.ofSeconds(11));
        assertThat(link.state()).isInstanceOf(LinkState.Disconnected.class);
        b.restart();
        server = listen();
        companion.next(5);
        network.advance(SECOND);
        assertThat(link.state()).isInstanceOf(LinkState.Connected.class);
    }

    @Test
    void aCompanionThatCannotBeMadeEndsTheLink() {
        IllegalStateException failure = new IllegalStateException("no companion");
        b.crash();
        PeerLink link = client.link(address, new Retry() {
            @Override
            public Publisher<?> generateCompanion(Flux<RetrySignal> failures) {
                throw failure;
            }
        });
        Ending end = Ending.of(link.onClose());
        network.advance(Duration.ofSeconds(15));
        assertThat(end.failure).isSameAs(failure);
    }

    @Test
    void aClosedLinkIsNeitherDisconnectedNorDialsAgain() {
        PeerLink link = client.link(address, Retry.indefinitely());
        network.advance(SECOND);
        List<LinkState> states = statesOf(link);
        network.await(link.close(), LIMIT);
        network.advance(SECOND);
        assertThat(states).allMatch(LinkState.Connected.class::isInstance);
        assertThat(network.await(server.statistics(), LIMIT))
                .satisfies(it -> assertThat(it.connections()).isZero());
    }

    @Test
    void aCloseCodeOutOfRangeIsRefusedAndClosesNothing() {
        PeerLink link = client.link(address);
        network.advance(SECOND);
        assertThatThrownBy(() -> network.await(link.close(-1, "no"), LIMIT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-1");
        network.await(link.sendString(Mono.just("hello")), LIMIT);
        network.await(link.close(PeerConnection.MAX_CLOSE_CODE, "enough"), LIMIT);
    }

    @Test
    void anEndedLinkGivesNoConnection() {
        PeerLink closed = client.link(address);
        PeerLink failed = client.link(address);
        network.advance(SECOND);
        network.await(closed.close(), LIMIT);
        assertThatThrownBy(() -> network.await(closed.connection(), LIMIT))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("the link was closed");
        client.dispose();
        network.advance(SECOND);
        assertThat(Ending.of(failed.connection()).failure).isInstanceOf(ChannelClosedException.class);
    }

    @Test
    void aLinkIsClosedByWhoSeesItConnecting() {
        PeerLink link = client.link(address);
        Ending end = Ending.of(link.onClose());
        link.states().subscribe(state -> link.close().subscribe());
        network.advance(SECOND);
        assertThat(end.completed).isTrue();
        assertThat(network.await(server.statistics(), LIMIT))
                .satisfies(it -> assertThat(it.connections()).isZero());
    }

    @Test
    void aNodeThatClosesEndsALinkThatNeverWaits() {
        PeerLink link = client.link(address, Retry.indefinitely());
        network.advance(SECOND);
        Ending end = Ending.of(link.onClose());
        Ending send = Ending.of(link.send(Flux.never()));
        network.await(client.close(), LIMIT);
        assertThat(end.completed).isTrue();
        assertThat(send.failure).isInstanceOf(ConnectionClosedException.class);
    }

    @Test
    void aLinkThatIsRefusedComesInWhenItIsAdmitted() {
        server.close().subscribe();
        network.advance(SECOND);
        boolean[] open = new boolean[1];
        server = ReactiveTransport.create()
                .runOn(b)
                .identity(Peers.identity("b"))
                .port(Peers.PORT)
                .admit(request -> Mono.just(open[0] ? Admission.accept() : Admission.refuse(9, "not now")))
                .doOnConnection(peer -> peer.receive().asString().subscribe(received::add, failure -> {}))
                .bindNow();
        PeerLink link = client.link(address);
        Ending send = Ending.of(link.sendString(Mono.just("hello")));
        network.advance(Duration.ofSeconds(2));
        assertThat(statesOf(link)).last().isNotInstanceOf(LinkState.Connected.class);
        open[0] = true;
        network.advance(Duration.ofSeconds(20));
        assertThat(send.completed).isTrue();
        assertThat(received).containsExactly("hello");
    }

    @Test
    void aSendThroughALinkToNowhereTimesOutWithThatAsItsCause() {
        PeerLink link = client.link(unresolvable());
        Ending send = Ending.of(link.send(Flux.just(message("one"), message("two"))));
        network.advance(Duration.ofSeconds(30));
        assertThat(send.failure)
                .isInstanceOf(ConnectionEstablishmentException.class)
                .cause()
                .hasMessageContaining("nowhere");
    }
}
