package dev.tether.core.connection;

import dev.tether.core.TransportSettings;
import dev.tether.core.frame.FrameRecord;
import dev.tether.core.frame.FrameType;
import dev.tether.core.frame.FrameWriter;
import dev.tether.core.wire.DataHeader;
import dev.tether.core.wire.WireWriter;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The application's datagrams on their way into packets, in their order. Each is one DATAGRAM frame in one packet, once:
 * what is lost is counted and forgotten. RFC 9221 §5.
 */
final class OutgoingDatagrams {

    private final DatagramQueue queue;
    private final ConnectionCounters counters;
    private final int maxSize;
    private long offered;
    private boolean written;

    /**
     * For a connection that starts now.
     *
     * @param packetSize the length of a full packet, in bytes
     * @param maxFrameSize the longest DATAGRAM frame that the peer takes, 0 for none
     */
    OutgoingDatagrams(TransportSettings settings, int packetSize, long maxFrameSize, ConnectionCounters counters) {
        this.queue = new DatagramQueue(settings);
        this.counters = counters;
        int room = packetSize - DataHeader.LENGTH - DataHeader.TAG_LENGTH;
        this.maxSize = settings.datagramQueue() == 0 ? 0 : longestIn((int) Math.min(room, maxFrameSize));
    }

    /** The longest data that a DATAGRAM frame of up to {@code frameSize} bytes has room for, its length included. */
    static int longestIn(int frameSize) {
        int longest = 0;
        for (int lengthSize = 1; lengthSize <= Integer.BYTES; lengthSize *= 2) {
            int encodable = (1 << (8 * lengthSize - 2)) - 1;
            longest = Math.max(longest, Math.min(encodable, frameSize - 1 - lengthSize));
        }
        return longest;
    }

    /** How many bytes a datagram may have; 0 if none can be sent. */
    int maxSize() {
        return maxSize;
    }

    /** How many were taken by {@link #offer}. */
    long offered() {
        return offered;
    }

    /**
     * Takes a datagram over, if there is room for it.
     *
     * @throws IllegalArgumentException if it is longer than {@link #maxSize()}, or none can be sent
     */
    boolean offer(ByteBuf datagram) {
        int size = datagram.readableBytes();
        if (size > maxSize || maxSize == 0) {
            throw new IllegalArgumentException(
                    "a datagram of " + size + " bytes, the limit is " + maxSize + ": see maxDatagramSize()");
        }
        if (!queue.hasRoomFor(size)) {
            return false;
        }
        queue.add(datagram);
        offered++;
        return true;
    }

    boolean isDue() {
        return !queue.isEmpty();
    }

    /** Writes as many as there is room for; returns whether there was any. */
    boolean write(WireWriter out, FrameRecord record) {
        int count = 0;
        for (ByteBuf next = fitting(out); next != null; next = fitting(out)) {
            int length = next.readableBytes();
            FrameWriter.writeDatagramHeader(out, length);
            next.getBytes(next.readerIndex(), out.array(), out.position(), length);
            out.advance(length);
            queue.dropOldest();
            count++;
        }
        if (count == 0) {
            return false;
        }
        record.addFrame(FrameType.DATAGRAM, count, 0, 0);
        counters.datagramsSent += count;
        written = true;
        return true;
    }

    private @Nullable ByteBuf fitting(WireWriter out) {
        ByteBuf next = queue.peek();
        return next != null && FrameWriter.datagramSize(next.readableBytes()) <= out.remaining() ? next : null;
    }

    /** Whether any was written since the last call, so that there is room for others. */
    boolean takeWritten() {
        boolean any = written;
        written = false;
        return any;
    }

    /** Gives up what waits. */
    void release() {
        queue.releaseAll();
    }
}
