package dev.tether.core.error;

import org.jspecify.annotations.Nullable;

/** The socket or the node of a connection is gone. */
public final class ChannelClosedException extends TransportException {

    private static final long serialVersionUID = 1L;

    public ChannelClosedException(String message, PeerContext peer, @Nullable Throwable cause) {
        super(message, peer, cause);
    }
}
