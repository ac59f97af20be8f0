package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.TransportSettings;
import dev.tether.core.simulation.LinkSettings;
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
import reactor.test.StepVerifier;

/** How far a publisher runs ahead of the remote subscriber: what the peer's window holds, and one demand. */
class DemandTest {

    private static final int SIZE = 1000;
    private static final int WINDOW = TransportSettings.defaults().streamWindow();

    /** What a send asks its publisher for ahead of what the window takes. */
    private static final int AHEAD = 256;

    private static final Duration LONG = Duration.ofSeconds(20);

    private int emitted;

    private Flux<ByteBuf> endless() {
        return Flux.<ByteBuf>generate(sink -> {
            emitted++;
            sink.next(Unpooled.buffer(SIZE).writeZero(SIZE));
        });
    }

    /** @param overhead of an element in the stream, in bytes */
    private void assertEmitted(int taken, int overhead) {
        int inWindow = WINDOW / (SIZE + overhead);
        // The window is opened again in steps of half of it.
        assertThat(emitted)
                .as("after %d were taken", taken)
                .isBetween(taken + inWindow / 2, taken + inWindow + 1 + AHEAD);
    }

    @Test
    void thePublisherOfMessagesFollowsTheRemoteSubscriber() {
        TwoPeers peers = TwoPeers.inCalm(1);
        PeerConnection connection = peers.connect(peers.a, peers.b);
        connection.send(endless()).subscribe(nothing -> {}, failure -> {});
        StepVerifier.create(peers.b.lastPublished().receive(), 0)
                .expectSubscription()
                .then(() -> peers.network.advance(LONG))
                .then(() -> assertEmitted(0, 2))
                .thenRequest(1)
                .expectNextCount(1)
                .then(() -> peers.network.advance(LONG))
                .then(() -> assertEmitted(1, 2))
                .thenRequest(700)
                .then(() -> peers.network.advance(LONG))
                .expectNextCount(700)
                .then(() -> assertEmitted(701, 2))
                .thenRequest(299)
                .then(() -> peers.network.advance(LONG))
                .expectNextCount(299)
                .then(() -> assertEmitted(1000, 2))
                .then(() -> peers.network.advance(LONG))
                .then(() -> assertEmitted(1000, 2))
                .thenCancel()
                .verify();
    }

    @Test
    void thePublisherOfAStreamFollowsTheRemoteSubscriber() {
        TwoPeers peers = TwoPeers.inCalm(2);
        PeerConnection connection = peers.connect(peers.a, peers.b);
        PeerStream stream = Objects.requireNonNull(peers.network.await(connection.openStream(), Peers.LIMIT));
        stream.send(endless()).subscribe(nothing -> {}, failure -> {});
        PeerStream there = Objects.requireNonNull(
                peers.network.await(peers.b.lastPublished().streams().next(), Peers.LIMIT));
        int[] bytes = new int[1];
        StepVerifier.create(there.receive().doOnNext(it -> bytes[0] += it.readableBytes()), 0)
                .expectSubscription()
                .then(() -> peers.network.advance(LONG))
                .then(() -> assertEmitted(0, 0))
                .thenRequest(3)
                .expectNextCount(3)
                .then(() -> peers.network.advance(LONG))
                .then(() -> assertEmitted(bytes[0] / SIZE, 0))
                .thenRequest(10)
                .expectNextCount(10)
                .then(() -> peers.network.advance(LONG))
                .then(() -> assertEmitted(bytes[0] / SIZE, 0))
                .thenCancel()
                .verify();
        int before = emitted;
        peers.network.advance(LONG);
        assertThat(emitted).as("after the cancellation").isEqualTo(before);
    }

    @Test
    void streamsAreGivenOutAsTheyAreAskedFor() {
        TwoPeers peers = TwoPeers.inCalm(3);
        PeerConnection connection = peers.connect(peers.a, peers.b);
        List<Long> opened = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            connection
                    .openUniStream()
                    .doOnNext(stream -> opened.add(stream.id()))
                    .flatMap(stream -> stream.send(Flux.just(Unpooled.copyLong(1))))
                    .subscribe();
        }
        peers.network.advance(LONG);
        StepVerifier.create(peers.b.lastPublished().streams().map(PeerStream::id), 0)
                .expectSubscription()
                .thenRequest(2)
                .expectNext(opened.get(0), opened.get(1))
                .expectNoEvent(Duration.ofMillis(1))
                .thenRequest(1)
                .expectNext(opened.get(2))
                .thenCancel()
                .verify();
        StepVerifier.create(peers.b.lastPublished().streams().map(PeerStream::id), 1)
                .expectNext(opened.get(3))
                .thenCancel()
                .verify();
    }

    @Test
    void aSlowNetworkPullsSlowly() {
        TwoPeers peers = TwoPeers.inCalm(4);
        peers.network.changeDefaultLink(LinkSettings.PERFECT
                .latency(Duration.ofMillis(10))
                .bytesPerSecond(100_000)
                .queueBytes(64 << 10));
        PeerConnection connection = peers.connect(peers.a, peers.b);
        peers.b.lastPublished().receive().subscribe();
        connection.send(endless()).subscribe(nothing -> {}, failure -> {});
        peers.network.advance(Duration.ofSeconds(5));
        int before = emitted;
        peers.network.advance(Duration.ofSeconds(100));
        // 100 kB/s, less what headers and acknowledgements take, within what the send buffer evens out
        assertThat(emitted - before).isBetween(7_000, 10_000);
    }
}
