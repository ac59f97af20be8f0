package dev.tether.core.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.RandomSource;
import dev.tether.core.connection.Connection;
import dev.tether.core.connection.EngineContext;
import dev.tether.core.connection.Transmit;
import dev.tether.core.frame.FrameWriter;
import dev.tether.core.noise.HandshakeFailedException;
import dev.tether.core.noise.HandshakeState;
import dev.tether.core.noise.KeyPair;
import dev.tether.core.noise.TransportKeys;
import dev.tether.core.protection.HandshakeMac;
import dev.tether.core.protection.PacketOpener;
import dev.tether.core.protection.PacketSealer;
import dev.tether.core.stream.StreamId;
import dev.tether.core.wire.DataHeader;
import dev.tether.core.wire.HandshakePayload;
import dev.tether.core.wire.InitiationDatagram;
import dev.tether.core.wire.ResponseDatagram;
import dev.tether.core.wire.TransportParameters;
import dev.tether.core.wire.VersionRange;
import dev.tether.core.wire.WireWriter;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** A peer without an engine, which has a connection with an endpoint and sends it whatever frames a test wants. */
final class HandmadePeer {

    private static final long CONNECTION_ID = 99;

    private final Connection connection;
    private final Transmit transmit = new Transmit(64);
    private final PacketSealer sealer;
    private final PacketOpener opener;
    private final Map<InetSocketAddress, byte[]> lastSent = new HashMap<>();
    private final long remoteConnectionId;
    private long packetNumber;
    private long streamOffset;

    /** Dials. */
    HandmadePeer(Endpoint endpoint, KeyPair ofEndpoint, InetSocketAddress address, RandomSource random, long nowNs)
            throws HandshakeFailedException {
        HandshakeState noise = HandshakeState.initiator(
                KeyPair.generate(random), ofEndpoint.identity(), EngineContext.prologue(), random);
        byte[] initiation = initiation(noise, ofEndpoint, nowNs);
        endpoint.handleInitiation(initiation, 0, initiation.length, address, nowNs);
        this.connection = Objects.requireNonNull(endpoint.pollCreated());
        assertThat(connection.pollTransmit(transmit, nowNs)).isTrue();
        noise.readMessage(
                transmit.buffer(),
                ResponseDatagram.noiseOffset(0),
                ResponseDatagram.noiseLength(transmit.length()),
                new byte[transmit.length()],
                0);
        this.remoteConnectionId = ResponseDatagram.senderConnectionId(transmit.buffer(), 0);
        TransportKeys keys = noise.split();
        this.sealer = new PacketSealer(keys.sendKey());
        this.opener = new PacketOpener(keys.receiveKey());
        send(new byte[] {1}, nowNs); // PING
        assertThat(connection.isOpen()).isTrue();
    }

    /** The connection as the endpoint has it. */
    Connection connection() {
        return connection;
    }

    /** Has a packet with these frames arrive, and lets the endpoint send what it will. */
    void send(byte[] frames, long nowNs) {
        send(frames, connection.remoteAddress(), nowNs);
    }

    /** The same from any address. */
    void send(byte[] frames, InetSocketAddress from, long nowNs) {
        byte[] datagram = new byte[DataHeader.LENGTH + frames.length + DataHeader.TAG_LENGTH];
        DataHeader.write(new WireWriter().wrap(datagram, 0, datagram.length), remoteConnectionId, packetNumber);
        sealer.seal(frames, 0, frames.length, datagram, 0, DataHeader.LENGTH, packetNumber);
        packetNumber++;
        connection.handleDatagram(datagram, 0, datagram.length, from, nowNs);
        while (connection.pollTransmit(transmit, nowNs)) {
            lastSent.put(transmit.destination(), Arrays.copyOf(transmit.buffer(), transmit.length()));
        }
    }

    /** The frames of the packet that the endpoint has sent to an address last. */
    byte[] lastSentTo(InetSocketAddress address) {
        byte[] packet = Objects.requireNonNull(lastSent.get(address));
        byte[] frames = new byte[packet.length];
        long number = DataHeader.packetNumber(packet, 0);
        int length = opener.open(packet, 0, packet.length, DataHeader.LENGTH, number, frames, 0);
        return Arrays.copyOf(frames, length);
    }

    /** Has the next bytes of the message stream arrive, in packets of up to 1000 bytes. */
    void sendMessageStream(byte[] bytes, long nowNs) {
        for (int at = 0; at < bytes.length; ) {
            int length = Math.min(1000, bytes.length - at);
            WireWriter out = new WireWriter().wrap(new byte[1100], 0, 1100);
            FrameWriter.writeStreamHeader(out, StreamId.MESSAGES, streamOffset, length, false);
            out.writeBytes(bytes, at, length);
            byte[] frame = new byte[out.written()];
            System.arraycopy(out.array(), 0, frame, 0, frame.length);
            send(frame, nowNs);
            streamOffset += length;
            at += length;
        }
    }

    private static byte[] initiation(HandshakeState noise, KeyPair ofEndpoint, long nowNs)
            throws HandshakeFailedException {
        byte[] datagram = new byte[InitiationDatagram.MIN_LENGTH];
        InitiationDatagram.writeHeader(new WireWriter().wrap(datagram, 0, datagram.length), CONNECTION_ID);
        byte[] payload = HandshakePayload.builder()
                .supportedVersions(VersionRange.SUPPORTED)
                .timestampNs(nowNs)
                .transportParameters(TransportParameters.builder()
                        .initialMaxData(1 << 20)
                        .initialMaxStreamData(1 << 20)
                        .build())
                .build()
                .encode(InitiationDatagram.payloadLength(datagram.length));
        noise.writeMessage(payload, 0, payload.length, datagram, InitiationDatagram.NOISE_OFFSET);
        new HandshakeMac(ofEndpoint.identity()).write(datagram, 0, datagram.length, null);
        return datagram;
    }
}
