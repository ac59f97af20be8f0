package dev.tether.core.error;

/** An established connection has ended without a close. */
public final class ConnectionLostException extends TransportException {

    private static final long serialVersionUID = 1L;

    /** How the connection was lost. */
    public enum Reason {
        /** One side has not heard the other for the idle timeout. */
        IDLE_TIMEOUT,
        /** The peer was silent, and did not answer when a new connect asked it for a sign of life. */
        UNREACHABLE,
        /** The peer has started over and knows nothing of this connection. */
        PEER_RESTARTED,
        /** Another peer, with another key, has taken over the address. */
        IDENTITY_CHANGED,
        /** The peer has proven that it knows nothing of this connection. */
        STATELESS_RESET,
        /** The keys have protected as many packets as they safely can. */
        KEYS_EXHAUSTED
    }

    private final Reason reason;

    public ConnectionLostException(Reason reason, String message, PeerContext peer) {
        super(message, peer, null);
        this.reason = reason;
    }

    /** How the connection was lost. */
    public Reason reason() {
        return reason;
    }
}
