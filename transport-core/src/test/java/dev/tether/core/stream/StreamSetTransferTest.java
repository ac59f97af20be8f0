package dev.tether.core.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Two stream sets over a link that loses, reorders and duplicates packets. */
class StreamSetTransferTest {

    private static final int SEEDS = 250;
    private static final long TICK_NS = 1_000_000;

    @Test
    void everyByteArrivesExactlyOnceAndInOrder() throws StreamViolation {
        for (long seed = 0; seed < SEEDS; seed++) {
            new Run(seed, false).run();
        }
    }

    @Test
    void resetsAndStopsInTheMiddleLeaveNothingBehind() throws StreamViolation {
        for (long seed = 0; seed < SEEDS; seed++) {
            new Run(seed, true).run();
        }
    }

    /** The byte that side {@code side} writes at an offset of a stream. */
    private static byte pattern(int side, long id, long offset) {
        return (byte) (offset * 31 + (offset >>> 8) * 17 + id * 7 + side);
    }

    private static final class Run {

        private final long seed;
        private final Random random;
        private final boolean abandoning;
        private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
        private final double loss;
        private final int maxDelay;
        private final List<Event> link = new ArrayList<>();
        private final Side[] sides = new Side[2];
        private long tick;

        Run(long seed, boolean abandoning) {
            this.seed = seed;
            this.abandoning = abandoning;
            this.random = new Random(seed);
            this.loss = random.nextInt(4) * 0.1;
            this.maxDelay = 1 + random.nextInt(8);
            int window = 1024 << random.nextInt(8);
            StreamLimits limits = new StreamLimits(2L * window, window, 5, 3);
            StreamBounds bounds = new StreamBounds(8L * window, 4L * window, 1024 << random.nextInt(8), 1000);
            ChunkPool chunks = new ChunkPool(1 << 20);
            for (int i = 0; i < 2; i++) {
                sides[i] = new Side(i, new StreamSet(i == 0, limits, bounds, allocator, chunks));
                sides[i].set.frames().setPeerLimits(limits);
            }
        }

        void run() throws StreamViolation {
            while (!isOver()) {
                for (Side side : sides) {
                    side.openWriteAndAbandon();
                    side.read();
                    side.poll();
                    transmit(side);
                }
                tick++;
                deliver();
                assertThat(tick).as("seed %d does not end", seed).isLessThan(200_000);
            }
            for (Side side : sides) {
                assertThat(side.set.size()).as("seed %d: streams", seed).isZero();
                side.set.releaseAll();
            }
            assertThat(allocator.metric().usedHeapMemory()).as("seed %d", seed).isZero();
        }

        private boolean isOver() {
            return sides[0].isOver() && sides[1].isOver();
        }

        private void transmit(Side side) {
            for (int i = random.nextInt(6); i > 0 && side.set.frames().hasFramesToSend(); i--) {
                Sent packet = Sent.by(side.set, 60 + random.nextInt(1400), tick * TICK_NS, maxDelay * TICK_NS);
                if (packet != null) {
                    route(side, packet);
                }
            }
        }

        /** A packet is delivered zero to two times, and acknowledged, or declared lost, or first this and then that. */
        private void route(Side from, Sent packet) {
            long arrival = tick + 1 + random.nextInt(maxDelay);
            boolean lost = random.nextDouble() < loss;
            if (!lost) {
                link.add(new Event(arrival, packet, from, Kind.ARRIVES));
                if (random.nextInt(10) == 0) {
                    link.add(new Event(arrival + random.nextInt(20), packet, from, Kind.ARRIVES));
                }
            }
            long settled = arrival + 1 + random.nextInt(maxDelay);
            boolean declaredLost = lost || random.nextInt(20) == 0;
            if (declaredLost) {
                link.add(new Event(settled, packet, from, Kind.LOST));
            }
            if (!lost && (!declaredLost || random.nextBoolean())) {
                link.add(new Event(settled + (declaredLost ? random.nextInt(10) : 0), packet, from, Kind.ACKED));
            }
        }

        private void deliver() throws StreamViolation {
            List<Event> due = new ArrayList<>();
            link.removeIf(event -> event.tick <= tick && due.add(event));
            for (Event event : due) {
                switch (event.kind) {
                    case ARRIVES -> event.packet.deliverTo(sides[1 - event.from.index].set);
                    case ACKED -> event.packet.ackedBy(event.from.set);
                    case LOST -> event.packet.lostBy(event.from.set);
                }
            }
        }

