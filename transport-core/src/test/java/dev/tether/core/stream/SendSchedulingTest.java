package dev.tether.core.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.management.ThreadMXBean;
import dev.tether.core.frame.FrameRecord;
import dev.tether.core.frame.FrameType;
import dev.tether.core.wire.WireWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which streams' bytes go into the next packets. */
class SendSchedulingTest {

    private static final int PACKET = 1200;

    private static final StreamLimits LIMITS = new StreamLimits(1L << 40, 1L << 40, 300, 300);
    private static final StreamBounds BOUNDS = new StreamBounds(1L << 41, 1L << 41, 1 << 30, 1000);

    /** What bulk streams write; kept, and not copied. */
    private final ByteBuf bulk = Unpooled.wrappedBuffer(new byte[1 << 20]);

    private final StreamSet set = newSet();

    private static StreamSet newSet() {
        StreamSet set = new StreamSet(true, LIMITS, BOUNDS, UnpooledByteBufAllocator.DEFAULT, new ChunkPool(1 << 20));
        set.frames().setPeerLimits(LIMITS);
        return set;
    }

    private long bulkStream(int urgency) {
        long id = set.openStream(true);
        set.setPriority(id, urgency);
        writeBulk(id, bulk.capacity());
        return id;
    }

    private void writeBulk(long id, int length) {
        assertThat(set.write(id, bulk.duplicate(), length)).isEqualTo(length);
    }

    private Sent packet(int room) {
        Sent packet = Sent.by(set, room, 0, 1);
        assertThat(packet).as("a packet").isNotNull();
        return packet;
    }

    private static long firstStream(Sent packet) {
        return packet.notes().get(0)[1];
    }

    /** How many bytes of each stream so many packets carry. */
    private Map<Long, Long> shares(int packets) {
        Map<Long, Long> shares = new TreeMap<>();
        for (int i = 0; i < packets; i++) {
            packet(PACKET).notes().forEach(note -> shares.merge(note[1], note[3], Long::sum));
        }
        return shares;
    }

    // ---- strict between urgencies, equal within one

    /** Each stream has more to send than all packets carry; shares in packets, a column for each stream. */
    @ParameterizedTest
    @CsvSource({
        "3,            12,  12",
        "3 3,          12,  6 6",
        "3 3 3,        12,  4 4 4",
        "0 3,          12,  12 0",
        "3 0,          12,  0 12",
        "7 7 6,        10,  0 0 10",
        "4 4 5 4 7,    12,  4 4 0 4 0",
        "0 0 0 0,      8,   2 2 2 2",
        "7 6 5 4 3 2,  30,  0 0 0 0 0 30",
        "1 2 1 2 1 2,  30,  10 0 10 0 10 0",
    })
    void theMostUrgentStreamsShareThePackets(String urgencies, int packets, String expected) {
        List<Long> ids = new ArrayList<>();
        for (String urgency : urgencies.split(" ")) {
            ids.add(bulkStream(Integer.parseInt(urgency)));
        }
        Map<Long, Long> shares = shares(packets);

        String[] wanted = expected.trim().split(" ");
        for (int i = 0; i < wanted.length; i++) {
            long bytes = shares.getOrDefault(ids.get(i), 0L);
            assertThat((bytes + PACKET / 2) / PACKET)
                    .as("stream %d of %s", i, urgencies)
                    .isEqualTo(Long.parseLong(wanted[i]));
        }
    }

    @Test
    void oneStreamAndItsSiblingsShareThePathEqually() {
        for (int i = 0; i < 256; i++) {
            bulkStream(Urgency.DEFAULT);
        }
        Map<Long, Long> shares = shares(256 * 20);

        long most = shares.values().stream().mapToLong(Long::longValue).max().orElseThrow();
        long least = shares.values().stream().mapToLong(Long::longValue).min().orElseThrow();
        assertThat(shares).hasSize(256);
        assertThat(most - least).as("between %d and %d bytes", least, most).isLessThan(PACKET);
    }

    /** A stream that gives way with the rest of a packet must not lose its turn for that. */
    @Test
    void whoGetsTheRestsOfPacketsGetsAsMuchAsTheOthers() {
        long one = bulkStream(Urgency.DEFAULT);
        long other = bulkStream(Urgency.DEFAULT);
        long small = set.openStream(true);
        set.setPriority(small, Urgency.MOST);
        Map<Long, Long> shares = new TreeMap<>();
        for (int i = 0; i < 400; i++) {
            if (i % 2 == 0) {
                // leaves 50 bytes of every second packet
                StreamPair.write(set, small, 1120);
            }
            packet(PACKET).notes().forEach(note -> shares.merge(note[1], note[3], Long::sum));
        }

        assertThat(Math.abs(shares.getOrDefault(one, 0L) - shares.getOrDefault(other, 0L)))
                .as("%s", shares)
                .isLessThan(2 * PACKET);
    }

