package dev.tether.core.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the streams of a connection share its send buffer, and who is woken when there is room. */
class SendBudgetTest {

    private static final int BOUND = 1 << 20;
    private static final StreamLimits LIMITS = new StreamLimits(1L << 40, 1L << 40, 300, 300);

    /** What bulk streams write; kept, and not copied. */
    private static final ByteBuf BULK = Unpooled.wrappedBuffer(new byte[4 << 20]);

    private final StreamSet set = newSet(BOUND);

    private static StreamSet newSet(int bound) {
        StreamBounds bounds = new StreamBounds(1L << 41, 1L << 41, bound, 1000);
        StreamSet set = new StreamSet(true, LIMITS, bounds, UnpooledByteBufAllocator.DEFAULT, new ChunkPool(1 << 20));
        set.frames().setPeerLimits(LIMITS);
        return set;
    }

    private static int fill(StreamSet set, long id) {
        return set.write(id, BULK.duplicate(), BULK.capacity());
    }

    private static long held(StreamSet set, long id) {
        return set.writtenOffset(id) - set.ackedOffset(id);
    }

    /** Sends and acknowledges a packet, has whoever is woken write all it can, and says who that was. */
    private static List<Long> step(StreamSet set) {
        Sent.by(set).ackedBy(set);
        List<Long> woken = new ArrayList<>();
        for (long id = set.pollWritable(); id >= 0; id = set.pollWritable()) {
            fill(set, id);
            woken.add(id);
        }
        return woken;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 40})
    void bulkStreamsTakeEqualSharesAndLeaveOneToANewcomer(int streams) {
        for (int i = 0; i < streams; i++) {
            fill(set, set.openStream(false));
        }
        // A stream that holds too much loses that at its share of the path.
        for (int i = 0; i < (streams + 4) * (BOUND / 1000); i++) {
            step(set);
        }

        int share = BOUND / (streams + 1);
        for (int i = 0; i < streams; i++) {
            assertThat((double) held(set, 4L * i + 2))
                    .as("stream %d of %d", i, streams)
                    .isBetween(0.8 * share, 1.2 * share);
        }
        long newcomer = set.openStream(false);
        assertThat(set.writable(newcomer)).as("room of a newcomer").isGreaterThan((int) (0.3 * share));
    }

    @Test
    void aMessageIsTakenBesideABulkStream() {
        fill(set, set.openStream(false));

        assertThat(StreamPair.write(set, StreamId.MESSAGES, 200_000)).isEqualTo(200_000);
    }

    /** The bound, how many streams fill it, and how many bytes each may hold in any case. */
    @ParameterizedTest
    @CsvSource({"1024, 300, 1024", "65536, 300, 1024", "1048576, 300, 1024", "67108864, 300, 65536"})
    void everyStreamMayHoldALittleAndTogetherNoMoreThanTheCap(int bound, int streams, int least) {
        StreamSet full = newSet(bound);
        long held = 0;
        for (int i = 0; i < streams; i++) {
            int taken = 0;
            long id = full.openStream(false);
            for (int written = fill(full, id); written > 0; written = fill(full, id)) {
                taken += written;
            }
            assertThat(taken).as("stream %d", i).isGreaterThanOrEqualTo(least);
            held += taken;
        }

        assertThat(held).isLessThanOrEqualTo(bound + (long) streams * least);
        full.releaseAll();
    }

    @Test
    void aFallenBoundKeepsWhatIsHeldAndTakesNoMoreUntilThatHasGone() {
        long id = set.openStream(false);
        fill(set, id);
        long held = held(set, id);
        set.frames().setSendBuffer(BOUND / 8);

        assertThat(set.sendBuffer()).isEqualTo(BOUND / 8);
        assertThat(held(set, id)).isEqualTo(held);
        assertThat(set.writable(id)).isZero();
        while (held(set, id) > BOUND / 16) {
            assertThat(set.pollWritable()).isEqualTo(-1);
            Sent.by(set).ackedBy(set);
        }
        assertThat(step(set)).isEmpty();
        while (set.writable(id) < BOUND / 128) {
            Sent.by(set).ackedBy(set);
        }
        assertThat(set.pollWritable()).isEqualTo(id);
    }

    @Test
    void aRaisedBoundWakesWhoWaits() {
        fill(set, StreamId.MESSAGES);
        assertThat(set.pollWritable()).isEqualTo(-1);
        set.frames().setSendBuffer(2 * BOUND);

        assertThat(set.pollWritable()).isEqualTo(StreamId.MESSAGES);
        assertThat(set.writable(StreamId.MESSAGES)).isEqualTo(BOUND / 2);
    }

    @Test
    void theResetOfOneStreamWakesAnother() {
        long one = set.openStream(false);
        long other = set.openStream(false);
        fill(set, one);
        fill(set, other);
        assertThat(set.pollWritable()).isEqualTo(-1);
        set.reset(one, 1);

        assertThat(set.pollWritable()).isEqualTo(other);
        assertThat(set.pollWritable()).isEqualTo(-1);
    }

    /** Room that somebody was told of, and does not use, is not lost to the others. */
    @Test
    void whoIsWokenAndDoesNotWriteKeepsNobodyWaiting() {
        for (int i = 0; i < 100; i++) {
            fill(set, set.openStream(false));
        }
        while (set.frames().hasFramesToSend()) {
            Sent.by(set).ackedBy(set);
        }
        int woken = 0;
        for (long id = set.pollWritable(); id >= 0; id = set.pollWritable()) {
            woken++;
        }

        assertThat(woken).isEqualTo(100);
    }

    /** With many who wait, an acknowledged packet wakes a few of them, each with room for a good part of a packet. */
    @Test
    void aPacketWakesNoHerd() {
        for (int i = 0; i < 250; i++) {
            fill(set, set.openStream(false));
        }
        int packets = 4 * BOUND / 1000;
        int woken = 0;
        for (int i = 0; i < packets; i++) {
            woken += step(set).size();
        }

        assertThat(woken).as("wakes for %d packets", packets).isLessThan(3 * packets);
    }

    @Test
    void writersWhoWriteOnlyWhenToldToAllFinish() {
        for (long seed = 0; seed < 400; seed++) {
            new Run(seed).run();
        }
    }

    /** A seeded history in which a writer writes once, and then only when it is told that it can. */
    private static final class Run {

        private final long seed;
        private final Random random;
        private final StreamSet set;
        private final Map<Long, Integer> toWrite = new HashMap<>();
        private final Map<Long, Long> limits = new HashMap<>();
        private final ArrayDeque<Sent> unsettled = new ArrayDeque<>();
        private final List<ByteBuf> sources = new ArrayList<>();
        private final int maxBound;

        Run(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
            this.maxBound = 1024 << random.nextInt(9);
            StreamLimits limits = new StreamLimits(1L << 40, 1 + random.nextInt(20_000), 300, 300);
            this.set = new StreamSet(
                    true,
                    limits,
                    new StreamBounds(1L << 41, 1L << 41, maxBound, 1000),
                    UnpooledByteBufAllocator.DEFAULT,
                    new ChunkPool(1 << 20));
            set.frames().setPeerLimits(limits);
            for (int i = random.nextInt(40); i >= 0; i--) {
                long id = set.openStream(false);
                set.setPriority(id, random.nextInt(Urgency.COUNT));
                toWrite.put(id, 1 + random.nextInt(50_000));
                this.limits.put(id, limits.initialMaxStreamData());
            }
        }

        void run() {
            List.copyOf(toWrite.keySet()).forEach(this::write);
            while (!toWrite.isEmpty() || set.frames().hasFramesToSend() || !unsettled.isEmpty()) {
                transmit();
                settle();
                raiseLimit();
                disturb();
                boolean progress = writeWhereTold();
                if (!progress
                        && !toWrite.isEmpty()
                        && unsettled.isEmpty()
                        && !set.frames().hasFramesToSend()) {
                    for (long id : List.copyOf(toWrite.keySet())) {
                        raiseLimit(id);
                    }
                    assertThat(writeWhereTold())
                            .as("told to go on, of %s, seed %d", toWrite, seed)
                            .isTrue();
                }
            }
            assertThat(sources).as("kept, seed %d", seed).allMatch(source -> source.refCnt() == 1);
        }

        private boolean writeWhereTold() {
            boolean wrote = false;
            for (long id = set.pollWritable(); id >= 0; id = set.pollWritable()) {
                assertThat(set.writable(id))
                        .as("room of stream %d, seed %d", id, seed)
                        .isPositive();
                long least = held(set, id);
                assertThat(toWrite.keySet())
                        .as("who waits and holds less than %d, seed %d", least, seed)
                        .noneMatch(other ->
                                limits.getOrDefault(other, 0L) > set.writtenOffset(other) && held(set, other) < least);
                write(id);
                wrote = true;
            }
            return wrote;
        }

        private void write(long id) {
            int left = toWrite.getOrDefault(id, 0);
            while (left > 0) {
                int part = Math.min(left, 1 + random.nextInt(3 * SendBuffer.LEAST_KEPT));
                ByteBuf source = Unpooled.buffer(part).writeZero(part);
                sources.add(source);
                int written = set.write(id, source, part);
                left -= written;
                if (written < part) {
                    break;
                }
            }
            if (left > 0) {
                toWrite.put(id, left);
            } else if (toWrite.remove(id) != null) {
                limits.remove(id);
                set.finish(id);
            }
        }

        private void transmit() {
            for (int i = random.nextInt(6); i > 0 && set.frames().hasFramesToSend(); i--) {
                Sent packet = Sent.by(set, 60 + random.nextInt(1400), 0, 1);
                if (packet != null) {
                    unsettled.add(packet);
                }
            }
        }

        private void settle() {
            int count = random.nextInt(1 + unsettled.size());
            for (int i = 0; i < count; i++) {
                Sent packet = random.nextBoolean() ? unsettled.removeFirst() : unsettled.removeLast();
                if (random.nextInt(5) == 0) {
                    packet.lostBy(set);
                } else {
                    packet.ackedBy(set);
                }
            }
        }

        /** The peer reads on, on a stream that is not written to its end. */
        private void raiseLimit() {
            if (!limits.isEmpty() && random.nextInt(3) == 0) {
                raiseLimit(List.copyOf(limits.keySet()).get(random.nextInt(limits.size())));
            }
        }

        private void raiseLimit(long id) {
            long limit = limits.getOrDefault(id, 0L) + 1 + random.nextInt(10_000);
            limits.put(id, limit);
            try {
                set.frames().onMaxStreamData(id, limit);
            } catch (StreamViolation e) {
                throw new AssertionError(e);
            }
        }

        private void disturb() {
            if (toWrite.isEmpty()) {
                return;
            }
            long id = List.copyOf(toWrite.keySet()).get(random.nextInt(toWrite.size()));
            switch (random.nextInt(60)) {
                case 0 -> {
                    set.reset(id, 1);
                    toWrite.remove(id);
                    limits.remove(id);
                }
                case 1 -> set.frames().setSendBuffer(Math.max(1024, random.nextInt(2 * maxBound)));
                case 2 -> set.setPriority(id, random.nextInt(Urgency.COUNT));
                default -> {
                    // a quiet moment
                }
            }
        }
    }
}
