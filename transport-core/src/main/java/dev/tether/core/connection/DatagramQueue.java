package dev.tether.core.connection;

import dev.tether.core.TransportSettings;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Datagrams of RFC 9221 that wait, in their order, bounded in number and in bytes. It owns the buffers that it holds.
 */
final class DatagramQueue {

    /** No datagram is longer, so that one has room in whatever queue that may hold any. */
    static final int MIN_BYTES = 65_535;

    private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>(1);
    private final int maxCount;
    private final long maxBytes;
    private long bytes;

    /** Bounded as the settings say: {@link TransportSettings#datagramQueue()}. */
    DatagramQueue(TransportSettings settings) {
        this.maxCount = settings.datagramQueue();
        this.maxBytes = Math.max(MIN_BYTES, (long) maxCount * settings.datagramSize());
    }

    /** Whether one more datagram of {@code size} bytes may wait. */
    boolean hasRoomFor(int size) {
        return waiting.size() < maxCount && bytes + size <= maxBytes;
    }

    /** Takes over a datagram that there is room for. */
    void add(ByteBuf datagram) {
        bytes += datagram.readableBytes();
        waiting.add(datagram);
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** The oldest, which stays; null if there is none. */
    @Nullable
    ByteBuf peek() {
        return waiting.peek();
    }

    /** The oldest, which is the caller's from now on; null if there is none. */
    @Nullable
    ByteBuf poll() {
        ByteBuf oldest = waiting.poll();
        if (oldest != null) {
            bytes -= oldest.readableBytes();
        }
        return oldest;
    }

    /** Drops the oldest; there must be one. */
    void dropOldest() {
        ByteBuf oldest = waiting.remove();
        bytes -= oldest.readableBytes();
        oldest.release();
    }

    void releaseAll() {
        while (!waiting.isEmpty()) {
            dropOldest();
        }
    }
}
