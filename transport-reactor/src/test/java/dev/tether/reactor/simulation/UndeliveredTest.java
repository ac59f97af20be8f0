package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.error.ConnectionLostException;
import dev.tether.core.error.MessageTooLargeException;
import dev.tether.core.error.TransportException;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.PeerStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** What the error of a send says of what was delivered. */
class UndeliveredTest {

    private static TransportException failureOf(List<Throwable> failures) {
        assertThat(failures).hasSize(1);
        return (TransportException) failures.get(0);
    }

    @Test
    void theErrorOfASendNamesTheFirstMessageThatIsNotAcknowledged() {
        TwoPeers peers = TwoPeers.inCalm(1);
        PeerConnection connection = peers.connect(peers.a, peers.b);
        Sinks.Many<String> source = Sinks.many().unicast().onBackpressureBuffer();
        List<Throwable> ofMany = new ArrayList<>();
        List<Throwable> ofOne = new ArrayList<>();
        List<Throwable> ofStates = new ArrayList<>();
        connection.states().subscribe(state -> {}, ofStates::add);
        connection.sendString(source.asFlux()).subscribe(nothing -> {}, ofMany::add);
        for (int i = 0; i < 10; i++) {
            source.tryEmitNext("message " + i).orThrow();
            connection.sendString(Mono.just("of another send")).subscribe();
        }
        peers.network.advance(Duration.ofSeconds(5));
        peers.b.host.crash();
        for (int i = 10; i < 20; i++) {
            source.tryEmitNext("message " + i).orThrow();
        }
        connection.sendString(Mono.just("alone")).subscribe(nothing -> {}, ofOne::add);
        peers.network.advance(TwoPeers.IDLE_TIMEOUT.plusSeconds(30));

        assertThat(failureOf(ofMany))
                .isInstanceOf(ConnectionLostException.class)
                .hasMessageContaining("number 10");
        assertThat(failureOf(ofMany).firstUndelivered()).hasValue(10);
        assertThat(failureOf(ofOne).firstUndelivered()).hasValue(0);
        assertThat(failureOf(ofStates).firstUndelivered()).isEmpty();
        assertThat(failureOf(ofMany).ofConnection()).isSameAs(failureOf(ofStates));
    }

    @Test
    void allBeforeItHaveArrivedInAnyStorm() {
        for (long seed = 0; seed < 100; seed++) {
            TwoPeers peers = TwoPeers.inStorm(seed);
            PeerConnection connection = peers.connect(peers.a, peers.b);
            List<String> received = new ArrayList<>();
            peers.b.lastPublished().receive().asString().subscribe(received::add, failure -> {});
            List<Throwable> failures = new ArrayList<>();
            connection
                    .sendString(Flux.interval(Duration.ofMillis(10), peers.network.scheduler())
                            .onBackpressureBuffer()
                            .map(i -> "message " + i))
                    .subscribe(nothing -> {}, failures::add);
            peers.network.advance(Duration.ofMillis(peers.random.nextInt(100, 5_000)));
            connection.close(3, "enough").subscribe();
            peers.network.advance(Duration.ofSeconds(30));

            long first = failureOf(failures).firstUndelivered().orElseThrow();
            assertThat(first).as("seed %d", seed).isBetween(0L, (long) received.size());
        }
    }

    /** The peer's close says what had arrived before it, however long its acknowledgement would have waited. */
    @Test
    void aMessageToWhichThePeerAnswersByACloseIsDelivered() {
        for (long seed = 0; seed < 50; seed++) {
            TwoPeers peers = TwoPeers.inCalm(seed);
            PeerConnection connection = peers.connect(peers.a, peers.b);
            PeerConnection closing = peers.b.lastPublished();
            closing.receive()
                    .subscribe(message -> closing.close(1, "that was all").subscribe(), failure -> {});
            List<String> ends = new ArrayList<>();
            connection
                    .sendString(Mono.just("last"))
                    .subscribe(nothing -> {}, failure -> ends.add(failure.toString()), () -> ends.add("delivered"));
            peers.network.advance(Duration.ofSeconds(5));

            assertThat(ends).as("seed %d", seed).containsExactly("delivered");
        }
    }

