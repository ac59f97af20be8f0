package dev.tether.reactor.simulation;

import dev.tether.reactor.socket.DatagramSocket;
import dev.tether.reactor.socket.UdpSocketOptions;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A socket of a simulated host without a node: keeps what it receives, and when. */
final class RawSocket {

    record Received(long timeNs, InetSocketAddress from, byte[] bytes) {}

    final DatagramSocket socket;
    final List<Received> received = new ArrayList<>();
    private final SimulatedNetwork network;

    private RawSocket(SimulatedNetwork network, DatagramSocket socket) {
        this.network = network;
        this.socket = socket;
    }

    /** One that takes all that comes. */
    static RawSocket bind(SimulatedNetwork network, SimulatedHost host, int port) {
        RawSocket raw = new RawSocket(network, bindOnly(host, port, UdpSocketOptions.defaults()));
        raw.socket.inbound().subscribe(raw::take);
        return raw;
    }

    /** One without a subscriber. */
    static DatagramSocket bindOnly(SimulatedHost host, int port, UdpSocketOptions options) {
        return Objects.requireNonNull(
                        host.open(new InetSocketAddress(port), options).block())
                .socket();
    }

    InetSocketAddress address() {
        return socket.localAddress();
    }

    void send(InetSocketAddress to, byte[] datagram) {
        onLoop(() -> {
            socket.send(to, datagram, 0, datagram.length, datagram.length);
            socket.flush();
        });
    }

    void onLoop(Runnable task) {
        socket.scheduler().schedule(task);
    }

    private void take(DatagramPacket packet) {
        received.add(
                new Received(network.elapsed().toNanos(), packet.sender(), ByteBufUtil.getBytes(packet.content())));
        packet.release();
    }
}
