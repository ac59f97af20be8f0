package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.error.ConnectionClosedException;
import dev.tether.core.error.StreamLimitException;
import dev.tether.core.error.StreamResetException;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.PeerStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** The life of streams as an application sees it, in virtual time. */
class PeerStreamTest {

    private static final int SEEDS = 50;

    /** How one publisher has ended, and what it gave. */
    private static final class Outcome {
        final StringBuilder text = new StringBuilder();

        @Nullable
        Throwable failure;

        boolean completed;

        boolean isOver() {
            return completed || failure != null;
        }
    }

    private static Outcome watch(Publisher<?> publisher) {
        Outcome outcome = new Outcome();
        Flux.from(publisher)
                .subscribe(
                        element -> outcome.text.append(
                                element instanceof ByteBuf bytes ? bytes.toString(StandardCharsets.UTF_8) : element),
                        failure -> outcome.failure = failure,
                        () -> outcome.completed = true);
        return outcome;
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }

    private static Flux<ByteBuf> lines(int count) {
        return Flux.range(0, count).map(i -> bytes("line " + i + "\n"));
    }

    private static PeerStream open(TwoPeers peers, PeerConnection connection) {
        return Objects.requireNonNull(peers.network.await(connection.openStream(), Peers.LIMIT));
    }

    private static PeerStream accepted(TwoPeers peers) {
        return Objects.requireNonNull(
                peers.network.await(peers.b.lastPublished().streams().next(), Peers.LIMIT));
    }

    @Test
    void aRequestIsAnsweredOnTheSameStream() {
        for (long seed = 0; seed < SEEDS; seed++) {
            TwoPeers peers = TwoPeers.inStorm(seed);
            PeerConnection connection = peers.connect(peers.a, peers.b);
            peers.b
                    .lastPublished()
                    .streams()
                    .flatMap(stream -> stream.send(
                            stream.receive().aggregate().asString().map(request -> bytes("you said " + request))))
                    .subscribe();
            Outcome answers = watch(Flux.range(0, 20)
                    .flatMap(i -> connection
                            .openStream()
                            .flatMap(stream -> Mono.when(stream.send(Mono.just(bytes("request " + i))))
                                    .then(stream.receive().aggregate().asString()))
                            .map(answer -> answer.equals("you said request " + i) ? 1 : 1_000_000)));
            peers.network.advance(Duration.ofSeconds(60));

            assertThat(answers.failure).as("seed %d", seed).isNull();
            assertThat(answers.completed).as("seed %d", seed).isTrue();
            assertThat(answers.text).as("seed %d", seed).hasToString("1".repeat(20));
            peers.closeAndAssertNothingIsLeft(connection, "after requests");
        }
    }

    @Test
    void bytesArriveInOrderAndTheEndAfterThem() {
        for (long seed = 0; seed < SEEDS; seed++) {
            TwoPeers peers = TwoPeers.inStorm(seed);
            PeerConnection connection = peers.connect(peers.a, peers.b);
            PeerStream stream = Objects.requireNonNull(peers.network.await(connection.openUniStream(), Peers.LIMIT));
            Outcome sent = watch(stream.send(lines(2_000)));
            Outcome received = watch(accepted(peers).receive());
            peers.network.advance(Duration.ofSeconds(60));

            assertThat(sent.completed).as("seed %d", seed).isTrue();
            assertThat(received.completed).as("seed %d", seed).isTrue();
            assertThat(received.text.toString())
                    .as("seed %d", seed)
                    .isEqualTo(lines(2_000)
                            .map(line -> line.toString(StandardCharsets.UTF_8))
                            .reduce("", String::concat)
                            .block());
        }
    }

    @Test
    void aSendIsCompleteWhenThePeerHasAllAndNotBefore() {
        TwoPeers peers = TwoPeers.inCalm(1);
        PeerConnection connection = peers.connect(peers.a, peers.b);
        Sinks.Many<ByteBuf> source = Sinks.many().unicast().onBackpressureBuffer();
        Outcome sent = watch(open(peers, connection).send(source.asFlux()));
        source.tryEmitNext(bytes("one")).orThrow();
        peers.network.advance(Duration.ofSeconds(10));
        assertThat(sent.isOver()).isFalse();
        source.tryEmitComplete().orThrow();
        assertThat(sent.isOver()).isFalse();
        peers.network.advance(Duration.ofSeconds(10));
        assertThat(sent.completed).isTrue();
    }

