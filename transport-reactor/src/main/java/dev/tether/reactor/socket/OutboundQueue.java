package dev.tether.reactor.socket;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.Errors.NativeIoException;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bounded way out of a socket. A datagram is <em>pending</em> from its acceptance until the kernel took it, refused
 * it, or the channel closed. The queue itself is the channel's own outbound buffer; this class bounds it, cuts it into
 * packets and keeps the books. Confined to the event loop.
 *
 * <p>With segmentation offload (UDP_SEGMENT) a run of equal-size datagrams is one packet, which the kernel cuts up. A
 * run that the kernel refuses with EINVAL or EIO is sent again as single datagrams; if these go through, it was the
 * offload and not the datagrams, and the socket does without it from then on.
 */
final class OutboundQueue {

    private static final Logger log = LoggerFactory.getLogger(OutboundQueue.class);

    /** UDP_MAX_SEGMENTS of linux/udp.h up to 6.8; later kernels take more. */
    static final int MAX_SEGMENTS = 64;

    /** 65,535 less the IPv4 and UDP headers: what one send may carry on either IP version, segmented or not. */
    static final int MAX_PACKET_BYTES = 65_507;

    /** How long a closing queue waits for a kernel that takes nothing. */
    private static final long CLOSE_TIMEOUT_MS = 500;

    private static final int EIO = -5;
    private static final int EINVAL = -22;

    private final Channel channel;
    private final EventLoop loop;
    private final SocketMeter meter;
    private final int limit;
    private final boolean ipv4Only;
    private final Runnable notifyWritable = this::notifyWritable;

    private Runnable onWritable = () -> {};
    private BiConsumer<InetSocketAddress, Throwable> onSendError = (to, cause) -> {};
    private @Nullable Runnable onDrained;
    private volatile boolean gso;
    private int pending;
    private boolean full;
    private boolean closed;
    private boolean unflushed;

    @SuppressWarnings("FutureReturnValueIgnored")
    OutboundQueue(Channel channel, SocketMeter meter, int limit, boolean gso, boolean ipv4Only) {
        this.channel = channel;
        this.loop = channel.eventLoop();
        this.meter = meter;
        this.limit = limit;
        this.gso = gso;
        this.ipv4Only = ipv4Only;
        channel.closeFuture().addListener(done -> closed = true);
    }

    boolean gso() {
        return gso;
    }

    void onWritable(Runnable callback) {
        onWritable = callback;
    }

    void onSendError(BiConsumer<InetSocketAddress, Throwable> hook) {
        onSendError = hook;
    }

    boolean isWritable() {
        return !full && !closed;
    }

    /** As {@link DatagramSocket#send}. */
    boolean offer(InetSocketAddress to, byte[] data, int offset, int length, int segmentSize) {
        assert loop.inEventLoop();
        Objects.checkFromIndexSize(offset, length, data.length);
        if (length < 1 || segmentSize < 1) {
            throw new IllegalArgumentException("length " + length + ", segment size " + segmentSize);
        }
        int datagrams = Segments.count(length, segmentSize);
        if (closed || datagrams > limit - pending) {
            // What exceeds the bound by itself waits for nothing: there may be no completion to end the waiting.
            full |= datagrams <= limit;
            meter.dropped(datagrams);
            return false;
        }
        if (ipv4Only && to.getAddress() instanceof Inet6Address) {
            // Netty's epoll transport would send to the address made of the last four bytes.
            failed(to, datagrams, new NoRouteToHostException("No IPv6 from the IPv4 socket " + channel.localAddress()));
            return true;
        }
        ByteBuf content = channel.alloc().directBuffer(length, length).writeBytes(data, offset, length);
        pending += datagrams;
        full |= pending == limit;
        write(to, content, segmentSize, gso ? packetBytes(segmentSize) : segmentSize, false);
        return true;
    }

