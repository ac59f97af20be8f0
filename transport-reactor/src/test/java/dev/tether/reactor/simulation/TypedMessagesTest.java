package dev.tether.reactor.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.ConnectionState;
import dev.tether.core.error.ConnectionClosedException;
import dev.tether.core.error.MessageTooLargeException;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.TransportNode;
import dev.tether.reactor.TypedConnection;
import dev.tether.reactor.codec.Codec;
import dev.tether.reactor.codec.CodecException;
import dev.tether.reactor.codec.JacksonCodec;
import dev.tether.reactor.codec.RandomText;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.util.retry.Retry;

/** Values in the place of messages: nothing is lost, taken ahead or kept, whatever a codec makes of them. */
class TypedMessagesTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    /** Not UTF-8. */
    private static final byte[] BAD = {'a', (byte) 0xff};

    private final TwoPeers peers = TwoPeers.inCalm(5);
    private final PeerConnection sender = peers.connect(peers.a, peers.b);
    private final PeerConnection receiver = peers.b.lastPublished();
    private final RecordingCodec codec = new RecordingCodec();
    private final List<String> received = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();

    @AfterEach
    void theConnectionLivesAndNothingIsKept() {
        assertThat(sender.state()).isInstanceOf(ConnectionState.Established.class);
        assertThat(receiver.state()).isInstanceOf(ConnectionState.Established.class);
        peers.closeAndAssertNothingIsLeft(sender, "after typed messages");
        assertThat(codec.buffers).allMatch(buffer -> buffer.refCnt() == 0);
    }

    @Test
    void stringsCrossABadNetworkAsTheyAre() {
        for (long seed = 0; seed < 10; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<String> sent = Flux.range(0, 300)
                    .map(i -> RandomText.draw(random))
                    .collectList()
                    .block();
            assertCrosses(seed, Codec.strings(), String.class, sent);
        }
    }

    @Test
    void byteArraysCrossABadNetworkAsTheyAre() {
        for (long seed = 0; seed < 5; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<byte[]> sent = Flux.range(0, 100)
                    .map(i -> {
                        byte[] bytes = new byte[random.nextInt(5_000)];
                        random.nextBytes(bytes);
                        return bytes;
                    })
                    .collectList()
                    .block();
            assertCrosses(seed, Codec.byteArrays(), byte[].class, sent);
        }
    }

    record Line(String item, int count) {}

    record Order(long number, List<Line> lines) {}

    @Test
    void recordsCrossABadNetworkAsJson() {
        for (long seed = 0; seed < 5; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<Order> sent = Flux.range(0, 100)
                    .map(i -> new Order(random.nextLong(), List.of(new Line(RandomText.draw(random), i))))
                    .collectList()
                    .block();
            assertCrosses(seed, JacksonCodec.create(), Order.class, sent);
        }
    }

    private static <T> void assertCrosses(long seed, Codec codec, Class<T> type, List<T> sent) {
        TwoPeers storm = TwoPeers.inStorm(seed);
        PeerConnection connection = storm.connect(storm.a, storm.b);
        List<T> received = new ArrayList<>();
        storm.b.lastPublished().as(codec).receive(type).subscribe(received::add);
        storm.network.await(connection.as(codec).send(Flux.fromIterable(sent)), Duration.ofMinutes(5));
        storm.network.advance(SECOND);

        assertThat(received)
                .as("seed %d", seed)
                .usingElementComparator((one, other) -> Objects.deepEquals(one, other) ? 0 : 1)
                .containsExactlyElementsOf(sent);
        storm.closeAndAssertNothingIsLeft(connection, "after typed messages");
    }

    @Test
    void stringsAreWhatSendStringSends() {
        receiver.receive().asString().take(2).subscribe(received::add);
        send(Flux.just("typed", ""));
        receiver.as(Codec.strings()).receive(String.class).subscribe(received::add);
        await(sender.sendString(Flux.just("untyped", "")));

        assertThat(received).containsExactly("typed", "", "untyped", "");
    }

    @Test
    void asManyMessagesAreDecodedAsValuesAreAskedFor() {
        sender.as(codec).send(numbered(10)).subscribe();

        StepVerifier.create(receiver.as(codec).receive(String.class), 0)
                .then(() -> {
                    peers.network.advance(SECOND);
                    assertThat(codec.decoded).isZero();
                })
                .thenRequest(3)
                .then(() -> peers.network.advance(SECOND))
                .expectNext("message 0", "message 1", "message 2")
                .then(() -> assertThat(codec.decoded).isEqualTo(3))
                .thenRequest(1)
                .then(() -> peers.network.advance(SECOND))
                .expectNext("message 3")
                .then(() -> assertThat(codec.decoded).isEqualTo(4))
                .thenCancel()
                .verify();

        receiver.receive().asString().subscribe(received::add);
        peers.network.advance(SECOND);
        assertThat(received).hasSize(6).startsWith("message 4");
    }

    @Test
    void whoAsksForNothingStopsThePublisherOfValues() {
        List<Integer> taken = new ArrayList<>();
        String large = "x".repeat(10_000);
        Disposable sending = sender.as(codec)
                .send(Flux.range(0, 10_000).doOnNext(taken::add).map(i -> large))
                .subscribe();
        StepVerifier.create(receiver.as(codec).receive(String.class), 1)
                .then(() -> peers.network.advance(Duration.ofSeconds(30)))
                .expectNext(large)
                .thenCancel()
                .verify();

        assertThat(taken).hasSizeLessThan(1_000);
        assertThat(codec.decoded).isEqualTo(1);
        sending.dispose();
        receiver.receive().subscribe();
        peers.network.advance(Duration.ofSeconds(30));
    }

    @Test
    void aValueThatCannotBeEncodedStopsTheSendAndWhatCameBeforeIsDelivered() {
        List<Object> taken = new ArrayList<>();
        List<String> log = new ArrayList<>();
        receiver.receive().asString().subscribe(received::add);
        assertThatThrownBy(() -> send(Flux.<Object>just("one", "two", 3, "four")
                        .doOnNext(taken::add)
                        .doOnCancel(() -> log.add("cancelled"))))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining(sender.remoteIdentity().shortName())
                .hasMessageContaining("a value cannot be sent, it is java.lang.Integer: ")
                .hasMessageContaining("map it to one, or use another codec");
        send(Mono.just("five"));

        assertThat(received).containsExactly("one", "two", "five");
        assertThat(taken).containsExactly("one", "two", 3);
        assertThat(log).contains("cancelled");
        assertThat(codec.buffers).hasSize(4);
    }

    @Test
    void aMonoThatCannotBeEncodedErrors() {
        receiver.receive().asString().subscribe(received::add);
        assertThatThrownBy(() -> send(Mono.just('c')))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("java.lang.Character");

        assertThat(received).isEmpty();
    }

    @Test
    void aMessageThatIsHalfWrittenIsNotSent() {
        receiver.receive().asString().subscribe(received::add);
        codec.afterWriting = new IOException("no text of the codec's");
        assertThatThrownBy(() -> send(Mono.just("half")))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("java.lang.String: the codec has thrown java.io.IOException, see the cause")
                .hasMessageNotContaining("no text of the codec's")
                .hasCause(codec.afterWriting);
        peers.network.advance(SECOND);

        assertThat(received).isEmpty();
        assertThat(codec.buffers).hasSize(1);
    }

    @Test
    void aMessageOverTheLimitErrorsAsAnyOther() {
        assertThatThrownBy(() -> send(Mono.just("x".repeat((16 << 20) + 1))))
                .isInstanceOf(MessageTooLargeException.class);
    }

    @Test
    void thePublishersOwnErrorIsTheErrorOfTheSend() {
        IllegalStateException own = new IllegalStateException("own");
        receiver.receive().asString().subscribe(received::add);
        assertThatThrownBy(() -> send(numbered(2).concatWith(Mono.error(own)))).isSameAs(own);
        peers.network.advance(SECOND);

        assertThat(received).containsExactly("message 0", "message 1");
    }

    /** Reactive Streams §2.13 forbids it; yet a publisher may. */
    @Test
    void aNullOfThePublisherErrors() {
        Publisher<String> broken = subscriber -> subscriber.onSubscribe(new Subscription() {
            @Override
            public void request(long n) {
                subscriber.onNext(null);
            }

            @Override
            public void cancel() {}
        });
        assertThatThrownBy(() -> send(broken))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("it is null: leave it out");
    }

    @Test
    void aValueThatIsReferenceCountedIsReleased() {
        ByteBuf value = Unpooled.copiedBuffer(new byte[] {1});
        assertThatThrownBy(() -> send(Mono.just(value))).isInstanceOf(CodecException.class);

        assertThat(value.refCnt()).isZero();
    }

    @Test
    void aMessageThatCannotBeDecodedCostsNoNeighbour() {
        sender.send(raw("one", BAD, "two", BAD, "three")).subscribe();
        for (int i = 0; i < 3; i++) {
            receiver.as(codec).receive(String.class).subscribe(received::add, failures::add);
            peers.network.advance(SECOND);
        }

        assertThat(received).containsExactly("one", "two", "three");
        assertThat(failures)
                .hasSize(2)
                .allSatisfy(failure -> assertThat(failure)
                        .isInstanceOf(CodecException.class)
                        .hasMessageContaining(receiver.remoteIdentity().shortName())
                        .hasMessageContaining(
                                "a message of 2 bytes cannot be read as java.lang.String: malformed UTF-8 at"));
        assertThat(codec.buffers).hasSize(5);
    }

    @Test
    void aRetryGoesOnWithTheNextMessageWithinItsDemand() {
        sender.send(raw("one", BAD, BAD, "two", "three", "four")).subscribe();

        StepVerifier.create(
                        receiver.as(codec)
                                .receive(String.class)
                                .retryWhen(Retry.indefinitely()
                                        .filter(CodecException.class::isInstance)
                                        .doBeforeRetry(signal -> failures.add(signal.failure()))),
                        1)
                .then(() -> peers.network.advance(SECOND))
                .expectNext("one")
                .then(() -> assertThat(codec.decoded).isEqualTo(1))
                .thenRequest(2)
                .then(() -> peers.network.advance(SECOND))
                .expectNext("two", "three")
                .then(() -> assertThat(codec.decoded).isEqualTo(5))
                .thenCancel()
                .verify();
        receiver.receive().asString().subscribe(received::add);
        peers.network.advance(SECOND);

        assertThat(failures).hasSize(2);
        assertThat(received).containsExactly("four");
    }

    @Test
    void aCodecThatReadsNullErrors() {
        Codec nothing = new Codec() {
            @Override
            public void encode(Object value, ByteBuf target) {}

            @Override
            public <T> T decode(ByteBuf message, Class<T> type) {
                return null;
            }
        };
        sender.send(raw("one")).subscribe();
        receiver.as(nothing).receive(String.class).subscribe(it -> {}, failures::add);
        peers.network.advance(SECOND);

        assertThat(failures)
                .singleElement()
                .satisfies(failure ->
                        assertThat(failure).isInstanceOf(CodecException.class).hasMessageContaining("null"));
    }

    @Test
    void aTextOfAStrangeExceptionDoesNotGetIntoTheMessage() {
        sender.send(raw("one")).subscribe();
        codec.afterReading = new IOException("it was 'one'");
        receiver.as(codec).receive(String.class).subscribe(it -> {}, failures::add);
        peers.network.advance(SECOND);

        assertThat(failures)
                .singleElement()
                .satisfies(failure -> assertThat(failure)
                        .isInstanceOf(CodecException.class)
                        .hasMessageContaining("the codec has thrown java.io.IOException, see the cause")
                        .hasMessageNotContaining("it was")
                        .hasCause(codec.afterReading));
    }

    @Test
    void whoCancelsReceiveLeavesTheRestToTheNextSubscriber() {
        sender.as(codec).send(numbered(5)).subscribe();
        receiver.as(codec).receive(String.class).take(2).subscribe(received::add);
        peers.network.advance(SECOND);
        receiver.as(JacksonCodec.create()).receive(String.class).take(1).subscribe(it -> {}, failures::add);
        peers.network.advance(SECOND);
        receiver.as(codec).receive(String.class).subscribe(received::add);
        peers.network.advance(SECOND);

        assertThat(received).containsExactly("message 0", "message 1", "message 3", "message 4");
        assertThat(failures).singleElement().isInstanceOf(CodecException.class);
    }

    @Test
    void whoCancelsASendHasDeliveredWhatWasTaken() {
        List<String> taken = new ArrayList<>();
        receiver.as(codec).receive(String.class).subscribe(received::add);
        Disposable sending = sender.as(codec)
                .send(Flux.interval(Duration.ofMillis(10), peers.network.scheduler())
                        .map(i -> "message " + i)
                        .doOnNext(taken::add))
                .subscribe();
        peers.network.advance(SECOND);
        sending.dispose();
        peers.network.advance(SECOND);

        assertThat(taken).hasSizeBetween(50, 101);
        assertThat(received).isEqualTo(taken);
    }

    @Test
    void typedPublishersEndAsTheConnectionDoes() {
        TransportNode server = Peers.server(peers.network.host("c"));
        PeerConnection other = Peers.connect(peers.network, peers.a.node(), server, "c");
        TypedConnection typed = other.as(codec);
        List<String> log = new ArrayList<>();
        typed.receive(String.class).subscribe(received::add, failures::add, () -> log.add("completed"));
        typed.send(Flux.never()).subscribe(nothing -> {}, failures::add);
        peers.network.advance(SECOND);
        await(other.close());
        server.dispose();

        assertThat(log).containsExactly("completed");
        assertThat(failures).singleElement().isInstanceOf(ConnectionClosedException.class);
        assertThat(typed.connection()).isSameAs(other);
    }

    private void send(Publisher<?> values) {
        await(sender.as(codec).send(values));
    }

    private void await(Mono<?> result) {
        peers.network.await(result, Peers.LIMIT);
    }

    private static Flux<String> numbered(int count) {
        return Flux.fromStream(IntStream.range(0, count).mapToObj(i -> "message " + i));
    }

    private static Flux<ByteBuf> raw(Object... messages) {
        return Flux.fromArray(messages)
                .map(message -> message instanceof byte[] bytes
                        ? Unpooled.copiedBuffer(bytes)
                        : Unpooled.copiedBuffer((String) message, UTF_8));
    }

    /** Strings; keeps every buffer that it was given, without a reference to its content. */
    private static final class RecordingCodec implements Codec {

        private final List<ByteBuf> buffers = new ArrayList<>();
        private int decoded;
        private Exception afterWriting;
        private Exception afterReading;

        @Override
        public void encode(Object value, ByteBuf target) throws Exception {
            buffers.add(target);
            Codec.strings().encode(value, target);
            if (afterWriting != null) {
                throw afterWriting;
            }
        }

        @Override
        public <T> T decode(ByteBuf message, Class<T> type) throws Exception {
            buffers.add(message);
            decoded++;
            if (afterReading != null) {
                throw afterReading;
            }
            return Codec.strings().decode(message, type);
        }
    }
}
