package dev.tether.core.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.frame.FrameType;
import dev.tether.core.frame.TransportErrorCode;
import dev.tether.core.wire.VarInt;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Random frames of a peer, within all limits and beyond them, and random commands of the application between them: each frame
 * is a violation with a code that a model of RFC 9000 §3, §4 and §19 expects, or the streams are as in the model afterwards.
 */
class StreamFramesFuzzTest {

    private static final int SEEDS = 1500;
    private static final int STREAMS = 4;
    private static final int WINDOW = 4096;

    private enum Outcome {
        VIOLATION,
        SURVIVAL
    }

    @Test
    void everyFrameIsAppliedOrIsTheRightViolation() {
        Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
        Set<Long> codes = new TreeSet<>();
        for (long seed = 0; seed < SEEDS; seed++) {
            outcomes.merge(new Run(seed, codes).run(), 1, Integer::sum);
        }
        assertThat(codes)
                .containsExactly(
                        TransportErrorCode.FLOW_CONTROL_ERROR,
                        TransportErrorCode.STREAM_LIMIT_ERROR,
                        TransportErrorCode.STREAM_STATE_ERROR,
                        TransportErrorCode.FINAL_SIZE_ERROR,
                        TransportErrorCode.PROTOCOL_VIOLATION);
        assertThat(outcomes.keySet()).hasSize(2);
    }

    private interface Frame {
        void apply() throws StreamViolation;
    }

    /** What the peer has sent on one stream, and what became of it. */
    private static final class Received {

        private final BitSet bytes = new BitSet();
        private long limit = WINDOW;
        private int highest;
        private int read;
        private long finalSize = -1;
        /** Bytes are dropped, as the peer has reset the stream or the application has stopped it. */
        private boolean dropped;

        int contiguous() {
            return bytes.nextClearBit(0);
        }

        boolean isComplete() {
            return finalSize >= 0 && contiguous() == finalSize;
        }

        int gaps() {
            int gaps = 0;
            int end = contiguous();
            for (int start = bytes.nextSetBit(end); start >= 0; start = bytes.nextSetBit(end)) {
                end = bytes.nextClearBit(start);
                gaps++;
            }
            return gaps;
        }
    }

    private static final class Run {

        private final long seed;
        private final Random random;
        private final boolean dialing;
        /** How many of 1000 frames go beyond what is allowed. */
        private final int recklessness;

        private final int maxGaps;
        private final Set<Long> codes;
        private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
        private final StreamSet set;
        private final Map<Long, Received> streams = new HashMap<>();
        private final Set<Long> over = new HashSet<>();
        private final List<Sent> inFlight = new ArrayList<>();
        private final long[] openedHere = new long[2];
        private final long[] limitOfPeer = {STREAMS, STREAMS};
        private long connectionLimit = 3 * WINDOW;
        private long sum;

        Run(long seed, Set<Long> codes) {
            this.seed = seed;
            this.codes = codes;
            this.random = new Random(seed);
            this.dialing = random.nextBoolean();
            this.recklessness = random.nextInt(3) == 0 ? 100 : 1;
            this.maxGaps = random.nextInt(4) == 0 ? 3 : 1000;
            StreamLimits limits = new StreamLimits(3 * WINDOW, WINDOW, STREAMS, STREAMS);
            this.set = new StreamSet(
                    dialing,
                    limits,
                    new StreamBounds(8 * WINDOW, 2 * WINDOW, 8192, maxGaps),
                    allocator,
                    new ChunkPool(1 << 16));
            set.frames().setPeerLimits(limits);
        }

