package dev.tether.reactor;

import dev.tether.core.connection.Connection;
import dev.tether.core.endpoint.Endpoint;
import dev.tether.core.wire.DataHeader;
import dev.tether.core.wire.DatagramType;
import dev.tether.core.wire.PunchDatagram;
import dev.tether.core.wire.ResponseDatagram;
import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Hands each datagram to the connection that it names, wherever it comes from, as its peer may have moved; or to the endpoint;
 * or counts it as one that belongs to nothing here.
 */
final class DatagramRouter {

    private static final int NO_CONNECTION = 0;
    private static final int NO_TYPE = 0;

    private final ReactorNode node;
    private final Endpoint endpoint;

    DatagramRouter(ReactorNode node, Endpoint endpoint) {
        this.node = node;
        this.endpoint = endpoint;
    }

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

    /** Whether a data packet, or the first one of a run, names a connection of this node. Whoever sent it may have guessed. */
    boolean namesConnection(DatagramPacket packet) {
        ByteBuf content = packet.content();
        int length = Math.min(content.readableBytes(), segmentSize(packet));
        return length >= DataHeader.LENGTH
                && content.getByte(content.readerIndex()) == DatagramType.DATA
                && driver(content, length) != null;
    }

    /** Whether a punch, or the first one of a run, may be for an attempt of this node. Whoever sent it may have guessed. */
    boolean isExpectedPunch(DatagramPacket packet) {
        ByteBuf content = packet.content();
        byte[] scratch = node.inboundScratch();
        int length = Math.min(PunchDatagram.LENGTH, content.readableBytes());
        content.getBytes(content.readerIndex(), scratch, 0, length);
        return length > 0
                && PunchDatagram.isWellFormed(scratch, 0, length)
                && node.rendezvous().sessions().isKnown(PunchDatagram.tag(scratch, 0));
    }

    /** Whether it is a stateless reset of a connection that is tried at its source. */
    boolean resetsConnection(DatagramPacket packet) {
        ByteBuf content = packet.content();
        return content.isReadable()
                && content.getByte(content.readerIndex()) == DatagramType.STATELESS_RESET
                && content.readableBytes() <= segmentSize(packet)
                && connectionResetBy(content, packet.sender()) != NO_CONNECTION;
    }

    /** Takes a datagram over, or a run of them. */
    void route(DatagramPacket packet) {
        ByteBuf content = packet.content();
        int segmentSize = segmentSize(packet);
        if (segmentSize >= content.readableBytes() || isForOneConnection(content, segmentSize)) {
            routeWhole(packet);
            return;
        }
        try {
            while (content.isReadable()) {
                int length = Math.min(segmentSize, content.readableBytes());
                routeWhole(new DatagramPacket(content.readRetainedSlice(length), packet.recipient(), packet.sender()));
            }
        } finally {
            packet.release();
        }
    }

    /** A datagram that belongs to nothing here; of a run of them, the first may be answered. It stays the caller's. */
    void handleStray(DatagramPacket packet) {
        ByteBuf content = packet.content();
        int length = Math.min(content.readableBytes(), segmentSize(packet));
        byte[] scratch = node.inboundScratch();
        content.getBytes(content.readerIndex(), scratch, 0, length);
        endpoint.handleStray(scratch, 0, length, packet.sender(), node.nowNs());
        endpoint.countStrays(datagramCount(packet) - 1);
    }

    /** One datagram, or a run of data packets for one connection. */
    private void routeWhole(DatagramPacket packet) {
        ByteBuf content = packet.content();
        int type = content.isReadable() ? content.getByte(content.readerIndex()) : NO_TYPE;
        ConnectionDriver driver = type == DatagramType.STATELESS_RESET
                ? node.driver(connectionResetBy(content, packet.sender()))
                : driver(content, content.readableBytes());
        if (driver != null) {
            driver.offer(packet);
            return;
        }
        if (type == DatagramType.INITIATION) {
            handleInitiation(content, packet.sender());
        } else if (type != DatagramType.PUNCH || !handlePunch(content, packet.sender())) {
            handleStray(packet);
        }
        packet.release();
    }

    /** The connection that a stateless reset ends; it gets there in its turn, after what came before it. */
    private long connectionResetBy(ByteBuf content, InetSocketAddress from) {
        byte[] scratch = node.inboundScratch();
        int length = content.readableBytes();
        content.getBytes(content.readerIndex(), scratch, 0, length);
        Connection connection = endpoint.connectionResetBy(scratch, 0, length, from);
        return connection == null ? NO_CONNECTION : connection.localConnectionId();
    }

    private void handleInitiation(ByteBuf content, InetSocketAddress from) {
        byte[] scratch = node.inboundScratch();
        int length = content.readableBytes();
        content.getBytes(content.readerIndex(), scratch, 0, length);
        endpoint.handleInitiation(scratch, 0, length, from, node.nowNs());
        node.adoptCreated();
        node.forgetIfUnknown(from);
    }

    private boolean handlePunch(ByteBuf content, InetSocketAddress from) {
        byte[] scratch = node.inboundScratch();
        int length = content.readableBytes();
        content.getBytes(content.readerIndex(), scratch, 0, length);
        return node.rendezvous().sessions().handle(scratch, 0, length, from);
    }

    private @Nullable ConnectionDriver driver(ByteBuf content, int length) {
        long id = connectionId(content, content.readerIndex(), length);
        return id == NO_CONNECTION ? null : node.driver(id);
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
