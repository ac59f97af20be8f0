package dev.tether.reactor.simulation;

import static dev.tether.reactor.simulation.RelayChain.bytes;
import static dev.tether.reactor.simulation.RelayChain.inPieces;
import static dev.tether.reactor.simulation.RelayChain.random;
import static dev.tether.reactor.simulation.RelayChain.watch;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.TransportSettings;
import dev.tether.core.error.StreamResetException;
import dev.tether.core.simulation.Jitter;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.PeerStream;
import dev.tether.reactor.Relay;
import dev.tether.reactor.simulation.RelayChain.Received;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

/** Streams over one relay and over several, in virtual time. */
class RelayTest {

    private static final int SEEDS = 12;

    /** A window that does not grow, so that what a chain may hold is known. */
    private static final int WINDOW = 128 * 1024;

    /** What may be between the two connections of a relay: {@code RelayedBytes.MAX_AHEAD}, and one buffer. */
    private static final int BETWEEN = (256 + 64) * 1024;

    /** What {@code send} asks of its publisher ahead. */
    private static final int DEMAND = 256;

    private static final int PIECE = 1_000;

    private static TransportSettings.Builder fixedWindow(TransportSettings.Builder settings) {
        return settings.streamWindow(WINDOW).maxStreamWindow(WINDOW);
    }

    private static LinkSettings storm(long seed) {
        SeededRandom random = new SeededRandom(seed).split("test");
        return LinkSettings.PERFECT
                .latency(Duration.ofMillis(random.nextInt(0, 100)))
                .jitter(Jitter.exponential(Duration.ofMillis(random.nextInt(0, 20))))
                .loss(0.05 * random.nextDouble())
                .reordering(0.2 * random.nextDouble())
                .reorderDelay(Duration.ofMillis(random.nextInt(0, 200)))
                .duplication(0.3 * random.nextDouble())
                .duplicateDelay(Duration.ofMillis(random.nextInt(0, 3_000)));
    }

    /** The destination sends every stream back that can be, and keeps what comes on the others. */
    private static List<Received> echo(RelayChain chain) {
        List<Received> kept = new ArrayList<>();
        chain.last()
                .streams()
                .flatMap(
                        stream -> {
                            if (stream.isBidirectional()) {
                                return Relay.pipe(stream, stream);
                            }
                            kept.add(watch(stream.receive()));
                            return Mono.empty();
                        },
                        Integer.MAX_VALUE)
                .subscribe(nothing -> {}, failure -> {});
        return kept;
    }

