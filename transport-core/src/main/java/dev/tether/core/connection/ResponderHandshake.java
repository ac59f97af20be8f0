package dev.tether.core.connection;

import dev.tether.core.noise.HandshakeFailedException;
import dev.tether.core.noise.HandshakeState;
import dev.tether.core.noise.TransportKeys;
import dev.tether.core.protection.HandshakeMac;
import dev.tether.core.wire.HandshakePayload;
import dev.tether.core.wire.ResponseDatagram;
import dev.tether.core.wire.VersionRange;
import dev.tether.core.wire.WireWriter;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The answering side's handshake: one response for each copy of the initiation, until the initiator's first data packet
 * confirms it. docs/PROTOCOL.md, "Handshake".
 */
public final class ResponderHandshake implements Handshake {

    private final byte[] response;
    private final TransportKeys keys;
    private final long deadlineNs;
    private @Nullable InetSocketAddress duplicateFrom;
    private boolean sendDue = true;

    private ResponderHandshake(byte[] response, TransportKeys keys, long deadlineNs) {
        this.response = response;
        this.keys = keys;
        this.deadlineNs = deadlineNs;
    }

    static ResponderHandshake answer(
            EngineContext context,
            HandshakeState noise,
            long localConnectionId,
            long remoteConnectionId,
            InetSocketAddress observed,
            long nowNs)
            throws HandshakeFailedException {
        HandshakePayload payload = HandshakePayload.builder()
                .supportedVersions(VersionRange.SUPPORTED)
                .chosenVersion(VersionRange.SUPPORTED.max())
                .observedAddress(observed)
                .statelessResetToken(context.resetTokens().tokenOf(localConnectionId))
                .transportParameters(context.localParameters(false))
                .build();
        byte[] response = response(noise, localConnectionId, remoteConnectionId, payload);
        return new ResponderHandshake(
                response,
                noise.split(),
                nowNs + context.settings().handshakeTimeout().toNanos());
    }

    /**
     * A response datagram for an initiation that was read by {@code noise}.
     *
     * @param localConnectionId 0 in a refusal
     */
    public static byte[] response(
            HandshakeState noise, long localConnectionId, long remoteConnectionId, HandshakePayload payload)
            throws HandshakeFailedException {
        byte[] plaintext = payload.encode(0);
        byte[] response = new byte[ResponseDatagram.length(plaintext.length)];
        ResponseDatagram.writeHeader(
                new WireWriter().wrap(response, 0, response.length), localConnectionId, remoteConnectionId);
        noise.writeMessage(plaintext, 0, plaintext.length, response, ResponseDatagram.NOISE_OFFSET);
        new HandshakeMac(noise.remoteStatic()).write(response, 0, response.length, null);
        return response;
    }

    TransportKeys keys() {
        return keys;
    }

    @Override
    public long timeoutNs() {
        return deadlineNs;
    }

    @Override
    public boolean hasTimedOut(long nowNs) {
        return nowNs >= deadlineNs;
    }

    /** The same initiation has come again: its response was lost, or did not reach the peer where it is now. */
    void onDuplicateInitiation(InetSocketAddress from) {
        sendDue = true;
        duplicateFrom = from;
    }

    /** Where the response goes. */
    InetSocketAddress destination(InetSocketAddress remote) {
        return duplicateFrom == null ? remote : duplicateFrom;
    }

    @Override
    public byte @Nullable [] poll(long nowNs) {
        if (!sendDue) {
            return null;
        }
        sendDue = false;
        return response;
    }
}
