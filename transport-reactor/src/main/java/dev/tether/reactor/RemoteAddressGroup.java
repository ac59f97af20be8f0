package dev.tether.reactor;

import dev.tether.core.endpoint.Endpoint;
import dev.tether.core.wire.DataHeader;
import dev.tether.core.wire.DatagramType;
import dev.tether.core.wire.ResponseDatagram;
import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.net.InetSocketAddress;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

/**
 * The datagrams of one remote address. Drained at once, whatever happens to any connection: a datagram goes into its
 * connection's sink, into the endpoint's hands, or is dropped and counted.
 */
final class RemoteAddressGroup extends BaseSubscriber<DatagramPacket> {

    private static final int NO_CONNECTION = 0;

    private final ReactorNode node;
    private final Endpoint endpoint;
    private final InboundPipeline pipeline;
    private final InetSocketAddress address;

    RemoteAddressGroup(ReactorNode node, Endpoint endpoint, InboundPipeline pipeline, InetSocketAddress address) {
        this.node = node;
        this.endpoint = endpoint;
        this.pipeline = pipeline;
        this.address = address;
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    protected void hookOnNext(DatagramPacket packet) {
        ByteBuf content = packet.content();
        int segmentSize = segmentSize(packet);
        if (segmentSize >= content.readableBytes() || isForOneConnection(content, segmentSize)) {
            route(packet);
            return;
        }
        try {
            while (content.isReadable()) {
                int length = Math.min(segmentSize, content.readableBytes());
                route(new DatagramPacket(content.readRetainedSlice(length), packet.recipient(), address));
            }
        } finally {
            packet.release();
        }
    }

    /** The node learns of it from the flux itself. */
    @Override
    protected void hookOnError(Throwable failure) {}

    /** The size of each datagram in {@code packet} but the last. */
    static int segmentSize(DatagramPacket packet) {
        int size = packet instanceof SegmentedDatagramPacket segmented ? segmented.segmentSize() : 0;
        return size > 0 ? size : Integer.MAX_VALUE;
    }

    /** How many datagrams are in {@code packet}. */
    static int datagramCount(DatagramPacket packet) {
        int length = packet.content().readableBytes();
        int segmentSize = segmentSize(packet);
        return length <= segmentSize ? 1 : (length + segmentSize - 1) / segmentSize;
    }

    /** Takes the packet over: one datagram, or a run of data packets for one connection. */
    private void route(DatagramPacket packet) {
        ByteBuf content = packet.content();
        long id = connectionId(content, content.readerIndex(), content.readableBytes());
        if (id != NO_CONNECTION) {
            ConnectionDriver driver = node.driver(id);
            if (driver != null && driver.remoteAddress().equals(address)) {
                driver.offer(packet);
                return;
            }
            endpoint.countStrays(datagramCount(packet));
        } else if (content.isReadable() && content.getByte(content.readerIndex()) == DatagramType.INITIATION) {
            handleInitiation(content);
        } else {
            endpoint.countStray();
        }
        packet.release();
    }

    private void handleInitiation(ByteBuf content) {
        byte[] scratch = node.inboundScratch();
        int length = content.readableBytes();
        content.getBytes(content.readerIndex(), scratch, 0, length);
        endpoint.handleInitiation(scratch, 0, length, address, node.nowNs());
        node.adoptCreated();
        pipeline.onConnectionEnded(address);
    }

    private static boolean isForOneConnection(ByteBuf content, int segmentSize) {
        int end = content.writerIndex();
        long id = connectionId(content, content.readerIndex(), segmentSize);
        if (id == NO_CONNECTION) {
            return false;
        }
        for (int index = content.readerIndex() + segmentSize; index < end; index += segmentSize) {
            if (connectionId(content, index, Math.min(segmentSize, end - index)) != id) {
                return false;
            }
        }
        return true;
    }

    /** The connection that a datagram names; ids are never 0, which stands for none. */
    private static long connectionId(ByteBuf content, int index, int length) {
        if (length < DataHeader.LENGTH) {
            return NO_CONNECTION;
        }
        return switch (content.getByte(index)) {
            case DatagramType.DATA -> content.getLong(index + 1);
            case DatagramType.RESPONSE ->
                length < ResponseDatagram.MIN_LENGTH ? NO_CONNECTION : content.getLong(index + 1 + Long.BYTES);
            default -> NO_CONNECTION;
        };
    }
}