    @Test
    void noStreamStarvesWithinItsUrgency() {
        for (long seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            StreamSet streams = newSet();
            int count = 2 + random.nextInt(20);
            Map<Long, Long> shares = new TreeMap<>();
            for (int i = 0; i < count; i++) {
                long id = streams.openStream(true);
                shares.put(id, 0L);
                streams.write(id, bulk.duplicate(), bulk.capacity());
            }
            long small = streams.openStream(true);
            int size = 1200 + random.nextInt(2000);
            for (int i = 0; i < 400; i++) {
                StreamPair.write(streams, small, random.nextInt(700));
                Sent packet = Sent.by(streams, size, 0, 1);
                assertThat(packet).isNotNull();
                packet.notes().stream()
                        .filter(note -> note[1] != small)
                        .forEach(note -> shares.merge(note[1], note[3], Long::sum));
                if (random.nextInt(10) == 0) {
                    packet.lostBy(streams);
                    packet.notes().stream()
                            .filter(note -> note[1] != small)
                            .forEach(note -> shares.merge(note[1], -note[3], Long::sum));
                }
            }
            long most =
                    shares.values().stream().mapToLong(Long::longValue).max().orElseThrow();
            long least =
                    shares.values().stream().mapToLong(Long::longValue).min().orElseThrow();
            assertThat(most - least).as("seed %d: %s", seed, shares).isLessThan(3L * size);
            streams.releaseAll();
        }
    }

    // ---- newcomers

    @Test
    void aNewcomersFirstBytesLeaveInTheNextPacket() {
        for (int i = 0; i < 255; i++) {
            bulkStream(Urgency.DEFAULT);
        }
        shares(300);
        long newcomer = set.openStream(true);
        StreamPair.write(set, newcomer, 100);

        Sent next = packet(PACKET);
        assertThat(next.notes().get(0)).containsExactly(FrameType.STREAM, newcomer, 0, 100);
        assertThat(next.notes()).hasSize(2);
    }

    @Test
    void aNewcomerWithMuchToSendGetsOneTurnAhead() {
        long present = bulkStream(Urgency.DEFAULT);
        shares(3);
        long newcomer = bulkStream(Urgency.DEFAULT);

        assertThat(firstStream(packet(PACKET))).isEqualTo(newcomer);
        assertThat(firstStream(packet(PACKET))).isEqualTo(present);
        assertThat(firstStream(packet(PACKET))).isEqualTo(newcomer);
    }

    @Test
    void whoIsAlwaysNewDoesNotTakeEveryPacket() {
        long present = bulkStream(Urgency.DEFAULT);
        long busy = set.openStream(true);
        Map<Long, Long> shares = new TreeMap<>();
        for (int i = 0; i < 100; i++) {
            if (set.writtenOffset(busy) == shares.getOrDefault(busy, 0L)) {
                StreamPair.write(set, busy, 1100);
            }
            packet(PACKET).notes().forEach(note -> shares.merge(note[1], note[3], Long::sum));
        }

        assertThat(shares.getOrDefault(present, 0L)).isGreaterThanOrEqualTo(100 * PACKET / 3);
    }

    // ---- lost bytes, RFC 9000 §13.3

    @Test
    void lostBytesOfTheMoreUrgentStreamGoFirst() {
        long less = bulkStream(5);
        Sent lessUrgent = packet(PACKET);
        long more = bulkStream(1);
        Sent moreUrgent = packet(PACKET);
        lessUrgent.lostBy(set);
        moreUrgent.lostBy(set);

        assertThat(packet(PACKET).notes().get(0)).startsWith(FrameType.STREAM, more, 0);
        long sent = moreUrgent.notes().get(0)[3];
        long[] firstOfLess = {};
        while (firstOfLess.length == 0) {
            for (long[] note : packet(PACKET).notes()) {
                if (note[1] == more) {
                    sent += note[3];
                } else if (firstOfLess.length == 0) {
                    firstOfLess = note;
                }
            }
        }
        assertThat(sent).as("bytes of the more urgent stream").isEqualTo(set.writtenOffset(more));
        assertThat(firstOfLess).as("then lost ones of the other").startsWith(FrameType.STREAM, less, 0);
    }

    @Test
    void streamsWithLostBytesTakeTurns() {
        long one = bulkStream(Urgency.DEFAULT);
        long other = bulkStream(Urgency.DEFAULT);
        List<Sent> lost = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            lost.add(packet(PACKET));
        }
        lost.forEach(sent -> sent.lostBy(set));

