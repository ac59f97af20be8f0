package dev.tether.core.error;

import dev.tether.core.CloseReason;

/** The connection was closed, by either side, while something was pending or before something was asked of it. */
public final class ConnectionClosedException extends TransportException {

    private static final long serialVersionUID = 1L;

    private final CloseReason reason;

    public ConnectionClosedException(CloseReason reason, PeerContext peer) {
        super("the connection was " + reason, peer, null);
        this.reason = reason;
    }

    /** Who closed, and why. */
    public CloseReason reason() {
        return reason;
    }
}
