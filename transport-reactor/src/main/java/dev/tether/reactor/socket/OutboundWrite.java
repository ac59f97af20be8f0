package dev.tether.reactor.socket;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.DefaultChannelPromise;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What became of one {@link OutboundQueue#offer}: the single promise behind all its packets, so that a run of datagrams
 * costs one object and no listener. Netty completes a channel's writes in the order they were made, hence the n-th
 * completion is the n-th packet of {@code packetBytes} bytes. It holds the content until the last one, so that a run
 * which the kernel refuses can be sent again.
 */
final class OutboundWrite extends DefaultChannelPromise {

    final InetSocketAddress to;
    final ByteBuf content;
    final int segmentSize;
    /** Whether these are single datagrams of a run that the kernel would not cut up. */
    final boolean resent;

    private final OutboundQueue queue;
    private final int packetBytes;
    private int written;

    OutboundWrite(
            OutboundQueue queue,
            Channel channel,
            InetSocketAddress to,
            ByteBuf content,
            int segmentSize,
            int packetBytes,
            boolean resent) {
        super(channel);
        this.queue = queue;
        this.to = to;
        this.content = content;
        this.segmentSize = segmentSize;
        this.packetBytes = packetBytes;
        this.resent = resent;
    }

    @Override
    public boolean trySuccess(@Nullable Void result) {
        return packetDone(null);
    }

    @Override
    public boolean tryFailure(Throwable cause) {
        return packetDone(cause);
    }

    private boolean packetDone(@Nullable Throwable cause) {
        int offset = written;
        int bytes = Math.min(packetBytes, content.writerIndex() - offset);
        written += bytes;
        queue.packetDone(this, offset, bytes, cause);
        if (written < content.writerIndex()) {
            return true;
        }
        content.release();
        return super.trySuccess(null);
    }
}
