package dev.tether.core.error;

import dev.tether.core.ConnectionState;
import dev.tether.core.PeerIdentity;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** The root of everything that Tether signals as an error. Says which peer, where, and in which state. */
public abstract sealed class TransportException extends RuntimeException
        permits ConnectionEstablishmentException,
                ConnectionClosedException,
                ConnectionLostException,
                ProtocolViolationException,
                ChannelClosedException,
                InternalErrorException,
                StreamResetException,
                StreamLimitException,
                MessageTooLargeException,
                DatagramsNotSupportedException,
                OutboundOverflowException {

    private static final long serialVersionUID = 1L;

    private final transient PeerContext peer;

    TransportException(String message, PeerContext peer, @Nullable Throwable cause) {
        super(peer.equals(PeerContext.NONE) ? message : peer + ": " + message, cause);
        this.peer = peer;
    }

    /** The key of the peer, if it is known. */
    public final @Nullable PeerIdentity remoteIdentity() {
        return peer.identity();
    }

    /** The address of the peer, if it is known. */
    public final @Nullable InetSocketAddress remoteAddress() {
        return peer.address();
    }

    /** The state that the connection was in, if there was one. */
    public final @Nullable ConnectionState state() {
        return peer.state();
    }
}
