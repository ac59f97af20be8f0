package dev.tether.reactor.simulation;

import static dev.tether.reactor.simulation.Peers.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.error.ConnectionClosedException;
import dev.tether.core.error.ConnectionLostException;
import dev.tether.core.error.MessageTooLargeException;
import dev.tether.reactor.LinkState;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.PeerLink;
import dev.tether.reactor.ReactiveTransport;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** What becomes of each buffer that a link is given, and of each message that it receives. */
class LinkMessagesTest extends LinkFixture {

    /** Asks for what it is told to. */
    private static final class Taker extends BaseSubscriber<String> {
        private final List<String> taken = new ArrayList<>();
        private boolean completed;

        @Override
        protected void hookOnSubscribe(Subscription subscription) {}

        @Override
        protected void hookOnNext(String message) {
            taken.add(message);
        }

        @Override
        protected void hookOnComplete() {
            completed = true;
        }
    }

    private Taker take(PeerLink link, long demand) {
        Taker taker = new Taker();
        link.receive().asString().subscribe(taker);
        taker.request(demand);
        return taker;
    }

    // Sends

    @Test
    void whatAFailedPublisherHasGivenIsReleasedWithTheLink() {
        b.crash();
        PeerLink link = client.link(address);
        IllegalStateException failure = new IllegalStateException("no more");
        Ending send = Ending.of(link.send(Flux.concat(Mono.just(message("one")), Mono.error(failure))));
        network.advance(SECOND);
        assertThat(send.failure).isSameAs(failure);
        network.await(link.close(), LIMIT);
        network.advance(SECOND);
        // The rest is asserted after each test.
    }

    @Test
    void whatAFailedPublisherHasGivenIsNotKeptForLongerThanASendWaits() {
        b.crash();
        PeerLink link = client.link(address);
        ByteBuf one = message("one");
        link.send(Flux.concat(Mono.just(one), Mono.error(new IllegalStateException("no more"))))
                .subscribe(nothing -> {}, failure -> {});
        network.advance(Duration.ofSeconds(31));
        assertThat(one.refCnt()).isZero();
    }

    @Test
    void whatAFailedPublisherHasGivenIsDelivered() {
        PeerLink link = client.link(address);
        link.send(Flux.concat(Mono.just(message("one")), Mono.error(new IllegalStateException("no more"))))
                .subscribe(nothing -> {}, failure -> {});
        network.advance(SECOND);
        assertThat(received).containsExactly("one");
        network.await(link.sendString(Mono.just("two")), LIMIT);
        assertThat(received).containsExactly("one", "two");
    }

    @Test
    void aPublisherThatGivesMoreThanWasAskedForFails() {
        b.crash();
        PeerLink link = client.link(address);
        List<Subscriber<? super ByteBuf>> subscribers = new ArrayList<>();
        Ending send = Ending.of(link.send((Publisher<ByteBuf>) subscriber -> {
            subscribers.add(subscriber);
            subscriber.onSubscribe(Operators.emptySubscription());
        }));
        network.advance(SECOND);
        for (int i = 0; i < 1000; i++) {
            subscribers.get(0).onNext(message("x".repeat(2048)));
        }
        network.advance(SECOND);
        assertThat(send.isThere()).as("before what it gave is handed over").isFalse();
        b.restart();
        server = listen();
        network.advance(Duration.ofSeconds(20));
        assertThat(send.failure).hasMessageContaining("more than was asked for");
    }

    @Test
    void sendsThatAreBegunInTheEndOfASendAreServed() {
        PeerLink link = client.link(address);
        List<String> ends = new ArrayList<>();
        link.sendString(Mono.just("one"))
                .doOnTerminate(() -> ends.add("one"))
                .then(Mono.defer(() -> link.sendString(Flux.just("two", "three"))))
                .doOnTerminate(() -> ends.add("two"))
                .then(Mono.defer(() -> link.send(Flux.empty())))
                .doOnTerminate(() -> ends.add("none"))
                .subscribe();
        network.advance(Duration.ofSeconds(2));
        assertThat(ends).containsExactly("one", "two", "none");
        assertThat(received).containsExactly("one", "two", "three");
    }

