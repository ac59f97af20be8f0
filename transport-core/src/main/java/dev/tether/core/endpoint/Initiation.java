package dev.tether.core.endpoint;

import dev.tether.core.wire.HandshakePayload;
import dev.tether.core.wire.InitiationDatagram;
import java.net.InetSocketAddress;
import java.util.Arrays;

/** What is kept of an authentic initiation, to answer it and to know its copies. */
record Initiation(HandshakePayload payload, long senderId, byte[] ephemeral, InetSocketAddress from) {

    /** Of a datagram, which is not kept. */
    static Initiation of(HandshakePayload payload, byte[] datagram, int offset, InetSocketAddress from) {
        int ephemeral = InitiationDatagram.noiseOffset(offset);
        return new Initiation(
                payload,
                InitiationDatagram.senderConnectionId(datagram, offset),
                Arrays.copyOfRange(datagram, ephemeral, ephemeral + InitiationDatagram.EPHEMERAL_LENGTH),
                from);
    }

    /** Whether a datagram is this very initiation. docs/PROTOCOL.md, "The accepting side". */
    boolean isSame(byte[] datagram, int offset) {
        int other = InitiationDatagram.noiseOffset(offset);
        return senderId == InitiationDatagram.senderConnectionId(datagram, offset)
                && Arrays.equals(
                        ephemeral, 0, ephemeral.length, datagram, other, other + InitiationDatagram.EPHEMERAL_LENGTH);
    }

    /** When its sender has made it, on the sender's clock. */
    long timestampNs() {
        return payload.timestampNs().orElseThrow();
    }
}
