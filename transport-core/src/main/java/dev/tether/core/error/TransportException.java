package dev.tether.core.error;

import dev.tether.core.ConnectionState;
import dev.tether.core.PeerIdentity;
import java.net.InetSocketAddress;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The root of everything that Tether signals as an error. Says which peer, where, and in which state. */
public abstract sealed class TransportException extends RuntimeException implements Cloneable
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

    /** Of the error of a send, otherwise null and 0. */
    private @Nullable TransportException whole;

    private long firstUndelivered;

    TransportException(String message, PeerContext peer, @Nullable Throwable cause) {
        super(peer.equals(PeerContext.NONE) ? message : peer + ": " + message, cause);
        this.peer = peer;
    }

    /**
     * The same failure as the end of one send.
     *
     * @param delivered how many elements of its publisher were delivered, in the sense in which the send would have completed
     */
    public final TransportException ofSend(long delivered) {
        try {
            TransportException copy = (TransportException) clone();
            copy.whole = ofConnection();
            copy.firstUndelivered = delivered;
            return copy;
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * Of the error of a send: the index, from 0, of the first element of its publisher that was not delivered: which the
     * peer's transport has not acknowledged, or of a link, which its application has not got. All before it were; it and those
     * after it may have arrived. Empty for all other errors.
     */
    public final OptionalLong firstUndelivered() {
        return whole == null ? OptionalLong.empty() : OptionalLong.of(firstUndelivered);
    }

    /** The failure that everything else of the connection ends with; this, unless it is the error of a send. */
    public final TransportException ofConnection() {
        return whole == null ? this : whole;
    }

    @Override
    public final @Nullable String getMessage() {
        String message = super.getMessage();
        return whole == null
                ? message
                : message + " (first of the send that is not known to have arrived: number " + firstUndelivered
                        + ", counted from 0)";
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
