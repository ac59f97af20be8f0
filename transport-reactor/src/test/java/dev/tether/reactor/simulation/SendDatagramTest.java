package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.ConnectionState;
import dev.tether.core.error.ChannelClosedException;
import dev.tether.core.error.ConnectionClosedException;
import dev.tether.core.error.ConnectionLostException;
import dev.tether.core.error.DatagramsNotSupportedException;
import dev.tether.core.error.MessageTooLargeException;
import dev.tether.core.error.OutboundOverflowException;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.reactor.ConnectionStatistics;
import dev.tether.reactor.PeerConnection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.publisher.TestPublisher;

/** What {@code sendDatagram} promises to who sends. */
class SendDatagramTest {

    private static final long SEED = 21;

    /** How a send has ended. */
    private static final class Result {

        private @Nullable Throwable failure;
        private boolean over;

        static Result of(Mono<Void> send) {
            Result result = new Result();
            send.subscribe(
                    nothing -> {},
                    failure -> {
                        result.failure = failure;
                        result.over = true;
                    },
                    () -> result.over = true);
            return result;
        }

        void assertCompleted() {
            assertThat(failure).isNull();
            assertThat(over).isTrue();
        }

        <T extends Throwable> T as(Class<T> type) {
            assertThat(failure).isInstanceOf(type);
            return type.cast(failure);
        }
    }

    private final DatagramPeers peers = new DatagramPeers(SEED);
    private final SimulatedNetwork network = peers.network;
    private final PeerConnection here = peers.here;

    @Test
    void datagramsOfEverySizeArriveWholeAndInOrderOverALinkWithoutFaults() {
        int max = here.maxDatagramSize();
        List<Integer> sizes = List.of(4, 1_000, max, 63, 64, max, 4);
        List<byte[]> received = new ArrayList<>();
        peers.there.receiveDatagrams().asByteArray().subscribe(received::add);
        Result send = Result.of(here.sendDatagram(
                Flux.range(0, sizes.size()).map(number -> peers.numbered(number, sizes.get(number)))));
        peers.run(100);

        send.assertCompleted();
        assertThat(max).isEqualTo(1_164);
        assertThat(received)
                .containsExactlyElementsOf(IntStream.range(0, sizes.size())
                        .mapToObj(number -> bytes(number, sizes.get(number)))
                        .toList());
        peers.assertNothingIsLeft();
    }

    @Test
    void emptyDatagramsAreDatagrams() {
        List<Integer> received = new ArrayList<>();
        peers.there.receiveDatagrams().map(ByteBuf::readableBytes).subscribe(received::add);
        Result send = Result.of(here.sendDatagram(Flux.range(0, 3).map(i -> Unpooled.EMPTY_BUFFER)));
        peers.run(100);

        send.assertCompleted();
        assertThat(received).containsExactly(0, 0, 0);
    }

    @Test
    void whatIsSentIsEncrypted() {
        byte[] secret = "a secret that is long enough".getBytes(StandardCharsets.US_ASCII);
        List<byte[]> seen = new ArrayList<>();
        network.onEvent(event -> {
            if (event instanceof SimulationEvent.Sent sent) {
                seen.add(sent.datagram());
            }
        });
        Result.of(here.sendDatagram(Mono.just(Unpooled.wrappedBuffer(secret)))).assertCompleted();

        assertThat(seen).isNotEmpty().noneMatch(datagram -> contains(datagram, secret));
    }

    @Test
    void itIsCold() {
        Mono<Void> send = here.sendDatagram(Mono.fromSupplier(() -> peers.numbered(1, 10)));
        peers.run(100);
        assertThat(peers.statistics(here).datagramsSent()).isZero();

        network.await(send, Peers.LIMIT);
        network.await(send, Peers.LIMIT);
        assertThat(peers.statistics(here).datagramsSent()).isEqualTo(2);
    }

