package dev.tether.core.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;

/** Two stream sets that know each other's limits, and an exact account of the memory for received bytes. */
final class StreamPair {

    final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
    final ChunkPool chunks = new ChunkPool(1 << 20);
    final StreamSet dialing;
    final StreamSet accepting;

    StreamPair(StreamLimits limits, StreamBounds bounds) {
        dialing = new StreamSet(true, limits, bounds, allocator, chunks);
        accepting = new StreamSet(false, limits, bounds, allocator, chunks);
        dialing.frames().setPeerLimits(limits);
        accepting.frames().setPeerLimits(limits);
    }

    StreamPair() {
        this(StreamLimits.defaults(), StreamBounds.defaults());
    }

    /** Exchanges packets, all acknowledged at once, until neither side has anything to send. */
    void exchange() throws StreamViolation {
        while (dialing.frames().hasFramesToSend() || accepting.frames().hasFramesToSend()) {
            transmit(dialing, accepting);
            transmit(accepting, dialing);
        }
    }

    /** Sends and acknowledges all that {@code from} has to send now. */
    static void transmit(StreamSet from, StreamSet to) throws StreamViolation {
        while (from.frames().hasFramesToSend()) {
            Sent packet = Sent.by(from, 1200, 0, 1);
            if (packet != null) {
                packet.deliverTo(to);
                packet.ackedBy(from);
            }
        }
    }

    void close() {
        dialing.releaseAll();
        accepting.releaseAll();
        assertThat(allocator.metric().usedHeapMemory()).as("bytes not released").isZero();
    }

    static int write(StreamSet set, long id, int length) {
        return set.write(id, Unpooled.wrappedBuffer(new byte[length]), length);
    }

    /** Reads and drops what is readable; returns how many bytes. */
    static int readAll(StreamSet set, long id) {
        int length = 0;
        while (set.readable(id) > 0) {
            ByteBuf bytes = set.read(id, Integer.MAX_VALUE);
            length += bytes.readableBytes();
            bytes.release();
        }
        return length;
    }
}