    @Test
    void aResetReachesTheReceiverWithItsCodeAndThisSidesSend() {
        TwoPeers peers = TwoPeers.inCalm(2);
        PeerConnection connection = peers.connect(peers.a, peers.b);
        PeerStream stream = open(peers, connection);
        Outcome sent = watch(stream.send(Flux.concat(Flux.just(bytes("begun")), Flux.never())));
        Outcome received = watch(accepted(peers).receive());
        peers.network.advance(Duration.ofSeconds(1));
        stream.reset(77);
        peers.network.advance(Duration.ofSeconds(1));

        assertThat(sent.failure).isInstanceOf(CancellationException.class).hasMessageContaining("77");
        assertThat(received.text).hasToString("begun");
        assertThat(received.failure).isInstanceOf(StreamResetException.class);
        assertThat(((StreamResetException) received.failure).code()).isEqualTo(77);
        assertThat(((StreamResetException) received.failure).isStopped()).isFalse();
    }

    @Test
    void aCancelReachesTheSenderWithItsCodeAndThisSidesReceive() {
        TwoPeers peers = TwoPeers.inCalm(3);
        PeerConnection connection = peers.connect(peers.a, peers.b);
        List<String> publisher = new ArrayList<>();
        Outcome sent = watch(open(peers, connection)
                .send(Flux.concat(Flux.just(bytes("begun")), Flux.<ByteBuf>never())
                        .doOnCancel(() -> publisher.add("cancelled"))));
        PeerStream there = accepted(peers);
        Outcome received = watch(there.receive());
        peers.network.advance(Duration.ofSeconds(1));
        there.cancel(99);
        peers.network.advance(Duration.ofSeconds(1));

        assertThat(received.failure).isInstanceOf(CancellationException.class).hasMessageContaining("99");
        assertThat(sent.failure).isInstanceOf(StreamResetException.class);
        assertThat(((StreamResetException) sent.failure).code()).isEqualTo(99);
        assertThat(((StreamResetException) sent.failure).isStopped()).isTrue();
        assertThat(publisher).containsExactly("cancelled");
    }

    @Test
    void aPublisherThatFailsResetsItsDirectionAndTheOtherOneGoesOn() {
        TwoPeers peers = TwoPeers.inCalm(4);
        PeerConnection connection = peers.connect(peers.a, peers.b);
        PeerStream stream = open(peers, connection);
        IllegalStateException mistake = new IllegalStateException("no more lines");
        Outcome sent = watch(stream.send(Flux.concat(Flux.just(bytes("begun")), Flux.error(mistake))));
        PeerStream there = accepted(peers);
        Outcome received = watch(there.receive());
        peers.network.advance(Duration.ofSeconds(1));
        assertThat(sent.failure).isSameAs(mistake);
        assertThat(((StreamResetException) Objects.requireNonNull(received.failure)).code())
                .isEqualTo(PeerStream.FAILED);

        Outcome back = watch(stream.receive());
        Outcome answered = watch(there.send(Mono.just(bytes("never mind"))));
        peers.network.advance(Duration.ofSeconds(1));
        assertThat(answered.completed).isTrue();
        assertThat(back.text).hasToString("never mind");
        assertThat(back.completed).isTrue();
    }

    @Test
    void aRelayHandsACodeOnAndErrorsWithWhatItGot() {
        TwoPeers peers = TwoPeers.inCalm(14);
        PeerConnection connection = peers.connect(peers.a, peers.b);
        PeerStream stream = open(peers, connection);
        stream.send(Flux.concat(Flux.just(bytes("begun")), Flux.never())).subscribe(nothing -> {}, failure -> {});
        Outcome received = watch(stream.receive());
        PeerStream there = accepted(peers);
        List<Throwable> got = new ArrayList<>();
        Outcome relayed = watch(there.send(there.receive().retain().doOnError(got::add)));
        peers.network.advance(Duration.ofSeconds(1));
        stream.reset(42);
        peers.network.advance(Duration.ofSeconds(1));

        assertThat(got).hasSize(1);
        assertThat(relayed.failure).isSameAs(got.get(0));
        assertThat(received.text).hasToString("begun");
        assertThat(((StreamResetException) Objects.requireNonNull(received.failure)).code())
                .isEqualTo(42);
    }

