package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.PeerAddress;
import dev.tether.core.wire.DatagramType;
import dev.tether.reactor.NodeStatistics;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import dev.tether.reactor.socket.DatagramSocket;
import dev.tether.reactor.socket.NodeEnvironment;
import dev.tether.reactor.socket.UdpSocketOptions;
import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Copies of a datagram that the kernel hands over as one run, as Linux does with UDP_GRO. */
class ReceiveOffloadTest {

    private static final int COPIES = 3;
    private static final int GARBAGE_BYTES = 1300;

    private final SimulatedNetwork network = SimulatedNetwork.create(1);
    private final SimulatedHost a = network.host("a");
    private final SimulatedHost b = network.host("b");
    private final TransportNode server = ReactiveTransport.create()
            .runOn(new CopyingEnvironment(b))
            .port(Peers.PORT)
            .handle(peer -> peer.send(peer.receive().retain()))
            .bindNow();

    @Test
    void aRunOfCopiesOfAnInitiationIsAnswered() {
        PeerConnection connection = Peers.connect(network, Peers.client(a), server, "b");

        assertThat(network.elapsed()).as("without a resend").isLessThan(Duration.ofMillis(1_100));
        Peers.assertEcho(network, connection);
    }

    @Test
    void eachDatagramOfARunThatBelongsToNothingIsCounted() {
        b.inject(new InetSocketAddress("203.0.113.1", 1), Peers.PORT, new byte[GARBAGE_BYTES]);
        network.advance(Duration.ofMillis(1));
        assertThat(statistics().strayDatagrams()).isEqualTo(COPIES);

        Peers.connect(network, Peers.client(a), server, "b");
        byte[] packetOfNothing = new byte[GARBAGE_BYTES];
        packetOfNothing[0] = DatagramType.DATA;
        packetOfNothing[1] = 1;
        b.inject(new InetSocketAddress(a.address(), 49_152), Peers.PORT, packetOfNothing);
        network.advance(Duration.ofMillis(1));
        assertThat(statistics().strayDatagrams()).isEqualTo(2 * COPIES);
    }

    private NodeStatistics statistics() {
        return Objects.requireNonNull(network.await(server.statistics(), Peers.LIMIT));
    }

    /** A host whose sockets receive each datagram {@link #COPIES} times in one run. */
    private record CopyingEnvironment(SimulatedHost host) implements NodeEnvironment {

        @Override
        public Mono<Resources> open(InetSocketAddress local, UdpSocketOptions options) {
            return host.open(local, options)
                    .map(it -> new Resources(
                            copying(it.socket()), it.random(), it.messages(), it.listener(), it.wallClockNs()));
        }

        @Override
        public List<InetAddress> hostAddresses() {
            return host.hostAddresses();
        }

        @Override
        public Mono<InetSocketAddress> resolve(PeerAddress peer) {
            return host.resolve(peer);
        }

        private static DatagramSocket copying(DatagramSocket socket) {
            return (DatagramSocket) Proxy.newProxyInstance(
                    DatagramSocket.class.getClassLoader(),
                    new Class<?>[] {DatagramSocket.class},
                    (proxy, method, args) -> {
                        if (method.getName().equals("inbound")) {
                            return socket.inbound().map(CopyingEnvironment::copies);
                        }
                        try {
                            return method.invoke(socket, args);
                        } catch (InvocationTargetException e) {
                            throw e.getTargetException();
                        }
                    });
        }

        private static DatagramPacket copies(DatagramPacket packet) {
            ByteBuf one = packet.content();
            int length = one.readableBytes();
            ByteBuf run = one.alloc().heapBuffer(COPIES * length);
            for (int i = 0; i < COPIES; i++) {
                run.writeBytes(one, one.readerIndex(), length);
            }
            packet.release();
            return new SegmentedDatagramPacket(run, length, packet.recipient(), packet.sender());
        }
    }
}