        private enum Kind {
            ARRIVES,
            ACKED,
            LOST
        }

        private record Event(long tick, Sent packet, Side from, Kind kind) {}

        /** One end's application. */
        private final class Side {

            private final int index;
            private final StreamSet set;
            private final Map<Long, Long> toWrite = new HashMap<>();
            private final Map<Long, Long> readOffsets = new HashMap<>();
            private int streamsToOpen;

            Side(int index, StreamSet set) {
                this.index = index;
                this.set = set;
                this.streamsToOpen = random.nextInt(12);
                startWriting(0);
                readOffsets.put(0L, 0L);
            }

            boolean isOver() {
                return streamsToOpen == 0 && toWrite.isEmpty() && readOffsets.isEmpty() && set.size() == 0;
            }

            private void startWriting(long id) {
                toWrite.put(id, (long) random.nextInt(1 + random.nextInt(60_000)));
            }

            void openWriteAndAbandon() {
                if (streamsToOpen > 0 && random.nextInt(4) == 0) {
                    boolean bidirectional = random.nextBoolean();
                    long id = set.openStream(bidirectional);
                    if (id >= 0) {
                        streamsToOpen--;
                        startWriting(id);
                        if (bidirectional) {
                            readOffsets.put(id, 0L);
                        }
                    }
                }
                for (long id : List.copyOf(toWrite.keySet())) {
                    write(id);
                }
                if (abandoning && random.nextInt(30) == 0 && !readOffsets.isEmpty()) {
                    long id = pick(readOffsets);
                    set.stopSending(id, 5);
                    readOffsets.remove(id);
                }
            }

            private void write(long id) {
                long offset = Math.max(0, set.writtenOffset(id));
                int length = (int) Math.min(toWrite.getOrDefault(id, 0L), random.nextInt(20_000));
                if (abandoning && random.nextInt(200) == 0) {
                    set.reset(id, 6);
                    toWrite.remove(id);
                    return;
                }
                byte[] bytes = new byte[length];
                for (int i = 0; i < length; i++) {
                    bytes[i] = pattern(index, id, offset + i);
                }
                int written = set.write(id, Unpooled.wrappedBuffer(bytes), length);
                long left = toWrite.getOrDefault(id, 0L) - written;
                toWrite.put(id, left);
                if (left == 0) {
                    set.finish(id);
                    toWrite.remove(id);
                }
            }

            void read() {
                for (long id : List.copyOf(readOffsets.keySet())) {
                    int budget = random.nextInt(3) == 0 ? 0 : random.nextInt(20_000);
                    while (budget > 0 && set.readable(id) > 0) {
                        ByteBuf bytes = set.read(id, budget);
                        budget -= bytes.readableBytes();
                        check(id, bytes);
                        bytes.release();
                    }
                    if (set.isAtEnd(id)) {
                        readOffsets.remove(id);
                    }
                }
            }

            private void check(long id, ByteBuf bytes) {
                long offset = readOffsets.getOrDefault(id, 0L);
                for (int i = 0; i < bytes.readableBytes(); i++) {
                    if (bytes.getByte(i) != pattern(1 - index, id, offset + i)) {
                        throw new AssertionError("seed " + seed + ": stream " + id + " differs at " + (offset + i));
                    }
                }
                readOffsets.put(id, offset + bytes.readableBytes());
            }

            void poll() {
                for (long id = set.pollAccepted(); id >= 0; id = set.pollAccepted()) {
                    assertThat(StreamId.isOpenedByDialingSide(id)).isEqualTo(index == 1);
                    readOffsets.put(id, 0L);
                    if (StreamId.isBidirectional(id)) {
                        startWriting(id);
                    }
                }
                for (long id = set.pollReset(); id >= 0; id = set.pollReset()) {
                    assertThat(abandoning).as("seed %d", seed).isTrue();
                    readOffsets.remove(id);
                }
                for (long id = set.pollStopped(); id >= 0; id = set.pollStopped()) {
                    assertThat(abandoning).as("seed %d", seed).isTrue();
                    toWrite.remove(id);
                }
                for (long id = set.pollFinished(); id >= 0; id = set.pollFinished()) {
                    assertThat(toWrite).as("seed %d", seed).doesNotContainKey(id);
                    readOffsets.remove(id);
                }
            }

            private long pick(Map<Long, Long> ids) {
                return List.copyOf(ids.keySet()).get(random.nextInt(ids.size()));
            }
        }
    }
}