    @Test
    void whoCancelsASendResetsTheStreamAndWhoCancelsAReceiveStopsThePeer() {
        TwoPeers peers = TwoPeers.inCalm(5);
        PeerConnection connection = peers.connect(peers.a, peers.b);
        PeerStream stream = open(peers, connection);
        Disposable sending = stream.send(Flux.concat(Flux.just(bytes("begun")), Flux.never()))
                .subscribe();
        PeerStream there = accepted(peers);
        Outcome back = watch(there.send(Flux.<ByteBuf>never()));
        Disposable receiving = stream.receive().subscribe();
        Outcome received = watch(there.receive());
        peers.network.advance(Duration.ofSeconds(1));
        sending.dispose();
        receiving.dispose();
        peers.network.advance(Duration.ofSeconds(1));

        assertThat(((StreamResetException) Objects.requireNonNull(received.failure)).code())
                .isEqualTo(PeerStream.CANCELLED);
        assertThat(((StreamResetException) Objects.requireNonNull(back.failure)).code())
                .isEqualTo(PeerStream.CANCELLED);
    }

    @Test
    void anOrderlyCloseIsNoEndOfAStreamThatIsNotAtItsEnd() {
        TwoPeers peers = TwoPeers.inCalm(6);
        PeerConnection connection = peers.connect(peers.a, peers.b);
        Outcome sent = watch(open(peers, connection).send(Flux.concat(Flux.just(bytes("begun")), Flux.never())));
        Outcome whole = watch(open(peers, connection).send(Mono.just(bytes("whole"))));
        peers.network.advance(Duration.ofSeconds(1));
        connection.close().subscribe();
        peers.network.advance(Duration.ofSeconds(5));
        List<PeerStream> there = new ArrayList<>();
        Outcome streams =
                watch(peers.b.lastPublished().streams().doOnNext(there::add).then());

        assertThat(sent.failure).isInstanceOf(ConnectionClosedException.class);
        assertThat(whole.completed).isTrue();
        assertThat(streams.completed).isTrue();
        Outcome begun = watch(there.get(0).receive());
        assertThat(begun.text).hasToString("begun");
        assertThat(begun.failure).isInstanceOf(ConnectionClosedException.class);
        Outcome all = watch(there.get(1).receive());
        assertThat(all.text).hasToString("whole");
        assertThat(all.completed).isTrue();
        Outcome late = watch(there.get(1).send(Mono.just(bytes("too late"))));
        assertThat(late.failure).isInstanceOf(ConnectionClosedException.class);
        assertThat(watch(connection.openStream()).failure).isInstanceOf(ConnectionClosedException.class);
    }

    @Test
    void aStreamThatArrivesTogetherWithTheCloseCanBeReadAndItsSendErrors() {
        TwoPeers peers = TwoPeers.inCalm(10);
        PeerConnection connection = peers.connect(peers.a, peers.b);
        Outcome sent = watch(open(peers, connection).send(Mono.just(bytes("the last word"))));
        connection.close().subscribe();
        peers.network.advance(Duration.ofSeconds(5));
        List<PeerStream> there = new ArrayList<>();
        watch(peers.b.lastPublished().streams().doOnNext(there::add));

        assertThat(sent.failure).isInstanceOf(ConnectionClosedException.class);
        Outcome received = watch(there.get(0).receive());
        assertThat(received.text).hasToString("the last word");
        assertThat(received.completed).isTrue();
        Outcome late = watch(there.get(0).send(Mono.just(bytes("too late"))));
        assertThat(late.failure).isInstanceOf(ConnectionClosedException.class);
    }

    @Test
    void openingWaitsForThePeerAndErrorsAfterItsTimeLimit() {
        TwoPeers peers = TwoPeers.inCalm(7);
        PeerConnection connection = peers.connect(peers.a, peers.b);
        List<PeerStream> opened = new ArrayList<>();
        for (int i = 0; i < 256; i++) {
            PeerStream stream = open(peers, connection);
            stream.send(Flux.concat(Flux.just(bytes("x")), Flux.never())).subscribe();
            opened.add(stream);
        }
        List<PeerStream> there = new ArrayList<>();
        peers.b.lastPublished().streams().subscribe(there::add);
        Outcome waits = watch(connection.openStream());
        Outcome isCancelled = new Outcome();
        Disposable cancelled = connection.openStream().subscribe(stream -> isCancelled.completed = true);
        Outcome uni = watch(connection.openUniStream());
        peers.network.advance(Duration.ofSeconds(9));
        assertThat(waits.isOver()).isFalse();
        assertThat(uni.completed).as("the other kind has a limit of its own").isTrue();
        Outcome later = watch(connection.openStream());
        cancelled.dispose();
        peers.network.advance(Duration.ofSeconds(2));
        assertThat(waits.failure).isInstanceOf(StreamLimitException.class).hasMessageContaining("openStreamTimeout");
        assertThat(later.isOver()).isFalse();

        opened.get(17).reset(1);
        opened.get(17).cancel(1);
        there.get(17).reset(1);
        peers.network.advance(Duration.ofSeconds(2));
        assertThat(later.completed).isTrue();
        assertThat(isCancelled.completed).isFalse();
    }