        Outcome run() {
            Outcome outcome = Outcome.SURVIVAL;
            for (int step = 0; step < 400 && outcome == Outcome.SURVIVAL; step++) {
                switch (random.nextInt(10)) {
                    case 0, 1, 2, 3, 4 -> outcome = streamFrame();
                    case 5 -> outcome = random.nextInt(4) == 0 ? resetFrame() : streamFrame();
                    case 6 -> outcome = otherFrame();
                    case 7 -> command();
                    case 8 -> readSome();
                    default -> transmit();
                }
                if (outcome == Outcome.SURVIVAL) {
                    poll();
                    compare();
                }
            }
            set.releaseAll();
            assertThat(set.memoryHeld()).as(label()).isZero();
            assertThat(allocator.metric().usedHeapMemory()).as(label()).isZero();
            return outcome;
        }

        private String label() {
            return "seed " + seed;
        }

        private boolean isReckless() {
            return random.nextInt(1000) < recklessness;
        }

        // ---- frames

        private Outcome streamFrame() {
            long id = pickId();
            Received stream = streams.getOrDefault(id, new Received());
            int length = random.nextInt(3) == 0 ? 1 : random.nextInt(600);
            long offset = pickOffset(stream, length);
            long end = offset + length;
            boolean fin = random.nextInt(40) == 0 && (end >= stream.highest || isReckless())
                    || stream.finalSize == end && random.nextBoolean();
            Set<Long> expected = directionCodes(id, true);
            if (expected.isEmpty() && !over.contains(id)) {
                expected.addAll(sizeCodes(stream, end, fin));
                if (expected.isEmpty() && !stream.dropped && !stream.isComplete() && hasTooManyGaps(id, offset, end)) {
                    expected.add(TransportErrorCode.PROTOCOL_VIOLATION);
                }
            }
            byte[] bytes = new byte[length];
            for (int i = 0; i < length; i++) {
                bytes[i] = HostilePeer.pattern(id, offset + i);
            }
            Outcome outcome = apply(expected, () -> set.frames().onStream(id, offset, bytes, 0, length, fin));
            if (outcome == Outcome.SURVIVAL && !over.contains(id)) {
                Received received = use(id);
                raise(received, end);
                if (!received.isComplete()) {
                    received.bytes.set((int) offset, (int) end);
                }
                received.finalSize = fin ? end : received.finalSize;
            }
            return outcome;
        }

        private Outcome resetFrame() {
            long id = pickId();
            Received stream = streams.getOrDefault(id, new Received());
            long size = stream.finalSize >= 0 ? stream.finalSize : stream.highest + random.nextInt(50);
            if (isReckless()) {
                size += random.nextInt(3) - 1;
            }
            long finalSize = Math.max(0, size);
            Set<Long> expected = directionCodes(id, true);
            if (expected.isEmpty() && !over.contains(id)) {
                expected.addAll(sizeCodes(stream, finalSize, true));
            }
            Outcome outcome = apply(expected, () -> set.frames().onResetStream(id, 5, finalSize));
            if (outcome == Outcome.SURVIVAL && !over.contains(id)) {
                Received received = use(id);
                raise(received, finalSize);
                received.dropped |= !received.isComplete();
                received.finalSize = finalSize;
            }
            return outcome;
        }

        private Outcome otherFrame() {
            long id = pickId();
            long number = random.nextInt(4) == 0 ? VarInt.MAX : random.nextInt(100_000);
            switch (random.nextInt(5)) {
                case 0 -> {
                    return apply(directionCodes(id, false), () -> set.frames().onMaxStreamData(id, number));
                }
                case 1 -> {
                    return apply(directionCodes(id, false), () -> set.frames().onStopSending(id, number));
                }
                case 2 -> {
                    return apply(directionCodes(id, true), () -> set.frames().onStreamDataBlocked(id));
                }
                case 3 -> set.frames().onMaxStreams(random.nextBoolean(), random.nextInt(10));
                default -> set.frames().onMaxData(number);
            }
            return Outcome.SURVIVAL;
        }

        private Outcome apply(Set<Long> expected, Frame frame) {
            try {
                frame.apply();
            } catch (StreamViolation violation) {
                assertThat(expected).as(label() + ": " + violation.getMessage()).contains(violation.errorCode());
                codes.add(violation.errorCode());
                return Outcome.VIOLATION;
            }
            assertThat(expected).as(label()).isEmpty();
            return Outcome.SURVIVAL;
        }

