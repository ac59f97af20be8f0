package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.ConnectionState;
import dev.tether.core.error.ChannelClosedException;
import dev.tether.core.error.ConnectionClosedException;
import dev.tether.core.error.InternalErrorException;
import dev.tether.core.simulation.Jitter;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.reactor.ConnectionStatistics;
import dev.tether.reactor.PeerConnection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What {@code receiveDatagrams} promises to who receives. */
class ReceiveDatagramsTest {

    private static final long SEED = 22;
    private static final int SEEDS = 50;
    private static final int QUEUE = 100;

    private final DatagramPeers peers = new DatagramPeers(SEED);
    private final PeerConnection there = peers.there;

    /** Asks for nothing by itself; keeps the numbers, and how it has ended. */
    private static final class Reader extends BaseSubscriber<ByteBuf> {

        final List<Integer> numbers = new ArrayList<>();
        final List<ByteBuf> buffers = new ArrayList<>();

        @Nullable
        Throwable failure;

        boolean completed;

        @Override
        protected void hookOnSubscribe(Subscription subscription) {}

        @Override
        protected void hookOnNext(ByteBuf datagram) {
            assertThat(datagram.refCnt()).isEqualTo(1);
            numbers.add(datagram.getInt(datagram.readerIndex()));
            buffers.add(datagram);
        }

        @Override
        protected void hookOnError(Throwable failure) {
            this.failure = failure;
        }

        @Override
        protected void hookOnComplete() {
            completed = true;
        }

        boolean isOver() {
            return completed || failure != null;
        }
    }

    @Test
    void whatArrivesWasSentAndArrivesOnceWhateverTheLinkDoes() {
        for (long seed = 0; seed < SEEDS; seed++) {
            exchangeOverAFaultyLink(seed);
        }
    }

    private static void exchangeOverAFaultyLink(long seed) {
        DatagramPeers peers = new DatagramPeers(seed);
        SeededRandom random = new SeededRandom(seed).split("test");
        peers.network
                .link(peers.hostHere, peers.hostThere)
                .change(LinkSettings.PERFECT
                        .latency(Duration.ofMillis(random.nextInt(0, 50)))
                        .jitter(Jitter.exponential(Duration.ofMillis(random.nextInt(0, 5))))
                        .loss(0.2 * random.nextDouble())
                        .reordering(0.3 * random.nextDouble())
                        .duplication(0.3 * random.nextDouble())
                        .duplicateDelay(Duration.ofMillis(500))
                        .corruption(0.05 * random.nextDouble()));
        int count = 500;
        List<byte[]> received = new ArrayList<>();
        peers.there.receiveDatagrams().asByteArray().subscribe(received::add);
        List<byte[]> sent = new ArrayList<>();
        peers.network.await(
                peers.here.sendDatagram(Flux.range(0, count).map(number -> {
                    ByteBuf datagram = peers.numbered(number, 4 + random.nextInt(1_160));
                    sent.add(ByteBufUtil.getBytes(datagram));
                    return datagram;
                })),
                Duration.ofMinutes(2));
        peers.run(20_000);

        Set<Integer> numbers = new HashSet<>();
        for (byte[] datagram : received) {
            int number = Unpooled.wrappedBuffer(datagram).readInt();
            assertThat(number).as("seed %d", seed).isBetween(0, count - 1);
            assertThat(datagram).as("datagram %d, seed %d", number, seed).isEqualTo(sent.get(number));
            assertThat(numbers.add(number))
                    .as("datagram %d is no duplicate, seed %d", number, seed)
                    .isTrue();
        }
        ConnectionStatistics sender = peers.statistics(peers.here);
        assertThat(sender.datagramsSent()).as("seed %d", seed).isEqualTo(count);
        assertThat((long) count - received.size())
                .as("all that is missing was found lost, seed %d", seed)
                .isLessThanOrEqualTo(sender.datagramsLost());
        assertThat(received).as("seed %d", seed).hasSizeGreaterThan(count / 2);
        peers.assertNothingIsLeft();
    }

    @Test
    void aSlowSubscriberLosesTheOldestWhichIsCounted() {
        Reader reader = subscribe();
        reader.request(2);
        send(0, 500);
        assertThat(reader.numbers).containsExactly(0, 1);
        reader.request(1);
        peers.run(10);
        assertThat(reader.numbers).containsExactly(0, 1, 400);
        reader.request(Long.MAX_VALUE);
        peers.run(10);

        assertThat(reader.numbers.subList(2, reader.numbers.size())).isEqualTo(range(400, 500));
        ConnectionStatistics statistics = peers.statistics(there);
        assertThat(statistics.datagramsReceived()).isEqualTo(2 + QUEUE);
        assertThat(statistics.datagramsDropped()).isEqualTo(500 - 2 - QUEUE);
        assertThat(peers.statistics(peers.here).datagramsLost()).isZero();
        peers.assertNothingIsLeft();
    }