    @Test
    void streamsThatWaitForTheApplicationAreNoMoreThanTheLimitAlsoWhenTheyAreOver() {
        TwoPeers peers = TwoPeers.inCalm(12);
        PeerConnection connection = peers.connect(peers.a, peers.b);
        int[] opened = new int[1];
        for (int i = 0; i < 600; i++) {
            connection
                    .openUniStream()
                    .subscribe(
                            stream -> {
                                opened[0]++;
                                stream.reset(1);
                            },
                            late -> {});
        }
        peers.network.advance(Duration.ofSeconds(5));
        assertThat(opened[0]).isEqualTo(256);

        List<PeerStream> there = new ArrayList<>();
        peers.b.lastPublished().streams().subscribe(there::add);
        peers.network.advance(Duration.ofSeconds(5));
        assertThat(opened[0]).isEqualTo(600);
        assertThat(there).hasSize(600);
    }

    @Test
    void whatIsNotAllowedIsNamed() {
        TwoPeers peers = TwoPeers.inCalm(8);
        PeerConnection connection = peers.connect(peers.a, peers.b);
        PeerStream uni = Objects.requireNonNull(peers.network.await(connection.openUniStream(), Peers.LIMIT));
        assertThat(watch(uni.receive()).failure)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("stream 2");
        watch(uni.send(Mono.just(bytes("x"))));
        assertThat(watch(uni.send(Mono.just(bytes("x")))).failure)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("concat");
        PeerStream there = accepted(peers);
        assertThat(watch(there.send(Mono.just(bytes("x")))).failure).isInstanceOf(IllegalStateException.class);
        watch(there.receive());
        assertThatThrownBy(() -> uni.reset(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-1");
        assertThatThrownBy(() -> uni.cancel(1L << 62)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aStreamThatNobodyReadsStopsItsPublisherAndNoOther() {
        TwoPeers peers = TwoPeers.inCalm(9);
        PeerConnection connection = peers.connect(peers.a, peers.b);
        int[] taken = new int[1];
        open(peers, connection)
                .send(Flux.range(0, 10_000).map(i -> {
                    taken[0]++;
                    return Unpooled.buffer(1000).writeZero(1000);
                }))
                .subscribe();
        peers.network.advance(Duration.ofSeconds(60));
        // the window of the stream, and what the send has asked for ahead
        assertThat(taken[0]).isBetween(1049, 1049 + 256);

        Outcome sibling = watch(open(peers, connection).send(lines(100_000)));
        List<PeerStream> there = new ArrayList<>();
        peers.b.lastPublished().streams().subscribe(there::add);
        peers.network.advance(Duration.ofSeconds(1));
        Outcome received = watch(there.get(1).receive().asByteArray().count());
        peers.network.advance(Duration.ofSeconds(60));
        assertThat(sibling.completed).isTrue();
        assertThat(received.completed).isTrue();
    }

    @Test
    void aMoreUrgentStreamIsSentFirstAndOthersShare() {
        TwoPeers peers = TwoPeers.inCalm(10);
        peers.network.changeDefaultLink(LinkSettings.PERFECT
                .latency(Duration.ofMillis(10))
                .bytesPerSecond(1_000_000)
                .queueBytes(32 << 10));
        PeerConnection connection = peers.connect(peers.a, peers.b);
        int[] received = new int[3];
        int[] priorities = {5, 5, 2};
        peers.b
                .lastPublished()
                .streams()
                .subscribe(stream -> stream.receive()
                        .subscribe(
                                bytes -> received[(int) stream.id() / 4 - 1] += bytes.readableBytes(), failure -> {}));
        for (int priority : priorities) {
            open(peers, connection)
                    .priority(priority)
                    .send(Flux.<ByteBuf>generate(
                            sink -> sink.next(Unpooled.buffer(5_000).writeZero(5_000))))
                    .subscribe(nothing -> {}, failure -> {});
        }
        peers.network.advance(Duration.ofSeconds(10));
        // The first two had the path to themselves for a moment.
        assertThat(received[2]).isGreaterThan(7_000_000);
        assertThat(received[0] + received[1]).isLessThan(500_000);
        PeerStream urgent = open(peers, connection);
        assertThatThrownBy(() -> urgent.priority(8))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("8");
    }
}