        private long pickId() {
            boolean byDialing = random.nextBoolean();
            boolean bidirectional = random.nextBoolean();
            int kind = bidirectional ? 0 : 1;
            boolean here = byDialing == dialing;
            if (!isReckless()) {
                if (here && (!bidirectional || openedHere[kind] == 0)) {
                    return StreamId.of(limitOfPeer[0] - 1 - random.nextInt(STREAMS), !dialing, true);
                }
                long count = here ? openedHere[kind] : Math.min(limitOfPeer[kind], 3 * STREAMS);
                return StreamId.of(random.nextLong(count), byDialing, bidirectional);
            }
            return StreamId.of(random.nextInt(20), byDialing, bidirectional);
        }

        private long pickOffset(Received stream, int length) {
            if (isReckless()) {
                return random.nextBoolean() ? VarInt.MAX - length : random.nextInt(5 * WINDOW);
            }
            long most = Math.min(stream.limit, stream.highest + connectionLimit - sum);
            most = stream.finalSize >= 0 ? Math.min(most, stream.finalSize) : most;
            long offset = random.nextInt(3) == 0 ? random.nextLong(most + 1) : stream.contiguous();
            return Math.max(0, Math.min(offset, most - length));
        }

        // ---- the model

        private boolean isHere(long id) {
            return StreamId.isOpenedByDialingSide(id) == dialing;
        }

        /** What is wrong with a frame that concerns the receiving or the sending part of a stream. */
        private Set<Long> directionCodes(long id, boolean receiving) {
            Set<Long> wrong = new HashSet<>();
            int kind = StreamId.isBidirectional(id) ? 0 : 1;
            if (kind == 1 && isHere(id) == receiving) {
                wrong.add(TransportErrorCode.STREAM_STATE_ERROR);
            }
            if (isHere(id) && StreamId.index(id) >= openedHere[kind] && id != StreamId.MESSAGES) {
                wrong.add(TransportErrorCode.STREAM_STATE_ERROR);
            }
            if (!isHere(id) && StreamId.index(id) >= limitOfPeer[kind]) {
                wrong.add(TransportErrorCode.STREAM_LIMIT_ERROR);
            }
            return wrong;
        }

        private Set<Long> sizeCodes(Received stream, long end, boolean isFinal) {
            Set<Long> wrong = new HashSet<>();
            if (stream.finalSize >= 0
                    ? end > stream.finalSize || isFinal && end != stream.finalSize
                    : isFinal && end < stream.highest) {
                wrong.add(TransportErrorCode.FINAL_SIZE_ERROR);
            }
            if (end > stream.limit || end > stream.highest && sum + end - stream.highest > connectionLimit) {
                wrong.add(TransportErrorCode.FLOW_CONTROL_ERROR);
            }
            return wrong;
        }

        private boolean hasTooManyGaps(long id, long offset, long end) {
            Received after = new Received();
            Received before = streams.get(id);
            if (before != null) {
                after.bytes.or(before.bytes);
            }
            after.bytes.set((int) offset, (int) end);
            return after.gaps() > maxGaps;
        }

        private Received use(long id) {
            return streams.computeIfAbsent(id, any -> new Received());
        }

        private void raise(Received stream, long end) {
            int more = (int) Math.max(0, end - stream.highest);
            stream.highest += more;
            sum += more;
        }

        // ---- the application

        private void command() {
            boolean bidirectional = random.nextBoolean();
            long id = pickId();
            switch (random.nextInt(6)) {
                case 0 -> {
                    if (set.openStream(bidirectional) >= 0) {
                        openedHere[bidirectional ? 0 : 1]++;
                    }
                }
                case 1, 2 -> StreamPair.write(set, id, random.nextInt(2000));
                case 3 -> set.finish(id);
                case 4 -> {
                    if (random.nextInt(3) == 0) {
                        set.reset(id, 9);
                    }
                }
                default -> {
                    Received stream = streams.get(id);
                    if (random.nextInt(5) == 0 && stream != null && !over.contains(id)) {
                        set.stopSending(id, 9);
                        stream.dropped |= !(stream.isComplete() && stream.read == stream.finalSize);
                    }
                }
            }
        }

