package dev.tether.reactor.simulation.swarm;

import dev.tether.core.TransportSettings;
import dev.tether.core.connection.EngineContext;
import dev.tether.core.frame.FrameWriter;
import dev.tether.core.noise.HandshakeFailedException;
import dev.tether.core.noise.HandshakeState;
import dev.tether.core.noise.KeyPair;
import dev.tether.core.protection.HandshakeMac;
import dev.tether.core.protection.PacketSealer;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.core.wire.DataHeader;
import dev.tether.core.wire.HandshakePayload;
import dev.tether.core.wire.InitiationDatagram;
import dev.tether.core.wire.ResponseDatagram;
import dev.tether.core.wire.TransportParameters;
import dev.tether.core.wire.VersionRange;
import dev.tether.core.wire.WireWriter;
import dev.tether.reactor.simulation.SimulatedHost;
import dev.tether.reactor.simulation.SimulatedNetwork;
import dev.tether.reactor.socket.DatagramSocket;
import dev.tether.reactor.socket.NodeEnvironment;
import dev.tether.reactor.socket.UdpSocketOptions;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A peer that has a key of its own and speaks the protocol, but acknowledges packets that it was never sent, to be sent
 * more than the path carries (RFC 9000 §21.4). Whoever it connects to has to end that connection.
 */
final class OptimisticAcker {

    private static final long FIRST_UNSENT = 1_000_000;

    private final Population population;
    private final SimulatedNetwork network;
    private final PeerProcess victim;
    private final InetSocketAddress address;
    private final SeededRandom random;
    private final KeyPair key;
    private final HandshakeState noise;
    private boolean answered;

    OptimisticAcker(Population population, SimulatedNetwork network, PeerProcess victim) {
        this.population = population;
        this.network = network;
        this.victim = victim;
        this.address = new InetSocketAddress(victim.host().address(), PeerProcess.PORT);
        this.random = new SeededRandom(population.seed()).split("optimist at " + population.nowNs());
        this.key = KeyPair.generate(random);
        this.noise = HandshakeState.initiator(key, victim.key().identity(), EngineContext.prologue(), random);
    }

    /** Sends its initiation, once, if the victim can be reached from outside. */
    void start() {
        if (victim.plan().behind() != null) {
            return;
        }
        SimulatedHost host = network.host("optimist" + network.hosts().size());
        host.open(new InetSocketAddress(0), UdpSocketOptions.defaults()).subscribe(this::initiate);
    }

    private void initiate(NodeEnvironment.Resources resources) {
        DatagramSocket socket = resources.socket();
        socket.inbound().subscribe(packet -> onDatagram(socket, packet));
        send(socket, initiation(socket.scheduler().now(TimeUnit.NANOSECONDS)));
        population.later(() -> socket.close().subscribe(), Duration.ofSeconds(5));
    }

    private byte[] initiation(long nowNs) {
        byte[] datagram = new byte[TransportSettings.MIN_DATAGRAM_SIZE];
        InitiationDatagram.writeHeader(new WireWriter().wrap(datagram, 0, datagram.length), random.nextLong());
        byte[] payload = HandshakePayload.builder()
                .supportedVersions(VersionRange.SUPPORTED)
                .timestampNs(nowNs)
                .transportParameters(
                        TransportParameters.builder().idleTimeoutMs(30_000).build())
                .build()
                .encode(InitiationDatagram.payloadLength(datagram.length));
        try {
            noise.writeMessage(payload, 0, payload.length, datagram, InitiationDatagram.NOISE_OFFSET);
        } catch (HandshakeFailedException e) {
            throw new IllegalStateException("the victim's key is a good one", e);
        }
        new HandshakeMac(victim.key().identity()).write(datagram, 0, datagram.length, null);
        return datagram;
    }

    private void onDatagram(DatagramSocket socket, DatagramPacket packet) {
        byte[] datagram = ByteBufUtil.getBytes(packet.content());
        packet.release();
        if (answered
                || !ResponseDatagram.isWellFormed(datagram, 0, datagram.length)
                || !new HandshakeMac(key.identity()).verifyMac1(datagram, 0, datagram.length)) {
            return;
        }
        try {
            noise.readMessage(
                    datagram,
                    ResponseDatagram.noiseOffset(0),
                    ResponseDatagram.noiseLength(datagram.length),
                    new byte[datagram.length],
                    0);
        } catch (HandshakeFailedException altered) {
            return;
        }
        answered = true;
        PacketSealer sealer = new PacketSealer(noise.split().sendKey());
        long remoteId = ResponseDatagram.senderConnectionId(datagram, 0);
        for (int packetNumber = 0; packetNumber < 5; packetNumber++) {
            send(socket, forgedAck(sealer, remoteId, packetNumber));
        }
    }

    private static byte[] forgedAck(PacketSealer sealer, long remoteId, long packetNumber) {
        byte[] plaintext = new byte[64];
        WireWriter frames = new WireWriter().wrap(plaintext, 0, plaintext.length);
        FrameWriter.writeAck(frames, new long[] {FIRST_UNSENT, FIRST_UNSENT + packetNumber}, 1, 0);
        byte[] packet = new byte[DataHeader.LENGTH + frames.written() + DataHeader.TAG_LENGTH];
        DataHeader.write(new WireWriter().wrap(packet, 0, DataHeader.LENGTH), remoteId, packetNumber);
        sealer.seal(plaintext, 0, frames.written(), packet, 0, DataHeader.LENGTH, packetNumber);
        return packet;
    }

    private void send(DatagramSocket socket, byte[] datagram) {
        socket.send(address, datagram, 0, datagram.length, datagram.length);
        socket.flush();
    }
}
