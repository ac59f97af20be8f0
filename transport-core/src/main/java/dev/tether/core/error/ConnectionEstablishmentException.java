package dev.tether.core.error;

import dev.tether.core.NatBehaviour;
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
        /**
         * The peer answered that it does not want the connection, with a code and a reason: its application does not
         * ({@link #isByApplication()}), or its node is closing, or fails to decide.
         */
        REFUSED,
        /** The peer speaks no version of the protocol that this side speaks. */
        VERSION_MISMATCH,
        /** The peer, or this side, has more to do than its limits allow. */
        OVERLOADED,
        /** The address of the peer cannot be resolved or reached from here. */
        UNREACHABLE,
        /**
         * No gateway could be asked for the peer: this node has none, or none answered in time. The peer may well be there.
         */
        NO_GATEWAY,
        /** No gateway that answered is connected with the peer. */
        UNKNOWN_PEER,
        /**
         * A gateway has introduced the peer, and no address was found that works both ways; {@link #natBehaviour()} and {@link
         * #peerNatBehaviour()} say what stands between.
         */
        NO_DIRECT_PATH
    }

    private final Reason reason;
    private final long code;
    private final boolean byApplication;
    private final NatBehaviour natBehaviour;
    private final NatBehaviour peerNatBehaviour;

    public ConnectionEstablishmentException(Reason reason, long code, String message, PeerContext peer) {
        this(reason, code, message, peer, null);
    }

    public ConnectionEstablishmentException(
            Reason reason, long code, String message, PeerContext peer, @Nullable Throwable cause) {
        this(reason, code, false, NatBehaviour.UNKNOWN, NatBehaviour.UNKNOWN, message, peer, cause);
    }

    private ConnectionEstablishmentException(
            Reason reason,
            long code,
            boolean byApplication,
            NatBehaviour natBehaviour,
            NatBehaviour peerNatBehaviour,
            String message,
            PeerContext peer,
            @Nullable Throwable cause) {
        super(message, peer, cause);
        this.reason = reason;
        this.code = code;
        this.byApplication = byApplication;
        this.natBehaviour = natBehaviour;
        this.peerNatBehaviour = peerNatBehaviour;
    }

    /** The peer's application refused, with a code and a reason of its own. */
    public static ConnectionEstablishmentException refusedByApplication(long code, String text, PeerContext peer) {
        return new ConnectionEstablishmentException(
                Reason.REFUSED,
                code,
                true,
                NatBehaviour.UNKNOWN,
                NatBehaviour.UNKNOWN,
                "the peer's application refused with code " + code + ": " + text,
                peer,
                null);
    }

    /** The peer was introduced, and cannot be reached directly. */
    public static ConnectionEstablishmentException noDirectPath(
            NatBehaviour own, NatBehaviour peers, String message, PeerContext peer) {
        return new ConnectionEstablishmentException(Reason.NO_DIRECT_PATH, 0, false, own, peers, message, peer, null);
    }

    /** Why the attempt failed. */
    public Reason reason() {
        return reason;
    }

    /**
     * The code of the peer that refused, otherwise 0: the application's own if it {@linkplain #isByApplication() was the
     * application}, and a {@link dev.tether.core.frame.TransportErrorCode} if not.
     */
    public long code() {
        return code;
    }

    /** Whether the peer's application has refused; {@link #reason()} is {@link Reason#REFUSED} then. */
    public boolean isByApplication() {
        return byApplication;
    }

    /** What this node believes to be behind, if no direct path was found; otherwise unknown. */
    public NatBehaviour natBehaviour() {
        return natBehaviour;
    }

    /** What the peer believes to be behind, if no direct path was found; otherwise unknown. */
    public NatBehaviour peerNatBehaviour() {
        return peerNatBehaviour;
    }
}
