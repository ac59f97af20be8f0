package dev.tether.core.error;

/** More was asked of a connection at once than its queue holds; the connection lives on. */
public final class OutboundOverflowException extends TransportException {

    private static final long serialVersionUID = 1L;

    public OutboundOverflowException(String message, PeerContext peer) {
        super(message, peer, null);
    }
}
