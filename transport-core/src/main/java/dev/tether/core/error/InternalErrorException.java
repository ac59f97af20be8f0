package dev.tether.core.error;

import org.jspecify.annotations.Nullable;

/**
 * One connection has ended by a defect of one of its sides, and no other has: a subscriber of the application has thrown
 * instead of taking its signal, or the transport has a bug.
 */
public final class InternalErrorException extends TransportException {

    private static final long serialVersionUID = 1L;

    private final boolean byPeer;

    /**
     * A defect.
     *
     * @param byPeer whether it is the other side's, of which nothing more is known
     * @param cause what was thrown at this side
     */
    public InternalErrorException(boolean byPeer, String message, PeerContext peer, @Nullable Throwable cause) {
        super(message, peer, cause);
        this.byPeer = byPeer;
    }

    /** Whether the defect is at the other side; otherwise {@link #getCause()} is what was thrown at this one. */
    public boolean byPeer() {
        return byPeer;
    }
}
