package dev.tether.reactor.simulation;

import static dev.tether.reactor.simulation.Peers.LIMIT;
import static dev.tether.reactor.simulation.Peers.client;
import static dev.tether.reactor.simulation.Peers.identity;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.ConnectionState;
import dev.tether.core.PeerAddress;
import dev.tether.core.error.ChannelClosedException;
import dev.tether.core.error.ConnectionClosedException;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.error.ConnectionLostException;
import dev.tether.core.error.MessageTooLargeException;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.reactor.LinkState;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.PeerLink;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.publisher.TestPublisher;
import reactor.util.retry.Retry;

/** A link: what it shows, what it delivers, and how it ends. */
class PeerLinkTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final SimulatedNetwork network = SimulatedNetwork.create(21);
    private final SimulatedHost a = network.host("a");
    private final SimulatedHost b = network.host("b");
    private final List<String> received = new ArrayList<>();
    private final TransportNode client = client(a);
    private TransportNode server = listen();
    private final PeerAddress address = server.addressAs("b");

    PeerLinkTest() {
        network.changeDefaultLink(LinkSettings.PERFECT.latency(Duration.ofMillis(20)));
    }

    @AfterEach
    void nothingThrowsAndNothingLeaks() {
        assertThat(network.failures()).isEmpty();
        assertThat(network.datagramBytes()).isZero();
    }

    /** A server on b that keeps what it receives, in the order of its arrival, whatever connection it came over. */
    private TransportNode listen() {
        return ReactiveTransport.create()
                .runOn(b)
                .identity(identity("b"))
                .port(Peers.PORT)
                .doOnConnection(peer -> peer.receive().asString().subscribe(received::add, failure -> {}))
                .bindNow();
    }

    /** How a send, or anything else that gives no value, ends. */
    private static final class Outcome {
        private boolean completed;
        private @Nullable Throwable failure;

        static Outcome of(Mono<Void> mono) {
            Outcome outcome = new Outcome();
            mono.subscribe(nothing -> {}, it -> outcome.failure = it, () -> outcome.completed = true);
            return outcome;
        }

        boolean isThere() {
            return completed || failure != null;
        }
    }

    private static List<LinkState> statesOf(PeerLink link) {
        List<LinkState> states = new ArrayList<>();
        link.states().subscribe(states::add, failure -> {});
        return states;
    }

    @Test
    void aLinkConnectsByItself() {
        PeerLink link = client.link(address);
        List<LinkState> states = statesOf(link);
        network.advance(SECOND);
        assertThat(states.get(0)).isEqualTo(new LinkState.Connecting(1));
        assertThat(states)
                .last()
                .isInstanceOfSatisfying(
                        LinkState.Connected.class,
                        connected -> assertThat(connected.state()).isInstanceOf(ConnectionState.Established.class));
        assertThat(network.await(link.connection(), LIMIT)).isSameAs(connectionOf(link));
    }

    @Test
    void aSendCompletesWhenTheApplicationOfThePeerHasTheMessages() {
        PeerLink link = client.link(address);
        Outcome send = Outcome.of(link.sendString(Flux.just("one", "two", "three")));
        network.advance(SECOND);
        assertThat(send.completed).isTrue();
        assertThat(received).containsExactly("one", "two", "three");
    }

    @Test
    void aSendWaitsForAnApplicationThatTakesNothing() {
        server.close().subscribe();
        network.advance(SECOND);
        TransportNode idle = ReactiveTransport.create()
                .runOn(b)
                .identity(identity("b"))
                .port(Peers.PORT)
                .bindNow();
        List<PeerConnection> accepted = new ArrayList<>();
        idle.connections().subscribe(accepted::add);
        PeerLink link = client.link(address);
        Outcome send = Outcome.of(link.sendString(Mono.just("hello")));
        network.advance(Duration.ofSeconds(60));
        assertThat(send.isThere()).isFalse();

        accepted.get(0).receive().asString().subscribe(received::add);
        network.advance(SECOND);
        assertThat(send.completed).isTrue();
        assertThat(received).containsExactly("hello");
    }

    @Test
    void aMessageWhoseSendHasGivenUpIsNotSentLater() {
        PeerLink link = client.link(address);
        network.advance(SECOND);
        PeerConnection first = connectionOf(link);
        // The messages arrive, and the peer's word of it does not.
        network.link(a, b).cutBack();
        Outcome send = Outcome.of(link.sendString(Flux.just("one", "two")));
        network.advance(Duration.ofMillis(100));
        assertThat(received).containsExactly("one", "two");
        network.link(a, b).cut();
        Outcome later = Outcome.of(link.sendString(Mono.just("three")));
        network.advance(Duration.ofMinutes(3));
        assertThat(send.failure).as("the time limit").isInstanceOf(ConnectionEstablishmentException.class);
        assertThat(later.failure).isNotNull();

        network.link(a, b).heal();
        Outcome last = Outcome.of(link.sendString(Mono.just("four")));
        network.advance(Duration.ofSeconds(30));
        assertThat(connectionOf(link)).isNotSameAs(first);
        assertThat(last.completed).isTrue();
        assertThat(received).containsExactly("one", "two", "four");
    }

    @Test
    void aMessageThatArrivedUnnoticedIsNotDeliveredAgain() {
        PeerLink link = client.link(address);
        network.advance(SECOND);
        network.link(a, b).cutBack();
        Outcome send = Outcome.of(link.sendString(Flux.just("one", "two")));
        network.advance(Duration.ofMillis(100));
        assertThat(received).containsExactly("one", "two");

        connectionOf(link).close(3, "away").subscribe();
        network.link(a, b).heal();
        network.advance(Duration.ofSeconds(10));

        assertThat(send.completed).isTrue();
        assertThat(received).containsExactly("one", "two");
    }

    @Test
    void aSendWaitsForTheNextConnection() {
        PeerLink link = client.link(address);
        network.advance(SECOND);
        network.partition(List.of(a), List.of(b));
        connectionOf(link).close().subscribe();
        network.advance(SECOND);
        Outcome send = Outcome.of(link.sendString(Flux.just("one", "two")));
        network.advance(Duration.ofSeconds(10));
        assertThat(send.isThere()).isFalse();
        network.heal();
        network.advance(Duration.ofSeconds(20));
        assertThat(send.completed).isTrue();
        assertThat(received).containsExactly("one", "two");
    }

    @Test
    void aSendGivesUpAfterItsTimeWithoutAConnection() {
        b.crash();
        PeerLink link = client.link(address);
        Outcome send = Outcome.of(link.sendString(Mono.just("hello")));
        network.advance(Duration.ofMillis(29_999));
        assertThat(send.isThere()).isFalse();
        network.advance(Duration.ofMillis(1));
        assertThat(send.failure)
                .isInstanceOfSatisfying(
                        ConnectionEstablishmentException.class,
                        it -> assertThat(it.reason()).isEqualTo(ConnectionEstablishmentException.Reason.TIMED_OUT))
                .hasMessageContaining("30000 ms")
                .hasCauseInstanceOf(ConnectionEstablishmentException.class);
        assertThat(link.state()).isNotInstanceOf(LinkState.Connected.class);
    }

    @Test
    void aPeerThatHasLostItsMemoryFailsWhatWasUnderWayAndNothingElse() {
        PeerLink link = client.link(address);
        network.advance(SECOND);
        network.link(a, b).cutBack();
        Outcome underWay = Outcome.of(link.sendString(Mono.just("one")));
        network.advance(Duration.ofMillis(100));
        b.crash();
        b.restart();
        network.link(a, b).heal();
        server = listen();
        connectionOf(link).close().subscribe();
        network.advance(SECOND);
        Outcome later = Outcome.of(link.sendString(Mono.just("two")));
        network.advance(Duration.ofSeconds(30));
        assertThat(underWay.failure)
                .isInstanceOfSatisfying(
                        ConnectionLostException.class,
                        it -> assertThat(it.reason()).isEqualTo(ConnectionLostException.Reason.PEER_RESTARTED));
        assertThat(later.completed).isTrue();
        assertThat(received).containsExactly("one", "two");
    }

    @Test
    void eachStateOfTheLinkHasItsCause() {
        PeerLink link = client.link(address);
        List<LinkState> states = statesOf(link);
        network.advance(SECOND);
        b.crash();
        network.advance(Duration.ofMinutes(3));
        b.restart();
        server = listen();
        network.advance(Duration.ofSeconds(30));
        assertThat(states)
                .anyMatch(it -> it instanceof LinkState.Connected connected
                        && connected.state() instanceof ConnectionState.Unresponsive);
        assertThat(states)
                .anyMatch(it -> it instanceof LinkState.Disconnected lost
                        && lost.attempt() == 0
                        && lost.cause() instanceof ConnectionLostException)
                .anyMatch(it -> it instanceof LinkState.Disconnected failed
                        && failed.attempt() == 1
                        && failed.cause() instanceof ConnectionEstablishmentException)
                .anyMatch(it -> it.equals(new LinkState.Connecting(2)));
        assertThat(states).last().isInstanceOf(LinkState.Connected.class);
    }

    @Test
    void aPeerThatHasMovedIsLookedUpAgain() throws UnknownHostException {
        PeerLink link = client.link(address);
        network.advance(SECOND);
        InetSocketAddress before = connectionOf(link).remoteAddress();
        b.crash();
        b.moveTo(InetAddress.getByName("203.0.113.9"));
        b.restart();
        server = listen();
        network.advance(Duration.ofMinutes(3));
        InetSocketAddress after = connectionOf(link).remoteAddress();
        assertThat(after).isNotEqualTo(before);
        assertThat(after.getAddress().getHostAddress()).isEqualTo("203.0.113.9");
    }

    @Test
    void aClosedPeerIsDialedAgain() {
        PeerLink link = client.link(address);
        network.advance(SECOND);
        network.await(server.close(), LIMIT);
        List<LinkState> states = statesOf(link);
        network.advance(Duration.ofSeconds(2));
        assertThat(states)
                .anyMatch(it ->
                        it instanceof LinkState.Disconnected lost && lost.cause() instanceof ConnectionClosedException);
        server = listen();
        network.advance(Duration.ofSeconds(40));
        assertThat(link.state()).isInstanceOf(LinkState.Connected.class);
    }

    @Test
    void aConnectionThatThePeerMakesEndsTheWaiting() {
        b.crash();
        PeerLink link = client.link(address, Retry.backoff(100, Duration.ofHours(1)));
        network.advance(Duration.ofSeconds(11));
        assertThat(link.state()).isInstanceOf(LinkState.Disconnected.class);
        b.restart();
        server = listen();
        Outcome send = Outcome.of(link.sendString(Mono.just("hello")));
        server.connect(PeerAddress.of(
                        client.identity(), "a", client.localAddress().getPort()))
                .subscribe();
        network.advance(SECOND);
        assertThat(link.state()).isInstanceOf(LinkState.Connected.class);
        assertThat(send.completed).isTrue();
        assertThat(received).containsExactly("hello");
    }

    @Test
    void theWaitingCanBeEnded() {
        b.crash();
        PeerLink link = client.link(address, Retry.backoff(100, Duration.ofHours(1)));
        network.advance(Duration.ofSeconds(11));
        b.restart();
        server = listen();
        link.retryNow();
        network.advance(SECOND);
        assertThat(link.state()).isInstanceOf(LinkState.Connected.class);
    }

    @Test
    void aLinkGivesUpWithItsLastCauseWhenItsRetryDoes() {
        b.crash();
        PeerLink link = client.link(address, Retry.backoff(2, Duration.ofMillis(100)));
        Outcome end = Outcome.of(link.onClose());
        Outcome send = Outcome.of(link.sendString(Mono.just("hello")));
        Outcome receive = Outcome.of(link.receive().then());
        network.advance(Duration.ofSeconds(35));
        assertThat(end.failure).isInstanceOf(ConnectionEstablishmentException.class);
        assertThat(receive.failure).isSameAs(end.failure);
        assertThat(send.isThere()).isTrue();
        assertThatThrownBy(() -> network.await(link.sendString(Mono.just("late")), LIMIT))
                .isSameAs(end.failure);
    }

    @Test
    void closingEndsTheLinkItsConnectionAndItsSends() {
        PeerLink link = client.link(address);
        network.advance(SECOND);
        PeerConnection connection = connectionOf(link);
        Outcome send = Outcome.of(link.send(Flux.never()));
        Outcome receive = Outcome.of(link.receive().then());
        network.await(link.close(7, "enough"), LIMIT);
        network.advance(SECOND);
        assertThat(send.failure).isInstanceOf(ConnectionClosedException.class).hasMessageContaining("enough");
        assertThat(receive.completed).isTrue();
        assertThat(connection.state()).isInstanceOf(ConnectionState.Closing.class);
        network.await(link.onClose(), LIMIT);
        assertThatThrownBy(() -> network.await(link.sendString(Mono.just("late")), LIMIT))
                .isInstanceOf(ConnectionClosedException.class);
        assertThatThrownBy(() -> network.await(link.connection(), LIMIT)).isInstanceOf(ConnectionClosedException.class);
        network.await(link.close(), LIMIT);
    }

    @Test
    void aClosedLinkIsNotDisconnected() {
        PeerLink link = client.link(address);
        network.advance(SECOND);
        List<LinkState> states = statesOf(link);
        network.await(link.close(7, "done"), LIMIT);
        assertThat(states)
                .hasSize(2)
                .last()
                .isInstanceOfSatisfying(
                        LinkState.Connected.class,
                        connected -> assertThat(connected.state()).isInstanceOf(ConnectionState.Closing.class));
    }

    @Test
    void aConnectionThatAnotherLinkKeepsIsLeftOpen() {
        PeerLink one = client.link(address);
        PeerLink other = client.link(address);
        network.advance(SECOND);
        assertThat(connectionOf(one)).isSameAs(connectionOf(other));
        Outcome receive = Outcome.of(one.receive().then());
        network.advance(SECOND);
        network.await(one.close(), LIMIT);
        assertThat(receive.completed).isTrue();
        network.await(other.sendString(Mono.just("hello")), LIMIT);
        assertThat(received).containsExactly("hello");
    }

    @Test
    void twoLinksAndTheConnectionItselfShareOneStreamOfMessages() {
        PeerLink one = client.link(address);
        PeerLink other = client.link(address);
        network.advance(SECOND);
        List<Mono<Void>> sends = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            sends.add(one.sendString(Mono.just("one " + i)));
            sends.add(other.sendString(Mono.just("other " + i)));
            sends.add(connectionOf(one).sendString(Mono.just("plain " + i)));
        }
        network.await(Mono.when(sends), LIMIT);
        assertThat(received).hasSize(150).doesNotHaveDuplicates();
    }

    @Test
    void messagesOfThePeerSpanConnections() {
        List<String> answers = new ArrayList<>();
        PeerLink link = client.link(address);
        link.receive().asString().subscribe(answers::add, failure -> {});
        network.advance(SECOND);
        PeerConnection back = accepted();
        network.await(back.sendString(Flux.just("one", "two")), LIMIT);
        back.close(5, "restart").subscribe();
        network.advance(Duration.ofSeconds(5));
        network.await(accepted().sendString(Flux.just("three", "four")), LIMIT);
        assertThat(answers).containsExactly("one", "two", "three", "four");
    }

    @Test
    void unreadMessagesOfAnEndedConnectionComeBeforeThoseOfTheNext() {
        PeerLink link = client.link(address);
        network.advance(SECOND);
        network.await(accepted().sendString(Flux.just("one", "two")), LIMIT);
        accepted().close(5, "restart").subscribe();
        network.advance(Duration.ofSeconds(5));
        network.await(accepted().sendString(Flux.just("three", "four")), LIMIT);
        List<String> answers = new ArrayList<>();
        link.receive().asString().limitRate(1).subscribe(answers::add);
        network.advance(SECOND);
        assertThat(answers).containsExactly("one", "two", "three", "four");
    }

    @Test
    void oneSubscriberReceivesAtATime() {
        PeerLink link = client.link(address);
        network.advance(SECOND);
        Disposable first = link.receive().subscribe();
        assertThatThrownBy(() -> network.await(link.receive().then(), LIMIT)).isInstanceOf(IllegalStateException.class);
        first.dispose();
        List<String> answers = new ArrayList<>();
        link.receive().asString().subscribe(answers::add);
        network.await(accepted().sendString(Mono.just("hello")), LIMIT);
        assertThat(answers).containsExactly("hello");
    }

    @Test
    void aMessageThatIsTooLargeFailsItsSendAlone() {
        server.close().subscribe();
        network.advance(SECOND);
        ReactiveTransport.create()
                .runOn(b)
                .identity(identity("b"))
                .port(Peers.PORT)
                .settings(settings -> settings.maxMessageSize(1000))
                .doOnConnection(peer -> peer.receive().asString().subscribe(received::add, failure -> {}))
                .bindNow();
        PeerLink link = client.link(address);
        Outcome before = Outcome.of(link.sendString(Mono.just("before")));
        Outcome large = Outcome.of(link.send(Flux.range(0, 3).map(i -> Unpooled.wrappedBuffer(new byte[2000]))));
        Outcome after = Outcome.of(link.sendString(Mono.just("after")));
        network.advance(Duration.ofSeconds(5));
        assertThat(large.failure).isInstanceOf(MessageTooLargeException.class);
        assertThat(before.completed).isTrue();
        assertThat(after.completed).isTrue();
        assertThat(received).containsExactly("before", "after");
    }

    @Test
    void demandFollowsTheBufferAndTheReader() {
        b.crash();
        TestPublisher<ByteBuf> messages = TestPublisher.create();
        PeerLink link = client.link(address);
        Disposable send = link.send(messages.flux()).subscribe(nothing -> {}, failure -> {});
        long[] given = new long[1];
        Outcome bounded = Outcome.of(link.send(
                Flux.range(0, 1_000_000).doOnNext(i -> given[0]++).map(i -> Unpooled.wrappedBuffer(new byte[10_000]))));
        network.advance(Duration.ofSeconds(5));
        assertThat(given[0]).isBetween(100L, 400L);
        send.dispose();
        messages.assertCancelled();
        assertThat(bounded.isThere()).isFalse();
    }

    @Test
    void aCancelledSendTakesNoMoreAndDeliversWhatItHasTaken() {
        PeerLink link = client.link(address);
        Disposable send = link.sendString(Flux.concat(Flux.just("one", "two"), Flux.never()))
                .subscribe();
        network.advance(Duration.ofMillis(10));
        send.dispose();
        network.advance(SECOND);
        assertThat(received).containsExactly("one", "two");
        network.await(link.sendString(Mono.just("three")), LIMIT);
        assertThat(received).containsExactly("one", "two", "three");
    }

    @Test
    void theEndOfTheNodeEndsTheLink() {
        PeerLink link = client.link(address);
        Outcome end = Outcome.of(link.onClose());
        Outcome send = Outcome.of(link.send(Flux.never()));
        network.advance(SECOND);
        client.dispose();
        network.advance(SECOND);
        assertThat(end.failure).isInstanceOf(ChannelClosedException.class);
        assertThat(send.failure).isInstanceOf(ChannelClosedException.class);
        assertThat(Outcome.of(client.link(address).onClose()).failure).isInstanceOf(ChannelClosedException.class);
    }

    @Test
    void aNodeThatClosesInOrderDeliversWhatItsLinksHaveTaken() {
        PeerLink link = client.link(address);
        network.advance(SECOND);
        network.link(a, b).cut();
        Outcome whole = Outcome.of(link.sendString(Flux.just("one", "two")));
        Outcome endless = Outcome.of(link.sendString(Flux.concat(Flux.just("three"), Flux.never())));
        Outcome end = Outcome.of(link.onClose());
        client.close(Duration.ofSeconds(20)).subscribe();
        Outcome late = Outcome.of(link.sendString(Mono.just("late")));
        network.advance(SECOND);
        assertThat(late.failure).isInstanceOf(ConnectionClosedException.class);
        assertThat(received).isEmpty();

        network.link(a, b).heal();
        network.advance(Duration.ofSeconds(10));

        assertThat(received).containsExactly("one", "two", "three");
        assertThat(whole.completed).isTrue();
        assertThat(endless.failure).isInstanceOf(ConnectionClosedException.class);
        assertThat(end.completed).isTrue();
        assertThat(client.onDispose().toFuture()).isDone();
    }

    @Test
    void aNodeThatClosesInOrderEndsALinkThatIsNotConnectedAtOnce() {
        b.crash();
        PeerLink link = client.link(address);
        Outcome send = Outcome.of(link.sendString(Mono.just("hello")));
        Outcome end = Outcome.of(link.onClose());
        network.advance(SECOND);
        client.close(Duration.ofSeconds(20)).subscribe();
        network.advance(SECOND);
        assertThat(send.failure).isInstanceOf(ConnectionClosedException.class);
        assertThat(end.completed).isTrue();
    }

    @Test
    void twoPeersThatLinkEachOtherShareOneConnection() {
        PeerLink there = client.link(address);
        PeerLink back = server.link(
                PeerAddress.of(client.identity(), "a", client.localAddress().getPort()));
        network.advance(Duration.ofSeconds(3));
        assertThat(connectionOf(there).remoteIdentity()).isEqualTo(server.identity());
        assertThat(connectionOf(back).remoteIdentity()).isEqualTo(client.identity());
        assertThat(Objects.requireNonNull(network.await(client.statistics(), LIMIT))
                        .connections())
                .isEqualTo(1);
    }

    private static PeerConnection connectionOf(PeerLink link) {
        return ((LinkState.Connected) link.state()).connection();
    }

    /** The server's end of the connection. */
    private PeerConnection accepted() {
        return Objects.requireNonNull(network.await(
                server.connect(PeerAddress.of(
                        client.identity(), "a", client.localAddress().getPort())),
                LIMIT));
    }
}
