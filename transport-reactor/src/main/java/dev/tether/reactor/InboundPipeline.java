package dev.tether.reactor;

import dev.tether.core.endpoint.Endpoint;
import dev.tether.core.wire.DatagramType;
import dev.tether.core.wire.InitiationDatagram;
import dev.tether.reactor.socket.DatagramSocket;
import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import reactor.core.publisher.GroupedFlux;

/**
 * How datagrams reach their connections: the socket's datagrams are one flux; an admission filter lets through only what
 * comes from a known remote address or is an initiation for this node, so that a spoofed source creates nothing; the flux
 * is grouped by remote address; and each group hands its datagrams to the sink of the connection that they name.
 *
 * <p>When a peer has moved, its datagrams come from an address that is not known yet. They go to the sink of the connection
 * that they name at once, without a group; once the peer has proven its new address, there is a group for that, and the
 * former one is given up. In the same way, the datagrams of peers to which this node is being introduced need no group.
 */
final class InboundPipeline {

    private final ReactorNode node;
    private final Endpoint endpoint;
    private final DatagramRouter router;
    private final Map<InetSocketAddress, RemoteAddressGroup> groups = new HashMap<>();

    InboundPipeline(ReactorNode node, Endpoint endpoint) {
        this.node = node;
        this.endpoint = endpoint;
        this.router = new DatagramRouter(node, endpoint);
    }

    void subscribe(DatagramSocket socket) {
        socket.inbound()
                .filter(this::isAdmitted)
                .groupBy(DatagramPacket::sender, Integer.MAX_VALUE)
                .doOnDiscard(DatagramPacket.class, ReferenceCountUtil::release)
                .subscribe(this::onGroup, node::onSocketFailed, node::onSocketClosed);
    }

    /** A connection has left its address, which is forgotten unless another connection has it too. */
    void forgetIfUnknown(InetSocketAddress address) {
        RemoteAddressGroup group = groups.get(address);
        if (group != null && !endpoint.isKnown(address)) {
            groups.remove(address);
            group.cancel();
        }
    }

    private void onGroup(GroupedFlux<InetSocketAddress, DatagramPacket> flux) {
        RemoteAddressGroup group = new RemoteAddressGroup(router);
        groups.put(flux.key(), group);
        flux.subscribe(group);
    }

    /** What is not admitted is discarded by the filter, and released by the discard hook. */
    private boolean isAdmitted(DatagramPacket packet) {
        if (endpoint.isKnown(packet.sender()) || hasInitiation(packet)) {
            return true;
        }
        if (router.namesConnection(packet) || router.isExpectedPunch(packet) || router.resetsConnection(packet)) {
            router.route(packet.retain());
        } else {
            router.handleStray(packet);
        }
        return false;
    }

    /** Whether a datagram, or any one of a run of them, is an initiation for this node. */
    private boolean hasInitiation(DatagramPacket packet) {
        ByteBuf content = packet.content();
        int segmentSize = DatagramRouter.segmentSize(packet);
        int end = content.writerIndex();
        for (int index = content.readerIndex(); index < end; index += Math.min(segmentSize, end - index)) {
            if (isInitiation(content, index, Math.min(segmentSize, end - index))) {
                return true;
            }
        }
        return false;
    }

    private boolean isInitiation(ByteBuf content, int index, int length) {
        if (length < InitiationDatagram.MIN_LENGTH || content.getByte(index) != DatagramType.INITIATION) {
            return false;
        }
        byte[] scratch = node.inboundScratch();
        content.getBytes(index, scratch, 0, length);
        return endpoint.isInitiationForThis(scratch, 0, length);
    }
}
