package dev.tether.reactor.socket;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.Errors.NativeIoException;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.net.SocketException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands before Reactor Netty's bridge: counts datagrams, signals the end of each read, and keeps from the bridge,
 * which would end the flux, the errors that a UDP socket survives.
 */
final class InboundHandler extends ChannelInboundHandlerAdapter {

    static final String NAME = "tether.inbound";

    private static final Logger log = LoggerFactory.getLogger(InboundHandler.class);

    /** After this many errors without a single datagram between them the socket is no use any more. */
    static final int MAX_ERRORS_IN_A_ROW = 1_000;

    private final SocketMeter meter;
    private Runnable onBatchEnd = () -> {};
    private boolean batchHasDatagrams;
    private int errorsInARow;

    InboundHandler(SocketMeter meter) {
        this.meter = meter;
    }

    void onBatchEnd(Runnable callback) {
        onBatchEnd = callback;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof DatagramPacket packet) {
            int bytes = packet.content().readableBytes();
            meter.received(datagrams(packet, bytes), bytes);
            batchHasDatagrams = true;
            errorsInARow = 0;
        }
        ctx.fireChannelRead(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.fireChannelReadComplete();
        if (batchHasDatagrams) {
            batchHasDatagrams = false;
            onBatchEnd.run();
        }
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored")
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (concernsOneDestination(cause) && ++errorsInARow <= MAX_ERRORS_IN_A_ROW) {
            meter.receiveFailed();
            log.debug("{} reported an error and goes on", ctx.channel(), cause);
            return;
        }
        ctx.fireExceptionCaught(cause);
        ctx.close();
    }

    /**
     * An unconnected socket reports on a read what happened to something it sent earlier (an ICMP unreachable, a message
     * too long). A descriptor that is gone is a {@link java.nio.channels.ClosedChannelException} instead, which is none
     * of these.
     */
    private static boolean concernsOneDestination(Throwable cause) {
        return cause instanceof NativeIoException || cause instanceof SocketException;
    }

    private static int datagrams(DatagramPacket packet, int bytes) {
        if (packet instanceof SegmentedDatagramPacket run) {
            return Math.max(1, Segments.count(bytes, run.segmentSize()));
        }
        return 1;
    }
}
