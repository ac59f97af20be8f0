package dev.tether.core.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.TransportSettings;
import dev.tether.core.noise.KeyPair;
import dev.tether.core.noise.TransportKeys;
import dev.tether.core.path.Paths;
import dev.tether.core.simulation.DropCause;
import dev.tether.core.simulation.Link;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.core.stream.ChunkPool;
import dev.tether.core.stream.StreamBounds;
import dev.tether.core.stream.StreamLimits;
import dev.tether.core.stream.StreamSet;
import dev.tether.core.wire.HandshakePayload;
import dev.tether.core.wire.TransportParameters;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How long a small message takes beside streams that fill the path. Two sessions over a simulated link, in virtual time. */
class MessageBesideBulkTest {

    private static final long MILLISECOND = 1_000_000L;
    private static final long SECOND = 1000 * MILLISECOND;
    private static final long ONE_WAY_NS = 20 * MILLISECOND;
    private static final long BYTES_PER_SECOND = 10_000_000;

    /** A quarter of what the path holds: what waits there is not for the sender to decide. */
    private static final int QUEUE_BYTES = 100_000;

    private static final InetSocketAddress ANYWHERE = new InetSocketAddress(0);

    private final SeededRandom random = new SeededRandom(7);
    private final PriorityQueue<Arrival> underWay = new PriorityQueue<>();
    private final List<Long> latencies = new ArrayList<>();
    private final ByteBuf bulk = Unpooled.wrappedBuffer(new byte[1 << 20]);
    private long nowNs = SECOND;
    private long sequence;
    private long bulkReceived;
    private final End sender;
    private final End receiver;

    MessageBesideBulkTest() {
        byte[] there = new byte[TransportKeys.KEY_LENGTH];
        byte[] back = new byte[TransportKeys.KEY_LENGTH];
        random.nextBytes(there);
        random.nextBytes(back);
        sender = new End(true, new TransportKeys(there, back));
        receiver = new End(false, new TransportKeys(back, there));
    }

    @AfterEach
    void everythingIsReleased() {
        sender.streams.releaseAll();
        receiver.streams.releaseAll();
        assertThat(bulk.refCnt()).isEqualTo(1);
    }

    @Test
    void aMessageIsNotHeldUpByOneBulkStream() {
        assertNotHeldUpBy(1);
    }

    @Test
    void aMessageIsNotHeldUpByManyBulkStreams() {
        assertNotHeldUpBy(250);
    }

    private void assertNotHeldUpBy(int streams) {
        sendMessages(SECOND);
        long idleNs = percentile(90);
        latencies.clear();
        for (int i = 0; i < streams; i++) {
            sender.writeBulk(sender.streams.openStream(false));
        }
        run(nowNs + 2 * SECOND);
        long before = bulkReceived;
        sendMessages(5 * SECOND);

        assertThat(bulkReceived - before).as("bytes of bulk meanwhile").isGreaterThan(4 * BYTES_PER_SECOND);
        assertThat(latencies).as("messages").hasSizeGreaterThan(90);
        assertThat(percentile(90)).as("latency beside bulk, in ns").isLessThan(2 * idleNs);
    }

    /** A message of 100 bytes every 50 ms, each with the time of its sending. */
    private void sendMessages(long durationNs) {
        for (long endNs = nowNs + durationNs; nowNs < endNs; run(nowNs + 50 * MILLISECOND)) {
            ByteBuf message = Unpooled.buffer(100).writeLong(nowNs).writeZero(92);
            assertThat(sender.session.messagesOut.offer(message))
                    .as("room for a message")
                    .isTrue();
            sender.transmit();
        }
    }

    private long percentile(int percent) {
        List<Long> sorted = latencies.stream().sorted().toList();
        return sorted.get(sorted.size() * percent / 100);
    }

    private void run(long untilNs) {
        while (true) {
            Arrival next = underWay.peek();
            long arrivalNs = next == null ? Long.MAX_VALUE : next.atNs;
            long timerNs = Math.min(sender.session.timeoutNs(), receiver.session.timeoutNs());
            long eventNs = Math.min(arrivalNs, timerNs);
            if (eventNs > untilNs) {
                nowNs = untilNs;
                return;
            }
            nowNs = Math.max(nowNs, eventNs);
            if (arrivalNs <= timerNs) {
                underWay.remove().deliver();
            } else {
                sender.session.onTimeout(nowNs);
                receiver.session.onTimeout(nowNs);
                sender.transmit();
                receiver.transmit();
            }
        }
    }