    @Test
    void aSendCompletesWhenAllWasSentThoughNothingArrives() {
        network.link(peers.hostHere, peers.hostThere).cutThere();
        Result send = Result.of(here.sendDatagram(Flux.range(0, 5).map(i -> peers.numbered(i, 100))));
        send.assertCompleted();
        peers.run(100);
        network.link(peers.hostHere, peers.hostThere).heal();
        peers.run(5_000);

        assertThat(peers.statistics(here).datagramsLost()).isEqualTo(5);
        assertThat(peers.statistics(here).datagramsSent()).isEqualTo(5);
        assertThat(peers.statistics(peers.there).datagramsReceived()).isZero();
        peers.assertNothingIsLeft();
    }

    @Test
    void aDatagramThatIsTooLargeErrorsTheSendAndThoseBeforeItAreSent() {
        int max = here.maxDatagramSize();
        List<Integer> received = numbersReceived();
        TestPublisher<ByteBuf> publisher = TestPublisher.create();
        Result send = Result.of(here.sendDatagram(publisher));
        publisher.next(peers.numbered(0, 10));
        peers.run(50);
        publisher.next(peers.numbered(1, max + 1));
        publisher.assertCancelled();
        peers.run(100);

        MessageTooLargeException failure = send.as(MessageTooLargeException.class);
        assertThat(failure.size()).isEqualTo(max + 1);
        assertThat(failure.limit()).isEqualTo(max);
        assertThat(failure)
                .hasMessageContaining("a datagram of " + (max + 1) + " bytes, the limit is " + max)
                .hasMessageContaining("maxDatagramSize()");
        assertThat(received).containsExactly(0);
        assertThat(here.state()).isInstanceOf(ConnectionState.Established.class);
        peers.assertNothingIsLeft();
    }

    @Test
    void aLargerPathTakesLargerDatagrams() {
        DatagramPeers wide = new DatagramPeers(SEED, settings -> settings.datagramSize(65_000), settings -> settings);
        int max = wide.here.maxDatagramSize();
        List<byte[]> received = new ArrayList<>();
        wide.there.receiveDatagrams().asByteArray().subscribe(received::add);
        wide.network.await(wide.here.sendDatagram(Mono.fromSupplier(() -> wide.numbered(7, max))), Peers.LIMIT);
        wide.run(1_000);

        assertThat(max).isEqualTo(64_962);
        assertThat(received).containsExactly(bytes(7, max));
        wide.assertNothingIsLeft();
    }

    @Test
    void aPeerThatTakesNoneIsATypedErrorAtOnce() {
        DatagramPeers one = new DatagramPeers(SEED, settings -> settings, settings -> settings.datagramQueue(0));
        assertThat(one.here.maxDatagramSize()).isZero();
        assertThat(one.there.maxDatagramSize()).isZero();

        DatagramsNotSupportedException ofPeer = refused(one, one.here);
        assertThat(ofPeer.isByPeer()).isTrue();
        assertThat(ofPeer).hasMessageContaining("the peer takes no datagrams").hasMessageContaining("datagramQueue");
        DatagramsNotSupportedException ofOwn = refused(one, one.there);
        assertThat(ofOwn.isByPeer()).isFalse();
        assertThat(ofOwn).hasMessageContaining("this node is 0").hasMessageContaining("datagramQueue");
        one.assertNothingIsLeft();
    }

    private static DatagramsNotSupportedException refused(DatagramPeers peers, PeerConnection connection) {
        AtomicInteger asked = new AtomicInteger();
        Result send = Result.of(connection.sendDatagram(Flux.range(0, 3).map(number -> {
            asked.incrementAndGet();
            return peers.numbered(number, 10);
        })));
        Result ofNothing = Result.of(connection.sendDatagram(Flux.empty()));
        peers.run(10);

        assertThat(asked).hasValue(0);
        ofNothing.as(DatagramsNotSupportedException.class);
        assertThat(connection.state()).isInstanceOf(ConnectionState.Established.class);
        return send.as(DatagramsNotSupportedException.class);
    }

    @Test
    void anErrorOfThePublisherComesAfterWhatItGave() {
        List<Integer> received = numbersReceived();
        RuntimeException mistake = new IllegalStateException("a mistake");
        Result send = Result.of(here.sendDatagram(
                Flux.range(0, 300).map(number -> peers.numbered(number, 100)).concatWith(Mono.error(mistake))));
        peers.run(1_000);

        assertThat(send.failure).isSameAs(mistake);
        assertThat(received).isEqualTo(IntStream.range(0, 300).boxed().toList());
        peers.assertNothingIsLeft();
    }

