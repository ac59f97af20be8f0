package dev.tether.core.error;

import org.jspecify.annotations.Nullable;

/** An attempt to connect has failed; there never was a connection. */
public final class ConnectionEstablishmentException extends TransportException {

    private static final long serialVersionUID = 1L;

    /** Why the attempt failed. */
    public enum Reason {
        /** There is a connection to the peer already, and the caller asked for a new one only. */
        ALREADY_EXISTS,
        /** The peer did not answer in time: it is not there, has another key, or the network does not reach it. */
        TIMED_OUT,
        /** The peer answered that it does not want the connection, with a code and a reason. */
        REFUSED,
        /** The peer speaks no version of the protocol that this side speaks. */
        VERSION_MISMATCH,
        /** The peer, or this side, has more to do than its limits allow. */
        OVERLOADED,
        /** The address of the peer cannot be resolved or reached from here. */
        UNREACHABLE
    }

    private final Reason reason;
    private final long code;

    public ConnectionEstablishmentException(Reason reason, long code, String message, PeerContext peer) {
        this(reason, code, message, peer, null);
    }

    public ConnectionEstablishmentException(
            Reason reason, long code, String message, PeerContext peer, @Nullable Throwable cause) {
        super(message, peer, cause);
        this.reason = reason;
        this.code = code;
    }

    /** Why the attempt failed. */
    public Reason reason() {
        return reason;
    }

    /** The code of the peer that refused, otherwise 0. */
    public long code() {
        return code;
    }
}