    private record Arrival(long atNs, long sequence, End to, byte[] datagram) implements Comparable<Arrival> {
        void deliver() {
            to.handle(datagram);
        }

        @Override
        public int compareTo(Arrival other) {
            int byTime = Long.compare(atNs, other.atNs);
            return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
        }
    }

    /** One side: it writes bulk wherever it can, and reads all that arrives. */
    private final class End implements Link.Outcome {

        private final boolean dialing;
        private final StreamSet streams;
        private final Session session;
        private final Transmit transmit = new Transmit(16);
        private final Link link = new Link(
                LinkSettings.PERFECT
                        .latency(Duration.ofNanos(ONE_WAY_NS))
                        .bytesPerSecond(BYTES_PER_SECOND)
                        .queueBytes(QUEUE_BYTES),
                random.split("link"));

        End(boolean dialing, TransportKeys keys) {
            this.dialing = dialing;
            StreamLimits limits = StreamLimits.defaults();
            KeyPair keyPair = KeyPair.generate(random);
            EngineContext context =
                    new EngineContext(keyPair, TransportSettings.defaults(), random, UnpooledByteBufAllocator.DEFAULT);
            streams = new StreamSet(
                    dialing, limits, StreamBounds.defaults(), UnpooledByteBufAllocator.DEFAULT, new ChunkPool(1 << 20));
            TransportParameters peer = TransportParameters.builder()
                    .maxUdpPayload(TransportSettings.MAX_DATAGRAM_SIZE)
                    .initialMaxData(limits.initialMaxData())
                    .initialMaxStreamData(limits.initialMaxStreamData())
                    .initialMaxStreamsBidi(limits.initialMaxStreamsBidi())
                    .initialMaxStreamsUni(limits.initialMaxStreamsUni())
                    .maxAckDelayMs(25)
                    .maxMessageSize(1 << 20)
                    .build();
            session = new Session(
                    context,
                    keyPair.identity(),
                    new Paths(context.random(), PacketAssembler.PROBE_LENGTH, ANYWHERE),
                    keys,
                    1,
                    HandshakePayload.builder().transportParameters(peer).build(),
                    streams,
                    new Pings(),
                    new ConnectionCounters(),
                    nowNs);
            session.delivery.onHandshakeRtt(2 * ONE_WAY_NS, nowNs);
        }

        void writeBulk(long id) {
            streams.write(id, bulk.duplicate(), bulk.capacity());
        }

        void handle(byte[] datagram) {
            session.receiver.receive(datagram, 0, datagram.length, ANYWHERE, nowNs);
            for (ByteBuf message = session.pollMessage(); message != null; message = session.pollMessage()) {
                latencies.add(nowNs - message.readLong());
                message.release();
            }
            for (long id = streams.pollReadable(); id >= 0; id = streams.pollReadable()) {
                if (id != 0) {
                    readAll(id);
                }
            }
            for (long id = streams.pollWritable(); id >= 0; id = streams.pollWritable()) {
                writeBulk(id);
            }
            transmit();
        }

        private void readAll(long id) {
            while (streams.readable(id) > 0) {
                ByteBuf bytes = streams.read(id, Integer.MAX_VALUE);
                bulkReceived += bytes.readableBytes();
                bytes.release();
            }
        }

        void transmit() {
            transmit.start(ANYWHERE);
            while (session.assembler.assemble(transmit, nowNs)) {
                for (int offset = 0; offset < transmit.length(); offset += transmit.segmentSize()) {
                    int end = Math.min(transmit.length(), offset + transmit.segmentSize());
                    link.transmit(Arrays.copyOfRange(transmit.buffer(), offset, end), nowNs, this);
                }
                transmit.start(ANYWHERE);
            }
        }

        @Override
        public void arrives(byte[] datagram, long atNs, Link.Alteration alteration) {
            underWay.add(new Arrival(atNs, sequence++, dialing ? receiver : sender, datagram));
        }

        @Override
        public void dropped(DropCause cause) {}
    }
}