    @Test
    void aSubscriberThatComesLateGetsTheLatest() {
        send(0, 250);
        assertThat(peers.statistics(there).datagramsDropped()).isEqualTo(150);
        Reader reader = subscribe();
        reader.request(Long.MAX_VALUE);
        peers.run(10);

        assertThat(reader.numbers).isEqualTo(range(150, 250));
        send(250, 10);
        assertThat(reader.numbers).isEqualTo(range(150, 260));
        peers.assertNothingIsLeft();
    }

    /** A packet brings many small ones, and a batch many packets. */
    @Test
    void aSubscriberThatKeepsUpLosesNoneHoweverManyComeAtOnce() {
        Reader reader = subscribe();
        reader.request(Long.MAX_VALUE);
        peers.network.await(
                peers.here.sendDatagram(Flux.range(0, 20_000).map(number -> peers.numbered(number, 12))), Peers.LIMIT);
        peers.run(1_000);

        assertThat(reader.numbers).isEqualTo(range(0, 20_000));
        assertThat(peers.statistics(there).datagramsDropped()).isZero();
        peers.assertNothingIsLeft();
    }

    @Test
    void whatASubscriberDoesInTheMidstOfABatchIsDone() {
        List<String> answers = new ArrayList<>();
        peers.here.receive().asString().subscribe(answers::add);
        there.receiveDatagrams()
                .map(ByteBuf::readInt)
                .subscribe(
                        number -> there.sendString(Mono.just("got " + number)).subscribe());
        send(0, 500);
        peers.run(1_000);
        assertThat(answers)
                .isEqualTo(range(0, 500).stream().map(number -> "got " + number).toList());
    }

    @Test
    void aNodeThatIsDisposedOfInTheMidstOfABatchEndsEverything() {
        List<Integer> received = new ArrayList<>();
        Peers.End end = Peers.endOf(there);
        List<Throwable> failures = new ArrayList<>();
        there.receiveDatagrams()
                .map(ByteBuf::readInt)
                .subscribe(
                        number -> {
                            received.add(number);
                            if (number == 150) {
                                peers.nodeThere.dispose();
                            }
                        },
                        failures::add);
        peers.here
                .sendDatagram(Flux.range(0, 500).map(number -> peers.numbered(number, 100)))
                .subscribe(nothing -> {}, failure -> {});
        peers.run(1_000);

        end.as(ChannelClosedException.class);
        assertThat(failures).singleElement().isInstanceOf(ChannelClosedException.class);
        assertThat(received).startsWith(0).contains(150);
        peers.network.advance(Duration.ofMinutes(3));
        peers.assertNothingIsLeft();
    }

    @Test
    void zeroDemandGetsNothingAndHoldsUpNobody() {
        Reader reader = subscribe();
        List<String> messages = new ArrayList<>();
        there.receive().asString().subscribe(messages::add);
        send(0, 1_000);
        peers.network.await(peers.here.sendString(Mono.just("hello")), Peers.LIMIT);

        assertThat(reader.numbers).isEmpty();
        assertThat(messages).containsExactly("hello");
        reader.cancel();
    }

    @Test
    void aSecondSubscriberErrorsAndTheFirstGoesOn() {
        Reader first = subscribe();
        first.request(Long.MAX_VALUE);
        Reader second = subscribe();
        send(0, 3);

        assertThat(second.failure).isInstanceOf(IllegalStateException.class).hasMessageContaining("receiveDatagrams()");
        assertThat(first.numbers).containsExactly(0, 1, 2);
    }

    @Test
    void aBufferIsReleasedAfterItsSignalUnlessItIsRetained() {
        List<ByteBuf> kept = new ArrayList<>();
        there.receiveDatagrams().retain().subscribe(kept::add);
        send(0, 2);
        assertThat(kept).hasSize(2).allMatch(datagram -> datagram.refCnt() == 1);
        kept.forEach(ByteBuf::release);
        peers.assertNothingIsLeft();
    }

    @Test
    void whatACancelledSubscriberLeavesIsForTheNextOne() {
        Reader first = subscribe();
        first.request(3);
        send(0, 10);
        first.cancel();
        Reader second = subscribe();
        second.request(Long.MAX_VALUE);
        peers.run(10);

        assertThat(first.numbers).containsExactly(0, 1, 2);
        assertThat(second.numbers).isEqualTo(range(3, 10));
        peers.assertNothingIsLeft();
    }

    @Test
    void messagesAndDatagramsAreApart() {
        List<String> messages = new ArrayList<>();
        there.receive().asString().subscribe(messages::add);
        Reader reader = subscribe();
        reader.request(Long.MAX_VALUE);
        peers.here.sendString(Flux.range(0, 100).map(i -> "message " + i)).subscribe();
        send(0, 100);

        assertThat(messages).hasSize(100).last().isEqualTo("message 99");
        assertThat(reader.numbers).isEqualTo(range(0, 100));
    }

    // The end

