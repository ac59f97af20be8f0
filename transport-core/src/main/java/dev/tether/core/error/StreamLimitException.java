package dev.tether.core.error;

/** The peer allows no further stream for now; the connection lives on. */
public final class StreamLimitException extends TransportException {

    private static final long serialVersionUID = 1L;

    public StreamLimitException(long limit, PeerContext peer) {
        super("the peer allows " + limit + " streams, all of them are in use", peer, null);
    }
}
