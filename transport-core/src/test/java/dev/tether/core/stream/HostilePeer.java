package dev.tether.core.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.frame.FrameType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A peer that sends what it likes to a stream set, but stays within the limits that it was told. After each frame, the
 * documented bounds of memory are checked. Its bytes follow a pattern, so that what is read can be checked.
 */
final class HostilePeer {

    /** How many streams of each kind it may open. */
    static final int STREAMS = 256;

    private static final int LARGEST_FRAME = 1400;
    private static final long RTT_NS = 20_000_000;

    final StreamSet set;
    private final String label;
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
    private final Map<Long, Long> limits = new HashMap<>();
    private final Map<Long, Long> highest = new HashMap<>();
    private final Map<Long, Long> read = new HashMap<>();
    private final Map<Long, Integer> gaps = new HashMap<>();
    private final Set<Long> abandoned = new HashSet<>();
    private final StreamLimits announced;
    private final byte[] frame = new byte[LARGEST_FRAME];
    private long connectionLimit;
    private long sent;
    private long nowNs;
    private int allGaps;

    /**
     * @param label what an assertion that fails is to say
     */
    HostilePeer(int connectionWindow, int streamWindow, int maxConnectionWindow, String label) {
        this.label = label;
        this.announced = new StreamLimits(connectionWindow, streamWindow, STREAMS, STREAMS);
        StreamBounds bounds = new StreamBounds(maxConnectionWindow, 4L * streamWindow, 1 << 20, 1000);
        this.set = new StreamSet(false, announced, bounds, allocator, new ChunkPool(0));
        set.frames().setPeerLimits(announced);
        this.connectionLimit = connectionWindow;
    }

    /** The id of its {@code index}-th stream, of either kind in turn, beginning behind stream 0. */
    static long stream(int index) {
        return StreamId.of(index / 2 + index % 2, true, index % 2 == 1);
    }

    static byte pattern(long id, long offset) {
        return (byte) (offset * 31 + (offset >>> 8) * 17 + id * 7);
    }

    /** How many bytes a stream may have. */
    long limit(long id) {
        return limits.getOrDefault(id, announced.initialMaxStreamData());
    }

    /** How many bytes the limit of the connection leaves. */
    long connectionCredit() {
        return connectionLimit - sent;
    }

    /** The greatest offset that was sent on a stream. */
    long highest(long id) {
        return highest.getOrDefault(id, 0L);
    }

    /** Where the reader of a stream is. */
    long readOffset(long id) {
        return read.getOrDefault(id, 0L);
    }

    /**
     * Sends bytes in frames of a packet's size; false, and nothing more, if a limit does not allow it or the stream was reset.
     *
     * @throws StreamViolation if there are too many gaps
     */
    boolean send(long id, long offset, long length) throws StreamViolation {
        for (long at = offset; at < offset + length; at += LARGEST_FRAME) {
            if (!sendFrame(id, at, (int) Math.min(LARGEST_FRAME, offset + length - at))) {
                return false;
            }
        }
        return true;
    }

    private boolean sendFrame(long id, long offset, int length) throws StreamViolation {
        long end = offset + length;
        long more = Math.max(0, end - highest(id));
        if (end > limit(id) || more > connectionCredit() || abandoned.contains(id)) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            frame[i] = pattern(id, offset + i);
        }
        highest.merge(id, end, Math::max);
        sent += more;
        set.frames().onStream(id, offset, frame, 0, length, false);
        check(id);
        return true;
    }

    void reset(long id) throws StreamViolation {
        set.frames().onResetStream(id, 1, highest(id));
        abandoned.add(id);
        check(id);
    }

    /** Reads what is readable, at most {@code max} bytes, checks it, and takes the new limits. */
    int read(long id, int max) {
        int done = 0;
        while (done < max && set.readable(id) > 0) {
            ByteBuf bytes = set.read(id, max - done);
            long offset = readOffset(id);
            for (int i = 0; i < bytes.readableBytes(); i++) {
                if (bytes.getByte(i) != pattern(id, offset + i)) {
                    throw new AssertionError(label + ": stream " + id + " differs at " + (offset + i));
                }
            }
            read.put(id, offset + bytes.readableBytes());
            done += bytes.readableBytes();
            bytes.release();
        }
        takeLimits();
        check(id);
        return done;
    }

    /** Takes what the set has to say. */
    void takeLimits() {
        while (set.frames().hasFramesToSend()) {
            nowNs += 100_000;
            Sent packet = Sent.by(set, 1200, nowNs, RTT_NS);
            if (packet == null) {
                return;
            }
            for (long[] note : packet.notes()) {
                if (note[0] == FrameType.MAX_DATA) {
                    connectionLimit = note[2];
                } else if (note[0] == FrameType.MAX_STREAM_DATA) {
                    limits.put(note[1], note[2]);
                }
            }
            packet.ackedBy(set);
        }
    }

    /** Whether the documented bounds hold. {@link StreamBounds}. */
    void check(long id) {
        long held = set.memoryHeld();
        Stream stream = set.stream(id);
        ReceiveStream receive = stream == null ? null : stream.receive;
        if (receive != null) {
            long ofStream = receive.memoryHeld();
            Integer gapsBefore = gaps.put(id, receive.gaps());
            allGaps += receive.gaps() - (gapsBefore == null ? 0 : gapsBefore);
            if (ofStream >= 2 * receive.credit().window() + 4096 + 64L * receive.gaps()) {
                throw new AssertionError(label + ": stream " + id + " holds " + ofStream + " bytes, its window is "
                        + receive.credit().window());
            }
        }
        long most = 2 * set.connectionWindow() + 64L * allGaps + 3072L * set.size();
        long inChunks = allocator.metric().usedHeapMemory();
        if (held >= most || inChunks > held) {
            throw new AssertionError(label + ": the connection holds " + held + " bytes, " + inChunks
                    + " of them in chunks, with a window of " + set.connectionWindow() + " and " + set.size()
                    + " streams");
        }
    }

    /** Ends the connection; nothing must be left. */
    void close() {
        set.releaseAll();
        assertThat(set.memoryHeld()).as(label).isZero();
        assertThat(allocator.metric().usedHeapMemory()).as(label).isZero();
    }

    @Nullable
    ReceiveStream receiving(long id) {
        Stream stream = set.stream(id);
        return stream == null ? null : stream.receive;
    }
}