    void flush() {
        if (unflushed) {
            assert loop.inEventLoop();
            unflushed = false;
            channel.flush();
        }
    }

    /** Refuses datagrams from now on, and runs {@code drained} once none is pending, or after a bounded time. */
    @SuppressWarnings("FutureReturnValueIgnored")
    void close(Runnable drained) {
        closed = true;
        flush();
        if (pending == 0) {
            drained.run();
            return;
        }
        onDrained = drained;
        loop.schedule(this::drained, CLOSE_TIMEOUT_MS, TimeUnit.MILLISECONDS);
    }

    /** The largest multiple of {@code segmentSize} that one segmented packet may carry. */
    private static int packetBytes(int segmentSize) {
        return segmentSize * Math.max(1, Math.min(MAX_SEGMENTS, MAX_PACKET_BYTES / segmentSize));
    }

    /** Takes over {@code content}. */
    @SuppressWarnings("FutureReturnValueIgnored")
    private void write(InetSocketAddress to, ByteBuf content, int segmentSize, int packetBytes, boolean resent) {
        OutboundWrite write = new OutboundWrite(this, channel, to, content, segmentSize, packetBytes, resent);
        unflushed = true;
        int length = content.writerIndex();
        if (length <= packetBytes) {
            channel.write(packet(content.retain(), segmentSize, to), write);
            return;
        }
        for (int offset = 0; offset < length; offset += packetBytes) {
            ByteBuf part = content.retainedSlice(offset, Math.min(packetBytes, length - offset));
            channel.write(packet(part, segmentSize, to), write);
        }
    }

    private static DatagramPacket packet(ByteBuf content, int segmentSize, InetSocketAddress to) {
        return content.readableBytes() > segmentSize
                ? new SegmentedDatagramPacket(content, segmentSize, to)
                : new DatagramPacket(content, to);
    }

    /** One packet of {@code write} is out of the channel; {@code cause} is null if the kernel took it. */
    void packetDone(OutboundWrite write, int offset, int bytes, @Nullable Throwable cause) {
        int datagrams = Segments.count(bytes, write.segmentSize);
        if (cause == null) {
            meter.sent(datagrams, bytes);
            if (write.resent && gso) {
                gso = false;
                log.warn("{} sends datagrams one by one: the kernel does not segment them", channel);
            }
        } else if (datagrams > 1 && isOffloadRefused(cause) && channel.isOpen()) {
            // Still pending. The flush joins the one under way, if any.
            ByteBuf run = write.content.retainedSlice(offset, bytes);
            write(write.to, run, write.segmentSize, write.segmentSize, true);
            flush();
            return;
        } else if (cause instanceof ClosedChannelException) {
            meter.dropped(datagrams);
        } else {
            failed(write.to, datagrams, cause);
        }
        settle(datagrams);
    }

    private static boolean isOffloadRefused(Throwable cause) {
        return cause instanceof NativeIoException e && (e.expectedErr() == EINVAL || e.expectedErr() == EIO);
    }

    private void failed(InetSocketAddress to, int datagrams, Throwable cause) {
        meter.sendFailed(datagrams);
        log.debug("{} cannot send to {}", channel, to, cause);
        later(() -> onSendError.accept(to, cause));
    }

    private void settle(int datagrams) {
        pending -= datagrams;
        if (full && !closed && pending <= limit / 2) {
            full = false;
            later(notifyWritable);
        }
        if (pending == 0 && onDrained != null) {
            later(this::drained);
        }
    }

    private void notifyWritable() {
        if (isWritable()) {
            onWritable.run();
        }
    }

    private void drained() {
        Runnable callback = onDrained;
        onDrained = null;
        if (callback != null) {
            callback.run();
        }
    }

    /** Completions come in the midst of the channel's write loop, where a caller must not be called back. */
    private void later(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException loopEnded) {
            log.debug("{} outlived its event loop", channel, loopEnded);
        }
    }
}