    @Test
    void aSendThatFailsMayCloseTheLinkOrSendAgain() {
        PeerLink link = client.link(address);
        network.advance(SECOND);
        network.link(a, b).cut();
        List<Throwable> failures = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            link.send(Flux.just(message("one " + i), message("two " + i)))
                    .doOnError(failure -> {
                        failures.add(failure);
                        link.send(Mono.fromSupplier(() -> message("again"))).subscribe(nothing -> {}, failures::add);
                        link.close(3, "enough").subscribe();
                    })
                    .subscribe(nothing -> {}, failure -> {});
        }
        network.advance(Duration.ofMillis(10));
        b.crash();
        network.advance(Duration.ofMinutes(5));
        assertThat(failures).hasSize(20);
        assertThat(link.state()).isNotInstanceOf(LinkState.Connected.class);
    }

    @Test
    void aLinkThatIsClosedByAPublisherReleasesAll() {
        PeerLink link = client.link(address);
        network.advance(SECOND);
        Ending send = Ending.of(link.send(Flux.range(0, 100).map(i -> {
            if (i == 50) {
                link.close(3, "enough").subscribe();
            }
            return message("message " + i);
        })));
        network.advance(SECOND);
        assertThat(send.failure).isInstanceOf(ConnectionClosedException.class);
    }

    @Test
    void aPeerThatHasForgottenReleasesWhatWasUnderWay() {
        PeerLink link = client.link(address);
        network.advance(SECOND);
        network.link(a, b).cut();
        List<Ending> sends = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            sends.add(Ending.of(link.send(Flux.just(message("one " + i), message("two " + i)))));
        }
        Ending cancelled = new Ending();
        link.send(Flux.just(message("cancelled"), message("too"))).subscribe().dispose();
        network.advance(Duration.ofMillis(10));
        b.crash();
        b.restart();
        server = listen();
        network.link(a, b).heal();
        network.advance(Duration.ofSeconds(30));
        assertThat(sends)
                .allSatisfy(send -> assertThat(send.failure)
                        .isInstanceOfSatisfying(
                                ConnectionLostException.class,
                                it -> assertThat(it.reason())
                                        .isEqualTo(ConnectionLostException.Reason.PEER_RESTARTED)));
        assertThat(cancelled.isThere()).isFalse();
        assertThat(received).isEmpty();
        network.await(link.sendString(Mono.just("later")), LIMIT);
        assertThat(received).containsExactly("later");
    }

    @Test
    void thereAreAsManyLinksToOnePeerAsItRemembers() {
        List<PeerLink> links = new ArrayList<>();
        List<Ending> sends = new ArrayList<>();
        for (int i = 0; i < PeerLink.MAX_LINKS_OF_PEER + 1; i++) {
            PeerLink link = client.link(address);
            links.add(link);
            sends.add(Ending.of(link.sendString(Flux.just("one", "two"))));
        }
        network.advance(Duration.ofSeconds(5));
        Ending last = sends.remove(sends.size() - 1);
        assertThat(last.failure).isInstanceOf(IllegalStateException.class).hasMessageContaining("16 links");
        assertThat(sends).allMatch(it -> it.completed);
        network.await(links.get(3).close(), LIMIT);
        network.await(client.link(address).sendString(Mono.just("three")), LIMIT);
    }

    @Test
    void aMessageThatIsTooLargeMakesRoomForTheOthers() {
        network.await(server.close(), LIMIT);
        ReactiveTransport.create()
                .runOn(b)
                .identity(Peers.identity("b"))
                .port(Peers.PORT)
                .settings(settings -> settings.maxMessageSize(1000))
                .doOnConnection(peer -> peer.receive().asString().subscribe(received::add, failure -> {}))
                .bindNow();
        PeerLink link = client.link(address);
        Ending large = Ending.of(link.send(Mono.just(message("x".repeat(4 << 20)))));
        Ending after = Ending.of(link.sendString(Flux.just("one", "two")));
        network.advance(Duration.ofSeconds(5));
        assertThat(large.failure).isInstanceOf(MessageTooLargeException.class);
        assertThat(after.completed).isTrue();
        assertThat(received).containsExactly("one", "two");
    }

    // Received messages

    @Test
    void demandIsCarriedOverToTheNextConnection() {
        PeerLink link = client.link(address);
        network.advance(SECOND);
        Taker taker = take(link, 5);
        network.await(accepted().sendString(Flux.just("1", "2", "3")), LIMIT);
        accepted().close(5, "restart").subscribe();
        network.advance(Duration.ofSeconds(5));
        accepted().sendString(Flux.just("4", "5", "6", "7")).subscribe();
        network.advance(SECOND);
        assertThat(taker.taken).containsExactly("1", "2", "3", "4", "5");
        taker.request(1);
        network.advance(SECOND);
        assertThat(taker.taken).containsExactly("1", "2", "3", "4", "5", "6");
        taker.cancel();
        Taker next = take(link, 10);
        network.advance(SECOND);
        assertThat(next.taken).containsExactly("7");
    }

    @Test
    void whatArrivedBeforeTheCloseOfALinkIsDeliveredBeforeItsEnd() {
        PeerLink link = client.link(address);
        network.advance(SECOND);
        Taker taker = take(link, 2);
        network.await(accepted().sendString(Flux.just("1", "2", "3", "4")), LIMIT);
        network.await(link.close(), LIMIT);
        network.advance(SECOND);
        assertThat(taker.taken).containsExactly("1", "2");
        assertThat(taker.completed).isFalse();
        taker.request(10);
        network.advance(SECOND);
        assertThat(taker.taken).containsExactly("1", "2", "3", "4");
        assertThat(taker.completed).isTrue();
    }

    @Test
    void whoComesAfterTheEndOfALinkGetsWhatHadArrived() {
        PeerLink link = client.link(address);
        network.advance(SECOND);
        network.await(accepted().sendString(Flux.just("1", "2", "3")), LIMIT);
        network.await(link.close(), LIMIT);
        Taker first = take(link, 1);
        network.advance(SECOND);
        first.cancel();
        Taker second = take(link, 10);
        network.advance(SECOND);
        assertThat(first.taken).containsExactly("1");
        assertThat(second.taken).containsExactly("2", "3");
        assertThat(second.completed).isTrue();
        Taker third = take(link, 1);
        network.advance(SECOND);
        assertThat(third.completed).isTrue();
    }

    @Test
    void aConnectionWhoseMessagesSomebodyElseTakesIsPassedOver() {
        PeerLink link = client.link(address);
        network.advance(SECOND);
        List<String> elsewhere = new ArrayList<>();
        connectionOf(link).receive().asString().subscribe(elsewhere::add, failure -> {});
        Taker taker = take(link, 10);
        network.await(accepted().sendString(Flux.just("1", "2")), LIMIT);
        accepted().close(5, "restart").subscribe();
        network.advance(Duration.ofSeconds(5));
        network.await(accepted().sendString(Flux.just("3")), LIMIT);
        assertThat(elsewhere).containsExactly("1", "2");
        assertThat(taker.taken).containsExactly("3");
    }

    @Test
    void theLatestUnreadConnectionsAreKept() {
        PeerLink link = client.link(address);
        network.advance(SECOND);
        int connections = PeerLink.MAX_UNREAD_CONNECTIONS + 4;
        for (int i = 0; i < connections; i++) {
            network.await(accepted().sendString(Flux.just("a" + i, "b" + i)), LIMIT);
            accepted().close(5, "restart").subscribe();
            network.advance(Duration.ofSeconds(5));
        }
        Taker taker = take(link, Long.MAX_VALUE);
        network.advance(SECOND);
        List<String> expected = new ArrayList<>();
        for (int i = connections - PeerLink.MAX_UNREAD_CONNECTIONS; i < connections; i++) {
            expected.add("a" + i);
            expected.add("b" + i);
        }
        assertThat(taker.taken).isEqualTo(expected);
    }

    @Test
    void whatAnotherSubscriberStillReadsIsNotDiscarded() {
        PeerLink link = client.link(address);
        network.advance(SECOND);
        Taker slow = new Taker();
        connectionOf(link).receive().asString().onErrorComplete().subscribe(slow);
        for (int i = 0; i < PeerLink.MAX_UNREAD_CONNECTIONS + 4; i++) {
            PeerConnection accepted = accepted();
            accepted.sendString(Flux.just("a" + i)).subscribe(nothing -> {}, failure -> {});
            network.advance(SECOND);
            accepted.close(5, "restart").subscribe();
            network.advance(Duration.ofSeconds(5));
        }
        slow.request(10);
        network.advance(SECOND);
        assertThat(slow.taken).containsExactly("a0");
    }

    @Test
    void anInvalidDemandIsAnErrorOfTheSubscriberAlone() {
        PeerLink link = client.link(address);
        network.advance(SECOND);
        Flux.from(link.receive()).subscribe(new BaseSubscriber<ByteBuf>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                subscription.request(0);
                subscription.request(-1);
            }

            @Override
            protected void hookOnError(Throwable failure) {}
        });
        network.advance(SECOND);
        network.await(link.sendString(Mono.just("hello")), LIMIT);
        assertThat(received).containsExactly("hello");
    }
}