    @Test
    void afterACloseInOrderTheSubscriberGetsWhatHadArrivedAndTheCompletion() {
        Reader reader = subscribe();
        send(0, 5);
        peers.network.await(peers.here.close(), Peers.LIMIT);
        peers.run(1_000);
        assertThat(reader.isOver()).as("over before all was taken").isFalse();
        reader.request(3);
        peers.run(10);
        assertThat(reader.numbers).containsExactly(0, 1, 2);
        assertThat(reader.isOver()).isFalse();
        reader.request(2);
        peers.run(10);

        assertThat(reader.numbers).containsExactly(0, 1, 2, 3, 4);
        assertThat(reader.completed).isTrue();
        peers.assertNothingIsLeft();
    }

    @Test
    void afterACloseWithACodeTheSubscriberGetsWhatHadArrivedAndTheCause() {
        Reader reader = subscribe();
        send(0, 5);
        peers.network.await(peers.here.close(7, "enough"), Peers.LIMIT);
        peers.run(1_000);
        reader.request(5);
        peers.run(10);

        assertThat(reader.numbers).hasSize(5);
        assertThat(reader.failure)
                .isInstanceOfSatisfying(
                        ConnectionClosedException.class,
                        closed -> assertThat(closed.reason().code()).isEqualTo(7));
        peers.assertNothingIsLeft();
    }

    @Test
    void aSubscriberWithoutDemandIsToldOfTheEndWhenNothingIsLeft() {
        Reader reader = subscribe();
        peers.network.await(peers.here.close(), Peers.LIMIT);
        peers.run(1_000);
        assertThat(reader.completed).isTrue();
    }

    @Test
    void withoutASubscriberAtTheEndWhatIsLeftIsDroppedAndALaterOneGetsTheEnd() {
        send(0, 5);
        assertThat(peers.hostThere.messageBytes()).isPositive();
        peers.network.await(peers.here.close(), Peers.LIMIT);
        peers.run(1_000);

        peers.assertNothingIsLeft();
        assertThat(peers.statistics(there).datagramsDropped()).isEqualTo(5);
        Reader late = subscribe();
        peers.run(10);
        assertThat(late.numbers).isEmpty();
        assertThat(late.completed).isTrue();
    }

    @Test
    void whatASubscriberLeavesThatCancelsAfterTheEndIsDropped() {
        Reader reader = subscribe();
        send(0, 5);
        peers.network.await(peers.here.close(), Peers.LIMIT);
        peers.run(1_000);
        reader.request(1);
        peers.run(10);
        assertThat(peers.hostThere.messageBytes()).isPositive();
        reader.cancel();
        peers.run(10);

        peers.assertNothingIsLeft();
        assertThat(reader.numbers).containsExactly(0);
        assertThat(peers.statistics(there).datagramsDropped()).isEqualTo(4);
    }

    @Test
    void aSubscriberThatThrowsEndsItsConnectionAndNothingIsLeft() {
        there.receiveDatagrams().subscribe(new Throwing());
        Peers.End end = Peers.endOf(there);
        send(0, 5);
        peers.run(1_000);

        assertThat(end.as(InternalErrorException.class)).hasMessageContaining("a mistake");
        peers.assertNothingIsLeft();
    }

    private static final class Throwing implements CoreSubscriber<ByteBuf> {

        @Override
        public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(ByteBuf datagram) {
            throw new IllegalStateException("a mistake");
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onComplete() {}
    }

    // Hostile peers

    /** The bytes that wait are bounded by 100 times the own datagram size, however large the peer's datagrams are. */
    @Test
    void aFloodWithoutASubscriberHoldsNoMoreMemoryThanTheQueue() {
        DatagramPeers wide = new DatagramPeers(SEED, settings -> settings.datagramSize(65_000), settings -> settings);
        SeededRandom random = new SeededRandom(SEED).split("test");
        wide.here
                .sendDatagram(Flux.<ByteBuf>generate(sink ->
                        sink.next(wide.numbered(1, 4 + random.nextInt(wide.here.maxDatagramSize() - 3)))))
                .subscribe(nothing -> {}, failure -> {});
        long most = 0;
        for (int i = 0; i < 200; i++) {
            wide.run(10);
            wide.made.removeIf(datagram -> datagram.refCnt() == 0);
            most = Math.max(most, wide.hostThere.messageBytes());
        }

        assertThat(wide.statistics(wide.there).datagramsDropped()).isGreaterThan(1_000);
        assertThat(most).isBetween(1L, QUEUE * 1_200L);
        assertThat(wide.there.state()).isInstanceOf(ConnectionState.Established.class);
        wide.network.await(wide.here.close(), Peers.LIMIT);
        wide.run(5_000);
        wide.assertNothingIsLeft();
    }

    private Reader subscribe() {
        Reader reader = new Reader();
        there.receiveDatagrams().subscribe(reader);
        return reader;
    }

    /** Sends numbered datagrams, and lets them arrive. */
    private void send(int first, int count) {
        peers.network.await(
                peers.here.sendDatagram(Flux.range(first, count).map(number -> peers.numbered(number, 100))),
                Peers.LIMIT);
        peers.run(100);
    }

    private static List<Integer> range(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }
}
