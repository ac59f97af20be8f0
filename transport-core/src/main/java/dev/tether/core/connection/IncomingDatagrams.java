package dev.tether.core.connection;

import dev.tether.core.TransportSettings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * The peer's datagrams on their way to the application, in the order of their arrival. When there is no room for one more,
 * the oldest ones are dropped: the newest is worth the most, and the peer is not held up by a slow application. RFC 9221.
 */
final class IncomingDatagrams {

    /** The longest frame that is announced, which is any: RFC 9221 §3. */
    private static final int ANY_FRAME_SIZE = 65_535;

    private final DatagramQueue queue;
    private final long maxFrameSize;
    private final ByteBufAllocator allocator;
    private final ConnectionCounters counters;
    private boolean arrived;

    IncomingDatagrams(TransportSettings settings, ByteBufAllocator allocator, ConnectionCounters counters) {
        this.queue = new DatagramQueue(settings);
        this.maxFrameSize = maxFrameSize(settings);
        this.allocator = allocator;
        this.counters = counters;
    }

    /** The longest DATAGRAM frame that a node with these settings announces to take, in bytes; 0 for none. */
    static long maxFrameSize(TransportSettings settings) {
        return settings.datagramQueue() == 0 ? 0 : ANY_FRAME_SIZE;
    }

    /** What is wrong with a frame that has so many bytes of data; null if it may come. RFC 9221 §3. */
    @Nullable
    String complaint(int length) {
        if (maxFrameSize == 0) {
            return "DATAGRAM frames were not agreed on";
        }
        // The shortest form is the type and the data.
        return 1 + length <= maxFrameSize
                ? null
                : "a DATAGRAM frame with " + length + " bytes of data, the limit of the frame is " + maxFrameSize;
    }

    /** Takes in what a frame carries. The bytes are copied. */
    void onDatagram(byte[] buffer, int offset, int length) {
        while (!queue.hasRoomFor(length)) {
            queue.dropOldest();
            counters.datagramsDropped++;
        }
        queue.add(allocator.buffer(length, length).writeBytes(buffer, offset, length));
        arrived = true;
    }

    /** The oldest one that waits, which the caller has to release; null if there is none. */
    @Nullable
    ByteBuf poll() {
        ByteBuf oldest = queue.poll();
        if (oldest != null) {
            counters.datagramsReceived++;
        }
        return oldest;
    }

    boolean hasNext() {
        return !queue.isEmpty();
    }

    /** Whether any has arrived since the last call. */
    boolean takeArrived() {
        boolean any = arrived;
        arrived = false;
        return any;
    }

    /** Gives up what waits, as nobody will take it. */
    void release() {
        while (!queue.isEmpty()) {
            queue.dropOldest();
            counters.datagramsDropped++;
        }
    }
}