        private void readSome() {
            for (Map.Entry<Long, Received> entry : streams.entrySet()) {
                long id = entry.getKey();
                Received stream = entry.getValue();
                int budget = random.nextInt(3) == 0 ? random.nextInt(3000) : 0;
                while (budget > 0 && set.readable(id) > 0) {
                    ByteBuf bytes = set.read(id, budget);
                    for (int i = 0; i < bytes.readableBytes(); i++) {
                        if (bytes.getByte(i) != HostilePeer.pattern(id, stream.read + i)) {
                            throw new AssertionError(label() + ": stream " + id + " differs at " + (stream.read + i));
                        }
                    }
                    stream.read += bytes.readableBytes();
                    budget -= bytes.readableBytes();
                    bytes.release();
                }
            }
        }

        private void transmit() {
            for (int i = random.nextInt(4); i > 0 && set.frames().hasFramesToSend(); i--) {
                Sent packet = Sent.by(set, 50 + random.nextInt(1200), random.nextInt(100), 10);
                if (packet != null) {
                    takeLimits(packet);
                    inFlight.add(packet);
                }
            }
            for (int i = random.nextInt(4); i > 0 && !inFlight.isEmpty(); i--) {
                Sent packet = inFlight.remove(random.nextInt(inFlight.size()));
                if (random.nextInt(3) == 0) {
                    packet.lostBy(set);
                } else {
                    packet.ackedBy(set);
                }
            }
        }

        private void takeLimits(Sent packet) {
            for (long[] note : packet.notes()) {
                switch ((int) note[0]) {
                    case FrameType.MAX_DATA -> connectionLimit = note[2];
                    case FrameType.MAX_STREAM_DATA -> use(note[1]).limit = note[2];
                    case FrameType.MAX_STREAMS_BIDI -> limitOfPeer[0] = note[2];
                    case FrameType.MAX_STREAMS_UNI -> limitOfPeer[1] = note[2];
                    default -> {
                        // not a limit
                    }
                }
            }
        }

        private void poll() {
            while (set.pollAccepted() >= 0
                    || set.pollReadable() >= 0
                    || set.pollWritable() >= 0
                    || set.pollAcked() >= 0
                    || set.pollStopped() >= 0
                    || set.pollReset() >= 0) {}
            for (long id = set.pollFinished(); id >= 0; id = set.pollFinished()) {
                assertThat(over.add(id)).as(label()).isTrue();
                Received stream = streams.get(id);
                assertThat(stream == null || stream.dropped || stream.isComplete() && stream.read == stream.finalSize)
                        .as("%s: stream %d is over", label(), id)
                        .isTrue();
            }
        }

        private void compare() {
            int gaps = 0;
            for (Map.Entry<Long, Received> entry : streams.entrySet()) {
                Received stream = entry.getValue();
                boolean gone = stream.dropped || over.contains(entry.getKey());
                int readable = gone ? 0 : stream.contiguous() - stream.read;
                if (set.readable(entry.getKey()) != readable) {
                    throw new AssertionError(label() + ": stream " + entry.getKey() + " has "
                            + set.readable(entry.getKey()) + " readable bytes, not " + readable);
                }
                gaps += gone ? 0 : stream.gaps();
            }
            long most = 2 * set.connectionWindow() + 64L * gaps + 3072L * set.size();
            long inChunks = allocator.metric().usedHeapMemory();
            if (set.memoryHeld() >= most || inChunks > set.memoryHeld()) {
                throw new AssertionError(label() + ": " + set.memoryHeld() + " bytes are held, " + inChunks
                        + " of them in chunks; " + most + " is the bound");
            }
        }
    }
}
