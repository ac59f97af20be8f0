package dev.tether.core.connection;

import dev.tether.core.protection.StatelessResetTokens;
import dev.tether.core.wire.StatelessResetDatagram;
import org.jspecify.annotations.Nullable;

/**
 * Knows the one stateless reset by which the peer proves that it has lost this connection. RFC 9000 §10.3.1;
 * docs/PROTOCOL.md, "Stateless reset".
 */
final class StatelessResetDetector {

    private final long remoteConnectionId;
    private final byte @Nullable [] token;

    /** @param token of the peer's connection id, null if the peer has told none */
    StatelessResetDetector(long remoteConnectionId, byte @Nullable [] token) {
        this.remoteConnectionId = remoteConnectionId;
        this.token = token;
    }

    /** Whether untrusted bytes are that reset. */
    boolean isReset(byte[] datagram, int offset, int length) {
        return token != null
                && StatelessResetDatagram.isWellFormed(datagram, offset, length)
                && StatelessResetDatagram.connectionId(datagram, offset) == remoteConnectionId
                && StatelessResetTokens.matches(token, datagram, StatelessResetDatagram.tokenOffset(offset));
    }
}
