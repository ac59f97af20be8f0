package dev.tether.core.error;

/** The peer has abandoned one stream; the connection lives on. */
public final class StreamResetException extends TransportException {

    private static final long serialVersionUID = 1L;

    private final long code;

    public StreamResetException(long streamId, long code, PeerContext peer) {
        super("stream " + streamId + " was reset with code " + code, peer, null);
        this.code = code;
    }

    /** The code that the peer gave. */
    public long code() {
        return code;
    }
}