        assertThat(firstStream(packet(1250))).isEqualTo(one);
        assertThat(firstStream(packet(1250))).isEqualTo(other);
        assertThat(firstStream(packet(1250))).isEqualTo(one);
    }

    @Test
    void whatLetsThePeerGoOnGoesBeforeEveryUrgency() {
        bulkStream(Urgency.MOST);
        long abandoned = set.openStream(true);
        set.setPriority(abandoned, Urgency.LEAST);
        set.reset(abandoned, 1);

        assertThat(packet(PACKET).types()).startsWith((long) FrameType.RESET_STREAM);
    }

    // ---- changes

    @Test
    void anUrgencyHoldsForWhatIsQueued() {
        long one = bulkStream(Urgency.DEFAULT);
        long other = bulkStream(Urgency.DEFAULT);
        shares(4);
        set.setPriority(other, 2);
        assertThat(shares(10)).containsOnlyKeys(other);
        set.setPriority(one, 1);
        assertThat(shares(10)).containsOnlyKeys(one);
        set.setPriority(one, 2);
        assertThat(shares(10)).containsOnlyKeys(one, other);
        set.setPriority(one, Urgency.LEAST);
        assertThat(shares(10)).containsOnlyKeys(other);
    }

    @Test
    void anUrgencyHoldsForLostBytesThatAreQueued() {
        long one = bulkStream(Urgency.DEFAULT);
        long other = bulkStream(Urgency.DEFAULT);
        Sent first = packet(PACKET);
        Sent second = packet(PACKET);
        first.lostBy(set);
        second.lostBy(set);
        set.setPriority(other, 0);

        assertThat(packet(PACKET).notes().get(0)).startsWith(FrameType.STREAM, other, 0);
        set.setPriority(other, Urgency.LEAST);
        assertThat(packet(PACKET).notes().get(0)).startsWith(FrameType.STREAM, one, 0);
    }

    @Test
    void theMessageStreamHasTheDefault() {
        long less = bulkStream(Urgency.DEFAULT + 1);
        writeBulk(StreamId.MESSAGES, 5000);

        assertThat(shares(4)).containsOnlyKeys(StreamId.MESSAGES);
        set.setPriority(StreamId.MESSAGES, Urgency.LEAST);
        assertThat(shares(4)).containsOnlyKeys(less);
    }

    @Test
    void anUrgencyOutOfRangeIsRefused() {
        for (int urgency : new int[] {-1, 8}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> set.setPriority(0, urgency))
                    .withMessageContaining(urgency + ", it must be from 0");
        }
    }

    // ---- cost

    /** Streams of all urgencies, newcomers among them, send and are acknowledged: nothing is allocated for a packet. */
    @Test
    void aPacketAllocatesNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long[] ids = new long[16];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = set.openStream(true);
            set.setPriority(ids[i], i % Urgency.COUNT);
        }
        Settling record = new Settling();
        exchange(ids, record);
        long before = threads.getCurrentThreadAllocatedBytes();
        exchange(ids, record);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        // One object for each of 20,000 packets would be 320,000 bytes at the least.
        assertThat(allocated).isLessThan(100_000);
        assertThat(bulk.refCnt()).isEqualTo(1);
    }

    private void exchange(long[] ids, Settling record) {
        byte[] small = new byte[100];
        WireWriter out = new WireWriter();
        byte[] packet = new byte[PACKET];
        for (int i = 0; i < 20_000; i++) {
            long id = ids[i % ids.length];
            set.write(id, bulk, i % 4 == 0 ? 5000 : 200);
            bulk.readerIndex(0);
            set.write(id, small, 0, small.length);
            for (int j = 0; j < 2; j++) {
                set.frames().writeFrames(out.wrap(packet, 0, PACKET), record, 0, 1);
            }
            record.settle(set, i % 10 == 0);
            for (long acked = set.pollAcked(); acked >= 0; acked = set.pollAcked()) {}
        }
        while (set.frames().hasFramesToSend()) {
            set.frames().writeFrames(out.wrap(packet, 0, PACKET), record, 0, 1);
            record.settle(set, false);
        }
    }

    /** Notes frames, and acknowledges them or declares them lost, without an object for any. */
    private static final class Settling implements FrameRecord {

        private final long[] notes = new long[4 * 100];
        private int count;

        @Override
        public void addFrame(int frameType, long id, long offset, long length) {
            notes[4 * count] = frameType;
            notes[4 * count + 1] = id;
            notes[4 * count + 2] = offset;
            notes[4 * count + 3] = length;
            count++;
        }

        void settle(StreamSet set, boolean lost) {
            for (int i = 0; i < 4 * count; i += 4) {
                if (lost) {
                    set.frames().onFrameLost((int) notes[i], notes[i + 1], notes[i + 2], notes[i + 3]);
                } else {
                    set.frames().onFrameAcked((int) notes[i], notes[i + 1], notes[i + 2], notes[i + 3]);
                }
            }
            count = 0;
        }
    }
}
