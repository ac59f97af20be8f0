package dev.tether.core.endpoint;

import dev.tether.core.connection.EngineContext;
import dev.tether.core.connection.ResponderHandshake;
import dev.tether.core.noise.HandshakeFailedException;
import dev.tether.core.noise.HandshakeState;
import dev.tether.core.noise.KeyPair;
import dev.tether.core.protection.PacketSealer;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.core.wire.DataHeader;
import dev.tether.core.wire.HandshakePayload;
import dev.tether.core.wire.InitiationDatagram;
import dev.tether.core.wire.TransportParameters;
import dev.tether.core.wire.WireWriter;
import java.util.HexFormat;

/**
 * Answers one initiation as another implementation may: it tells no reset token, and sends data without waiting for its
 * confirmation.
 */
final class HandmadeResponder {

    static final long CONNECTION_ID = 0x7172737475767778L;

    private final long remoteConnectionId;
    private final byte[] response;
    private final PacketSealer sealer;
    private long nextPacketNumber;

    HandmadeResponder(KeyPair keyPair, SeededRandom random, byte[] initiation) {
        remoteConnectionId = InitiationDatagram.senderConnectionId(initiation, 0);
        HandshakeState noise = HandshakeState.responder(keyPair, EngineContext.prologue(), random);
        HandshakePayload payload = HandshakePayload.builder()
                .chosenVersion(1)
                .transportParameters(TransportParameters.builder()
                        .initialMaxData(1 << 20)
                        .initialMaxStreamData(1 << 20)
                        .build())
                .build();
        try {
            noise.readMessage(
                    initiation,
                    InitiationDatagram.noiseOffset(0),
                    InitiationDatagram.noiseLength(initiation.length),
                    new byte[initiation.length],
                    0);
            response = ResponderHandshake.response(noise, CONNECTION_ID, remoteConnectionId, payload);
        } catch (HandshakeFailedException e) {
            throw new AssertionError(e);
        }
        sealer = new PacketSealer(noise.split().sendKey());
    }

    byte[] response() {
        return response;
    }

    /** The next data packet, with these frames. */
    byte[] packet(String framesInHex) {
        byte[] frames = HexFormat.of().parseHex(framesInHex);
        byte[] packet = new byte[DataHeader.LENGTH + frames.length + DataHeader.TAG_LENGTH];
        DataHeader.write(new WireWriter().wrap(packet, 0, DataHeader.LENGTH), remoteConnectionId, nextPacketNumber);
        sealer.seal(frames, 0, frames.length, packet, 0, DataHeader.LENGTH, nextPacketNumber++);
        return packet;
    }
}