    @Test
    void anEmptyPublisherCompletes() {
        Result.of(here.sendDatagram(Flux.empty())).assertCompleted();
    }

    @Test
    void cancellingTakesNothingMoreAndSendsWhatWasTaken() {
        limitRate(100_000);
        List<Integer> received = numbersReceived();
        AtomicInteger given = new AtomicInteger();
        Disposable send = here.sendDatagram(endless(given, 1_000)).subscribe();
        peers.run(3_000);
        send.dispose();
        int givenAtCancel = given.get();
        peers.run(10_000);

        assertThat(given).hasValue(givenAtCancel);
        ConnectionStatistics statistics = peers.statistics(here);
        assertThat(statistics.datagramsSent()).isBetween((long) givenAtCancel - 256, (long) givenAtCancel);
        assertThat(received).hasSizeGreaterThan(100).isSorted().doesNotHaveDuplicates();
        Result.of(here.sendDatagram(Mono.fromSupplier(() -> peers.numbered(-1, 4))))
                .assertCompleted();
        peers.run(1_000);
        assertThat(received).last().isEqualTo(-1);
        peers.assertNothingIsLeft();
    }

    /** What the path carries is what is asked for; nothing waits but a queue's worth, and none is dropped here. */
    @Test
    void thePublisherIsAskedForAsMuchAsThePathCarries() {
        int bytesPerSecond = 500_000;
        int size = 1_000;
        limitRate(bytesPerSecond);
        List<Integer> received = numbersReceived();
        AtomicInteger given = new AtomicInteger();
        Disposable send = here.sendDatagram(endless(given, size)).subscribe();
        peers.run(10_000);
        int givenBefore = given.get();
        int receivedBefore = received.size();
        long inFlightAtMost = peers.statistics(here).congestionWindow() / size;
        peers.run(20_000);
        ConnectionStatistics statistics = peers.statistics(here);

        assertThat((given.get() - givenBefore) * (long) size)
                .as("taken in 20 s")
                .isBetween(14L * bytesPerSecond, 21L * bytesPerSecond);
        assertThat((received.size() - receivedBefore) * (long) size)
                .as("received in 20 s")
                .isBetween(14L * bytesPerSecond, 20L * bytesPerSecond);
        assertThat(given.get() - statistics.datagramsSent())
                .as("taken and not sent: the queue, and as many ahead")
                .isBetween(0L, 200L);
        assertThat(statistics.datagramsSent() - received.size() - statistics.datagramsLost())
                .as("neither received nor lost: under way")
                .isBetween(-inFlightAtMost, 2 * inFlightAtMost);
        send.dispose();
        peers.run(10_000);
        peers.assertNothingIsLeft();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5})
    void aShortQueueTakesLittleAhead(int places) {
        DatagramPeers fresh = new DatagramPeers(SEED, settings -> settings.datagramQueue(places), settings -> settings);
        fresh.network
                .link(fresh.hostHere, fresh.hostThere)
                .change(LinkSettings.PERFECT.bytesPerSecond(50_000).queueBytes(20_000));
        AtomicInteger given = new AtomicInteger();
        Disposable send = fresh.here
                .sendDatagram(Flux.<ByteBuf>generate(sink -> sink.next(fresh.numbered(given.getAndIncrement(), 1_000))))
                .subscribe();
        for (int i = 0; i < 50; i++) {
            fresh.run(100);
            assertThat(given.get() - fresh.statistics(fresh.here).datagramsSent())
                    .isBetween(0L, 2L * places);
        }
        assertThat(fresh.statistics(fresh.there).datagramsDropped() + given.get())
                .as("it went on")
                .isGreaterThan(100);
        send.dispose();
        fresh.network.await(fresh.here.close(), Peers.LIMIT);
        fresh.run(5_000);
        fresh.assertNothingIsLeft();
    }

    @Test
    void concurrentSendsGetEqualShares() {
        limitRate(500_000);
        Map<Integer, Integer> received = new HashMap<>();
        peers.there
                .receiveDatagrams()
                .map(ByteBuf::readInt)
                .subscribe(sender -> received.merge(sender, 1, Integer::sum));
        List<Disposable> sends = new ArrayList<>();
        for (int sender = 0; sender < 3; sender++) {
            int tag = sender;
            sends.add(here.sendDatagram(Flux.<ByteBuf>generate(sink -> sink.next(peers.numbered(tag, 800))))
                    .subscribe());
        }
        Result late = new Result();
        peers.run(5_000);
        long beforeNs = network.elapsed().toNanos();
        here.sendDatagram(Mono.fromSupplier(() -> peers.numbered(3, 800)))
                .subscribe(nothing -> {}, failure -> {}, () -> {
                    late.over = true;
                    assertThat(network.elapsed().toNanos() - beforeNs).isLessThan(1_000_000_000L);
                });
        peers.run(5_000);

        late.assertCompleted();
        int total = received.values().stream().mapToInt(it -> it).sum();
        assertThat(total).isGreaterThan(3_000);
        for (int sender = 0; sender < 3; sender++) {
            assertThat(received.get(sender)).isBetween(total * 3 / 10, total * 37 / 100);
        }
        sends.forEach(Disposable::dispose);
        peers.run(10_000);
        peers.assertNothingIsLeft();
    }

    @Test
    void aCloseOfEitherSideEndsSendsWithTheCause() {
        limitRate(50_000);
        AtomicInteger given = new AtomicInteger();
        Result flood = Result.of(here.sendDatagram(endless(given, 1_000)));
        Result idle = Result.of(here.sendDatagram(Flux.never()));
        Result back = Result.of(peers.there.sendDatagram(Flux.never()));
        peers.run(1_000);
        network.await(peers.there.close(5, "enough"), Peers.LIMIT);
        peers.run(1_000);

        for (Result result : List.of(flood, idle, back)) {
            assertThat(result.as(ConnectionClosedException.class).reason().code())
                    .isEqualTo(5);
        }
        int givenAtEnd = given.get();
        peers.run(5_000);
        assertThat(given).hasValue(givenAtEnd);
        Result late = Result.of(here.sendDatagram(Flux.range(0, 3).map(i -> peers.numbered(i, 10))));
        late.as(ConnectionClosedException.class);
        peers.assertNothingIsLeft();
    }

    @Test
    void aLostPeerEndsSendsWithTheLoss() {
        AtomicInteger given = new AtomicInteger();
        peers.run(100);
        network.link(peers.hostHere, peers.hostThere).cut();
        Result flood = Result.of(here.sendDatagram(endless(given, 1_000)));
        network.advance(Duration.ofMinutes(3));

        assertThat(flood.as(ConnectionLostException.class).reason())
                .isEqualTo(ConnectionLostException.Reason.IDLE_TIMEOUT);
        peers.assertNothingIsLeft();
    }

    @Test
    void theEndOfTheNodeEndsSends() {
        limitRate(50_000);
        Result flood = Result.of(here.sendDatagram(endless(new AtomicInteger(), 1_000)));
        peers.run(500);
        peers.hostHere.crash();

        flood.as(ChannelClosedException.class);
        assertThat(peers.made).allMatch(datagram -> datagram.refCnt() == 0);
    }

    @Test
    void aNodeThatClosesInOrderDeliversItsMessagesAndDoesNotWaitForDatagrams() {
        limitRate(50_000);
        List<String> received = new ArrayList<>();
        peers.there.receive().asString().subscribe(received::add);
        Result flood = Result.of(here.sendDatagram(endless(new AtomicInteger(), 1_000)));
        peers.run(500);
        Result message = Result.of(here.sendString(Mono.just("the last word")));
        network.await(peers.nodeHere.close(Duration.ofSeconds(20)), Duration.ofSeconds(5));

        message.assertCompleted();
        assertThat(received).containsExactly("the last word");
        flood.as(ConnectionClosedException.class);
        peers.run(5_000);
        peers.assertNothingIsLeft();
    }

    @Test
    void moreCommandsThanTheLimitAreRefusedWithoutSubscribing() {
        peers.hostHere.suspend();
        for (int i = 0; i < 100; i++) {
            here.ping().subscribe(roundTrip -> {}, failure -> {});
        }
        AtomicInteger subscribed = new AtomicInteger();
        Result send =
                Result.of(here.sendDatagram(Flux.<ByteBuf>never().doOnSubscribe(it -> subscribed.incrementAndGet())));
        peers.hostHere.resume();

        send.as(OutboundOverflowException.class);
        assertThat(subscribed).hasValue(0);
    }

    /** Half of the path's packets are theirs, whatever datagrams there are. */
    @Test
    void messagesAreDeliveredSoonBesideAFloodOfDatagrams() {
        limitRate(500_000);
        peers.there.receiveDatagrams().subscribe();
        here.sendDatagram(endless(new AtomicInteger(), 1_000)).subscribe(nothing -> {}, failure -> {});
        peers.run(5_000);
        List<Long> delaysNs = new ArrayList<>();
        peers.there
                .receive()
                .map(ByteBuf::readLong)
                .subscribe(sentNs -> delaysNs.add(network.elapsed().toNanos() - sentNs));
        for (int i = 0; i < 100; i++) {
            here.send(Mono.fromSupplier(
                            () -> Unpooled.buffer(8).writeLong(network.elapsed().toNanos())))
                    .subscribe();
            peers.run(100);
        }
        peers.run(1_000);

        assertThat(delaysNs).hasSize(100);
        assertThat(delaysNs.stream().sorted().toList().get(50))
                .as("the link's queue, and little more")
                .isLessThan(150_000_000L);
        // One that is lost is sent again after a round trip or two.
        assertThat(delaysNs).allMatch(delayNs -> delayNs < 600_000_000L);
    }

    @Test
    void datagramsArriveSoonBesideAFloodOfMessages() {
        limitRate(500_000);
        peers.there.receive().subscribe();
        here.send(Flux.<ByteBuf>generate(
                        sink -> sink.next(Unpooled.buffer(50_000).writeZero(50_000))))
                .subscribe(nothing -> {}, failure -> {});
        peers.run(5_000);
        List<Long> delaysNs = new ArrayList<>();
        peers.there
                .receiveDatagrams()
                .map(ByteBuf::readLong)
                .subscribe(sentNs -> delaysNs.add(network.elapsed().toNanos() - sentNs));
        for (int i = 0; i < 100; i++) {
            here.sendDatagram(Mono.fromSupplier(() -> Unpooled.buffer(here.maxDatagramSize())
                            .writeLong(network.elapsed().toNanos())
                            .writeZero(here.maxDatagramSize() - Long.BYTES)))
                    .subscribe();
            peers.run(100);
        }
        peers.run(1_000);

        assertThat(delaysNs).as("those that were not lost").hasSizeGreaterThan(85);
        assertThat(delaysNs).allMatch(delayNs -> delayNs < 200_000_000L);
    }

    /** 10 ms each way, and a queue of 50 ms. */
    private void limitRate(int bytesPerSecond) {
        network.link(peers.hostHere, peers.hostThere)
                .change(SimulatedNetwork.DEFAULT_LINK
                        .bytesPerSecond(bytesPerSecond)
                        .queueBytes(Math.max(10_000, bytesPerSecond / 20)));
    }

    private Flux<ByteBuf> endless(AtomicInteger given, int size) {
        return Flux.generate(sink -> sink.next(peers.numbered(given.getAndIncrement(), size)));
    }

    private List<Integer> numbersReceived() {
        List<Integer> received = new ArrayList<>();
        peers.there.receiveDatagrams().map(ByteBuf::readInt).subscribe(received::add);
        return received;
    }

    private static byte[] bytes(int number, int size) {
        byte[] bytes = Unpooled.buffer(size)
                .writeInt(number)
                .writeZero(size - Integer.BYTES)
                .array();
        for (int i = Integer.BYTES; i < size; i++) {
            bytes[i] = (byte) (31 * number + i);
        }
        return bytes;
    }

    private static boolean contains(byte[] bytes, byte[] part) {
        return IntStream.rangeClosed(0, bytes.length - part.length)
                .anyMatch(at -> Arrays.equals(bytes, at, at + part.length, part, 0, part.length));
    }
}