    @Test
    void aStreamToWhichThePeerAnswersByACloseIsDelivered() {
        for (long seed = 0; seed < 50; seed++) {
            TwoPeers peers = TwoPeers.inCalm(seed);
            PeerConnection connection = peers.connect(peers.a, peers.b);
            PeerConnection closing = peers.b.lastPublished();
            closing.streams()
                    .flatMap(PeerStream::receive)
                    .subscribe(bytes -> closing.close(1, "that was all").subscribe(), failure -> {});
            PeerStream stream = Objects.requireNonNull(peers.network.await(connection.openUniStream(), Peers.LIMIT));
            List<String> ends = new ArrayList<>();
            stream.send(Mono.just(Unpooled.copyLong(1)))
                    .subscribe(nothing -> {}, failure -> ends.add(failure.toString()), () -> ends.add("delivered"));
            peers.network.advance(Duration.ofSeconds(5));

            assertThat(ends).as("seed %d", seed).containsExactly("delivered");
        }
    }

    /** Nobody would take what comes after a close: then it must not be acknowledged. */
    @Test
    void aMessageThatMeetsACloseOnItsWayIsNotDelivered() {
        for (long seed = 0; seed < 50; seed++) {
            TwoPeers peers = TwoPeers.inCalm(seed);
            PeerConnection connection = peers.connect(peers.a, peers.b);
            List<String> received = new ArrayList<>();
            peers.b.lastPublished().receive().asString().subscribe(received::add, failure -> {});
            List<Throwable> failures = new ArrayList<>();
            connection.sendString(Mono.just("late")).subscribe(nothing -> {}, failures::add);
            peers.b.lastPublished().close(1, "no more").subscribe();
            peers.network.advance(Duration.ofSeconds(5));

            assertThat(received).as("seed %d", seed).isEmpty();
            assertThat(failureOf(failures).firstUndelivered()).hasValue(0);
        }
    }

    @Test
    void aMessageThatIsTooLargeIsNamedByWhatWasAcknowledgedBefore() {
        TwoPeers peers = TwoPeers.inCalm(2);
        PeerConnection connection = peers.connect(peers.a, peers.b);
        List<Throwable> failures = new ArrayList<>();
        Sinks.Many<ByteBuf> source = Sinks.many().unicast().onBackpressureBuffer();
        connection.send(source.asFlux()).subscribe(nothing -> {}, failures::add);
        source.tryEmitNext(Unpooled.copyLong(1)).orThrow();
        peers.network.advance(Duration.ofSeconds(5));
        source.tryEmitNext(Unpooled.buffer((16 << 20) + 1).writeZero((16 << 20) + 1))
                .orThrow();
        assertThat(failureOf(failures)).isInstanceOf(MessageTooLargeException.class);
        assertThat(failureOf(failures).firstUndelivered()).hasValue(1);
    }

    @Test
    void theErrorOfAStreamsSendNamesTheFirstBufferThatIsNotAcknowledgedWhole() {
        TwoPeers peers = TwoPeers.inCalm(3);
        PeerConnection connection = peers.connect(peers.a, peers.b);
        PeerStream stream = Objects.requireNonNull(peers.network.await(connection.openStream(), Peers.LIMIT));
        Sinks.Many<ByteBuf> source = Sinks.many().unicast().onBackpressureBuffer();
        List<Throwable> failures = new ArrayList<>();
        stream.send(source.asFlux()).subscribe(nothing -> {}, failures::add);
        for (int i = 0; i < 7; i++) {
            source.tryEmitNext(Unpooled.copyLong(i)).orThrow();
        }
        peers.network.advance(Duration.ofSeconds(5));
        peers.b.host.crash();
        source.tryEmitNext(Unpooled.copyLong(7)).orThrow();
        peers.network.advance(TwoPeers.IDLE_TIMEOUT.plusSeconds(30));

        assertThat(failureOf(failures).firstUndelivered()).hasValue(7);
    }
}
