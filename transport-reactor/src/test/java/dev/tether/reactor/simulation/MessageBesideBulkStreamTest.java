package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.simulation.LinkSettings;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.PeerStream;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * How long something small takes from {@code send} to the receiver's application, beside a stream whose publisher never ends:
 * 20 ms each way at 100 Mbit/s. What waits in the queue of the path is for that to decide; this side adds nothing to it.
 */
@Timeout(120)
class MessageBesideBulkStreamTest {

    private static final long BYTES_PER_SECOND = 12_500_000;
    private static final long ONE_WAY_NS = Duration.ofMillis(20).toNanos();
    private static final long MILLISECOND = 1_000_000;
    private static final int SAMPLES = 50;
    private static final int SMALL = 100;
    private static final int PIECE = 64 * 1024;

    /** Something small: when it was sent, and how long it took. */
    private record Sample(long sentNs, long latencyNs) {}

    private final SimulatedNetwork network = SimulatedNetwork.create(1);
    private final ByteBuf piece = Unpooled.buffer(PIECE).writeZero(PIECE);
    private final List<Sample> messages = new ArrayList<>();
    private final List<Sample> streams = new ArrayList<>();
    private final List<Long> dropsNs = new ArrayList<>();
    private long bulkReceived;

    @AfterEach
    void nothingThrowsAndNothingLeaks() {
        assertThat(network.failures()).isEmpty();
        assertThat(piece.refCnt()).as("references to the bulk").isEqualTo(1);
    }

    @Test
    void somethingSmallTakesLessThanTwiceAsLongAsWhenIdle() {
        PeerConnection connection = connect(125_000);
        sendSmall(connection);
        long idleOfMessage = maxNs(messages);
        long idleOfStream = maxNs(streams);
        assertThat(idleOfMessage).isBetween(ONE_WAY_NS, ONE_WAY_NS + MILLISECOND);
        assertThat(idleOfStream).isBetween(ONE_WAY_NS, ONE_WAY_NS + MILLISECOND);

        Disposable bulk = sendBulk(connection);
        sendSmallBesideBulk(connection);
        assertThat(medianNs(messages)).as("median of messages").isLessThan(2 * idleOfMessage);
        assertThat(maxNs(messages)).as("maximum of messages").isLessThan(2 * idleOfMessage);
        assertThat(medianNs(streams)).as("median of streams").isLessThan(2 * idleOfStream);
        assertThat(maxNs(streams)).as("maximum of streams").isLessThan(2 * idleOfStream);
        stop(bulk);
    }

    /** A queue of 80 ms, which the congestion window comes to fill: nobody but that makes anything wait. */
    @Test
    void aLongQueueOfThePathIsAllThatIsAdded() {
        long queueNs = 80 * MILLISECOND;
        PeerConnection connection = connect((int) (BYTES_PER_SECOND * queueNs / 1_000_000_000));
        Disposable bulk = sendBulk(connection);
        sendSmallBesideBulk(connection);

        assertThat(maxNs(messages)).as("messages").isLessThan(ONE_WAY_NS + queueNs + MILLISECOND);
        assertThat(maxNs(streams)).as("streams").isLessThan(ONE_WAY_NS + queueNs + MILLISECOND);
        stop(bulk);
    }

    private PeerConnection connect(int queueBytes) {
        network.changeDefaultLink(LinkSettings.PERFECT
                .latency(Duration.ofNanos(ONE_WAY_NS))
                .bytesPerSecond(BYTES_PER_SECOND)
                .queueBytes(queueBytes));
        network.onEvent(event -> {
            if (event instanceof SimulationEvent.Dropped dropped) {
                dropsNs.add(dropped.timeNs());
            }
        });
        TransportNode server = ReactiveTransport.create()
                .runOn(network.host("server"))
                .port(Peers.PORT)
                .doOnConnection(this::receive)
                .bindNow();
        return Peers.connect(network, Peers.client(network.host("client")), server, "server");
    }

    private void receive(PeerConnection connection) {
        connection.receive().map(ByteBuf::readLong).subscribe(sentNs -> messages.add(sample(sentNs)), failure -> {});
        connection
                .streams()
                .flatMap(stream -> stream.receive().doOnNext(this::onStreamBytes), Integer.MAX_VALUE)
                .subscribe(bytes -> {}, failure -> {});
    }

    /** A small stream comes in one piece. */
    private void onStreamBytes(ByteBuf bytes) {
        bulkReceived += bytes.readableBytes();
        if (bytes.readableBytes() == SMALL) {
            long sentNs = bytes.readLong();
            if (sentNs != 0) {
                streams.add(sample(sentNs));
            }
        }
    }

    private Sample sample(long sentNs) {
        return new Sample(sentNs, network.elapsed().toNanos() - sentNs);
    }

    /** Until it is up to speed. */
    private Disposable sendBulk(PeerConnection connection) {
        PeerStream stream = Objects.requireNonNull(network.await(connection.openUniStream(), Peers.LIMIT));
        Disposable bulk = stream.send(Flux.<ByteBuf>generate(sink -> sink.next(piece.retainedDuplicate())))
                .subscribe(nothing -> {}, failure -> {});
        network.advance(Duration.ofSeconds(3));
        return bulk;
    }

    private void sendSmallBesideBulk(PeerConnection connection) {
        messages.clear();
        streams.clear();
        dropsNs.clear();
        long before = bulkReceived;
        long beforeNs = network.elapsed().toNanos();
        sendSmall(connection);

        long seconds = Duration.ofNanos(network.elapsed().toNanos() - beforeNs).toSeconds();
        assertThat(bulkReceived - before)
                .as("bytes of bulk in %d s", seconds)
                .isGreaterThan(seconds * BYTES_PER_SECOND * 8 / 10);
        assertThat(notDropped(messages)).as("messages").hasSizeGreaterThan(SAMPLES * 8 / 10);
        assertThat(notDropped(streams)).as("streams").hasSizeGreaterThan(SAMPLES * 8 / 10);
    }

    /** A message and a stream in turn, spread over ten seconds. */
    private void sendSmall(PeerConnection connection) {
        for (int i = 0; i < SAMPLES; i++) {
            connection.send(small()).subscribe();
            network.advance(Duration.ofMillis(101));
            connection.openUniStream().flatMap(stream -> stream.send(small())).subscribe();
            network.advance(Duration.ofMillis(103));
        }
        assertThat(messages).hasSize(SAMPLES);
        assertThat(streams).hasSize(SAMPLES);
    }

    private Mono<ByteBuf> small() {
        return Mono.fromSupplier(() ->
                Unpooled.buffer(SMALL).writeLong(network.elapsed().toNanos()).writeZero(SMALL - Long.BYTES));
    }

    private void stop(Disposable bulk) {
        bulk.dispose();
        network.advance(Duration.ofSeconds(3));
    }

    private long medianNs(List<Sample> samples) {
        List<Long> sorted = latencies(samples);
        return sorted.get(sorted.size() / 2);
    }

    private long maxNs(List<Sample> samples) {
        List<Long> sorted = latencies(samples);
        return sorted.get(sorted.size() - 1);
    }

    private List<Long> latencies(List<Sample> samples) {
        return notDropped(samples).stream().map(Sample::latencyNs).sorted().toList();
    }

    /** Without those that the path may have dropped, as it did so with others at the same time; they take a round trip more. */
    private List<Sample> notDropped(List<Sample> samples) {
        return samples.stream()
                .filter(sample -> dropsNs.stream()
                        .noneMatch(dropNs -> dropNs >= sample.sentNs && dropNs < sample.sentNs + 2 * MILLISECOND))
                .toList();
    }
}