    @Test
    void contentsAreExactOverAChainInStorms() {
        for (long seed = 0; seed < SEEDS; seed++) {
            RelayChain chain = new RelayChain(seed, 1 + (int) (seed % 3), storm(seed), settings -> settings);
            List<Received> kept = echo(chain);
            byte[] content = random(seed, 200_000);
            List<Received> answers = new ArrayList<>();
            List<Received> sends = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                PeerStream stream = chain.open();
                answers.add(watch(stream.receive()));
                sends.add(watch(stream.send(inPieces(content, seed + i))));
            }
            sends.add(watch(chain.first().openUniStream().flatMap(stream -> stream.send(inPieces(content, 99)))));
            chain.network.advance(Duration.ofSeconds(120));

            assertThat(sends).as("seed %d", seed).allMatch(sent -> sent.completed);
            assertThat(answers)
                    .as("seed %d", seed)
                    .allMatch(answer -> answer.completed)
                    .allSatisfy(answer -> assertThat(answer.bytes.toByteArray()).isEqualTo(content));
            assertThat(kept)
                    .as("seed %d", seed)
                    .singleElement()
                    .satisfies(all -> assertThat(all.bytes.toByteArray()).isEqualTo(content));
            chain.closeAndAssertNothingIsLeft();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void eachDirectionEndsByItself(int length) {
        RelayChain chain = RelayChain.calm(length);
        PeerStream stream = chain.open();
        Received sent = watch(stream.send(Mono.just(bytes("question"))));
        Received answer = watch(stream.receive());
        PeerStream there = chain.accepted();
        Received question = watch(there.receive());
        chain.network.advance(Duration.ofSeconds(5));
        assertThat(sent.completed).isTrue();
        assertThat(question.completed).isTrue();
        assertThat(question.text()).isEqualTo("question");
        assertThat(answer.completed).isFalse();

        Received answered = watch(there.send(Flux.just(bytes("an"), bytes("swer"))));
        chain.network.advance(Duration.ofSeconds(5));
        assertThat(answered.completed).isTrue();
        assertThat(answer.completed).isTrue();
        assertThat(answer.text()).isEqualTo("answer");
        chain.closeAndAssertNothingIsLeft();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void aResetGoesThroughWithItsCodeInEitherDirection(int length) {
        RelayChain chain = RelayChain.calm(length);
        PeerStream stream = chain.open();
        watch(stream.send(Flux.concat(Flux.just(bytes("begun")), Flux.never())));
        Received back = watch(stream.receive());
        PeerStream there = chain.accepted();
        Received received = watch(there.receive());
        watch(there.send(Flux.concat(Flux.just(bytes("too")), Flux.never())));
        chain.network.advance(Duration.ofSeconds(5));
        stream.reset(77);
        chain.network.advance(Duration.ofSeconds(5));
        assertThat(received.text()).isEqualTo("begun");
        assertThat(received.failedWith(StreamResetException.class).code()).isEqualTo(77);
        assertThat(back.failure).as("the other direction").isNull();

        there.reset(78);
        chain.network.advance(Duration.ofSeconds(5));
        assertThat(back.text()).isEqualTo("too");
        assertThat(back.failedWith(StreamResetException.class).code()).isEqualTo(78);
        chain.closeAndAssertNothingIsLeft();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void aCancelGoesThroughWithItsCodeInEitherDirection(int length) {
        RelayChain chain = RelayChain.calm(length);
        PeerStream stream = chain.open();
        // More than all windows hold: also a sender that waits for room is told.
        Received sent = watch(stream.send(
                Flux.generate(sink -> sink.next(Unpooled.buffer(PIECE).writeZero(PIECE)))));
        PeerStream there = chain.accepted();
        Received answered = watch(there.send(Flux.concat(Flux.just(bytes("begun")), Flux.never())));
        chain.network.advance(Duration.ofSeconds(10));
        there.cancel(99);
        chain.network.advance(Duration.ofSeconds(5));
        StreamResetException stopped = sent.failedWith(StreamResetException.class);
        assertThat(stopped.code()).isEqualTo(99);
        assertThat(stopped.isStopped()).isTrue();
        assertThat(answered.failure).as("the other direction").isNull();

        stream.cancel(100);
        chain.network.advance(Duration.ofSeconds(5));
        assertThat(answered.failedWith(StreamResetException.class).code()).isEqualTo(100);
        chain.closeAndAssertNothingIsLeft();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void aReceiverThatAsksForNothingStopsTheOriginAndOneThatAsksMovesIt(int length) {
        RelayChain chain = new RelayChain(3, length, SimulatedNetwork.DEFAULT_LINK, RelayTest::fixedWindow);
        int pieces = 4_000;
        int[] emitted = new int[1];
        int[] taken = new int[1];
        PeerStream stream = chain.open();
        Received sent = watch(stream.send(Flux.range(0, pieces).map(i -> {
            emitted[0]++;
            return Unpooled.buffer(PIECE).writeZero(PIECE);
        })));
        PeerStream there = chain.accepted();
        long held = (long) (length + 1) * WINDOW + (long) length * BETWEEN;
        Runnable check = () -> {
            chain.network.advance(Duration.ofSeconds(20));
            assertThat((long) emitted[0] * PIECE)
                    .as("given by the publisher when %d bytes are taken", taken[0])
                    .isBetween((long) taken[0] + (length + 1) * (long) WINDOW, taken[0] + held + DEMAND * PIECE);
        };
        int[] before = new int[1];

        StepVerifier.create(there.receive().map(ByteBuf::readableBytes).doOnNext(size -> taken[0] += size), 0)
                .expectSubscription()
                .then(check)
                .then(() -> before[0] = emitted[0])
                .thenRequest(1)
                .then(check)
                .expectNextCount(1)
                .thenRequest(3)
                .then(check)
                .expectNextCount(3)
                .thenRequest(30)
                .then(check)
                .expectNextCount(30)
                .then(() -> assertThat(emitted[0]).as("moved by demand").isGreaterThan(before[0]))
                .thenRequest(Long.MAX_VALUE)
                .then(() -> chain.network.advance(Duration.ofSeconds(60)))
                .thenConsumeWhile(size -> true)
                .expectComplete()
                .verify(Duration.ofSeconds(60));
        assertThat(sent.completed).isTrue();
        assertThat(taken[0]).isEqualTo(pieces * PIECE);
        chain.closeAndAssertNothingIsLeft();
    }

    @Test
    void aSlowDestinationBoundsWhatARelayHolds() {
        RelayChain chain = new RelayChain(
                4,
                1,
                SimulatedNetwork.DEFAULT_LINK,
                settings -> fixedWindow(settings).datagramSize(65_000));
        SimulatedHost relay = chain.relays.get(0);
        long[] most = new long[1];
        relay.watch(connection -> most[0] = Math.max(most[0], relay.messageBytes()));
        // Many small buffers make a send ask for many; the large ones that follow count as many then.
        Sinks.Many<ByteBuf> source = Sinks.many().unicast().onBackpressureBuffer();
        PeerStream stream = chain.open();
        Received sent = watch(stream.send(source.asFlux()));
        source.tryEmitNext(bytes("x")).orThrow();
        PeerStream there = chain.accepted();
        Received received = watch(there.receive());
        for (int i = 0; i < 400; i++) {
            source.tryEmitNext(bytes("x")).orThrow();
            chain.network.advance(Duration.ofMillis(20));
        }
        assertThat(received.failure).isNull();
        relay.uplink(LinkSettings.PERFECT.bytesPerSecond(50_000));
        int large = 20 << 20;
        source.tryEmitNext(Unpooled.buffer(large).writeZero(large)).orThrow();
        source.tryEmitComplete().orThrow();
        chain.network.advance(Duration.ofSeconds(60));

        // A chunk of the receive window may be held by one byte of it that is still to be sent.
        assertThat(most[0]).isBetween((long) WINDOW, (long) WINDOW + BETWEEN + 2 * 64 * 1024);
        assertThat(sent.completed).isFalse();
        chain.closeAndAssertNothingIsLeft();
    }

    @Test
    void threeHundredStreamsAreOpenAtOnceAndHundredsMoreOneAfterTheOther() {
        RelayChain chain = new RelayChain(5, 2, SimulatedNetwork.DEFAULT_LINK, settings -> settings.maxStreams(300));
        echo(chain);
        Sinks.Empty<ByteBuf> end = Sinks.empty();
        List<Received> answers = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            PeerStream stream = chain.open();
            answers.add(watch(stream.receive()));
            watch(stream.send(Flux.concat(Flux.just(bytes("stream " + i)), end.asMono())));
        }
        chain.network.advance(Duration.ofSeconds(10));
        for (int i = 0; i < 300; i++) {
            assertThat(answers.get(i).text()).isEqualTo("stream " + i);
        }
        end.tryEmitEmpty().orThrow();
        int[] more = new int[1];
        Received rest = watch(Flux.range(0, 1_000)
                .flatMap(
                        i -> chain.first()
                                .openStream()
                                .flatMap(stream -> Mono.when(stream.send(Mono.just(bytes("more"))))
                                        .then(stream.receive().aggregate().asString())),
                        Integer.MAX_VALUE)
                .doOnNext(answer -> more[0] += answer.equals("more") ? 1 : 0));
        chain.network.advance(Duration.ofSeconds(60));
        assertThat(answers).allMatch(answer -> answer.completed);
        assertThat(rest.failure).isNull();
        assertThat(more[0]).isEqualTo(1_000);
        chain.closeAndAssertNothingIsLeft();
    }

    @Test
    void streamsThatTheNextPeerHasNoRoomForWaitAndOthersGoOn() {
        RelayChain chain = new RelayChain(
                6, 1, SimulatedNetwork.DEFAULT_LINK, settings -> settings, settings -> settings.maxStreams(3));
        List<PeerStream> there = new ArrayList<>();
        chain.last().streams().doOnNext(stream -> watch(stream.receive())).subscribe(there::add);
        List<Received> answers = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            PeerStream stream = chain.open();
            watch(stream.send(Mono.just(bytes("question"))));
            answers.add(watch(stream.receive()));
        }
        chain.network.advance(Duration.ofSeconds(60));
        assertThat(there).hasSize(3);
        assertThat(answers).noneMatch(answer -> answer.failure != null);
        Received uni = watch(chain.first().openUniStream().flatMap(stream -> stream.send(Mono.just(bytes("uni")))));
        chain.network.advance(Duration.ofSeconds(5));
        assertThat(uni.completed).isTrue();
        assertThat(there).hasSize(4);
        assertThat(there.get(3).isBidirectional()).isFalse();

        int answered = 0;
        for (int i = 0; i < 60 && there.size() < 11; i++) {
            while (answered < there.size()) {
                watch(there.get(answered++).send(Mono.just(bytes("answer"))));
            }
            chain.network.advance(Duration.ofSeconds(1));
        }
        while (answered < there.size()) {
            watch(there.get(answered++).send(Mono.just(bytes("answer"))));
        }
        chain.network.advance(Duration.ofSeconds(1));
        assertThat(answers).allMatch(answer -> answer.completed && answer.text().equals("answer"));
        chain.closeAndAssertNothingIsLeft();
    }

    @Test
    void whoCancelsAPipeEndsBothStreams() {
        TwoPeers peers = TwoPeers.inCalm(7);
        PeerConnection connection = peers.connect(peers.a, peers.b);
        PeerStream in = Objects.requireNonNull(peers.network.await(connection.openStream(), Peers.LIMIT));
        PeerStream out = Objects.requireNonNull(peers.network.await(connection.openStream(), Peers.LIMIT));
        watch(in.send(Mono.just(bytes("hello"))));
        List<PeerStream> there = new ArrayList<>();
        peers.b.lastPublished().streams().subscribe(there::add);
        peers.network.advance(Duration.ofSeconds(1));
        watch(there.get(0).receive());
        Received back = watch(there.get(0).send(Flux.never()));
        Received pipe = watch(Relay.pipe(in, out));
        peers.network.advance(Duration.ofSeconds(1));

        Objects.requireNonNull(pipe.subscription).dispose();
        peers.network.advance(Duration.ofSeconds(1));
        assertThat(back.failedWith(StreamResetException.class).code()).isEqualTo(PeerStream.CANCELLED);
        assertThat(there).as("the other one was reset before it was used").hasSize(2);
        Received received = watch(there.get(1).receive());
        peers.network.advance(Duration.ofSeconds(1));
        assertThat(received.failedWith(StreamResetException.class).code()).isEqualTo(PeerStream.CANCELLED);
        peers.closeAndAssertNothingIsLeft(connection, "after a cancelled pipe");
    }

    @Test
    void aResetOfTheOutgoingStreamAtThisSideCancelsTheIncomingOne() {
        TwoPeers peers = TwoPeers.inCalm(8);
        PeerConnection connection = peers.connect(peers.a, peers.b);
        PeerStream in = Objects.requireNonNull(peers.network.await(connection.openStream(), Peers.LIMIT));
        PeerStream out = Objects.requireNonNull(peers.network.await(connection.openStream(), Peers.LIMIT));
        watch(in.send(Mono.just(bytes("hello"))));
        Received pipe = watch(Relay.pipe(in, out));
        PeerStream there = Objects.requireNonNull(
                peers.network.await(peers.b.lastPublished().streams().next(), Peers.LIMIT));
        watch(there.receive());
        Received back = watch(there.send(Flux.never()));
        out.reset(5);
        peers.network.advance(Duration.ofSeconds(1));

        pipe.failedWith(CancellationException.class);
        assertThat(back.failedWith(StreamResetException.class).code()).isEqualTo(PeerStream.CANCELLED);
        peers.closeAndAssertNothingIsLeft(connection, "after a reset");
    }

    @Test
    void aStreamThatIsInUseIsNotTouched() {
        TwoPeers peers = TwoPeers.inCalm(9);
        PeerConnection connection = peers.connect(peers.a, peers.b);
        PeerStream in = Objects.requireNonNull(peers.network.await(connection.openStream(), Peers.LIMIT));
        PeerStream out = Objects.requireNonNull(peers.network.await(connection.openStream(), Peers.LIMIT));
        watch(in.send(Mono.just(bytes("hello"))));
        Received mine = watch(in.receive());
        peers.network.advance(Duration.ofSeconds(1));
        Received pipe = watch(Relay.pipe(in, out));
        peers.network.advance(Duration.ofSeconds(1));
        pipe.failedWith(IllegalStateException.class);

        PeerStream there = Objects.requireNonNull(
                peers.network.await(peers.b.lastPublished().streams().next(), Peers.LIMIT));
        watch(there.send(Mono.just(bytes("answer"))));
        peers.network.advance(Duration.ofSeconds(1));
        assertThat(mine.text()).isEqualTo("answer");
        assertThat(mine.completed).isTrue();
    }
}
