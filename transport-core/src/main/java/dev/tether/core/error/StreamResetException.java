package dev.tether.core.error;

/** The peer has abandoned one stream, or one direction of it; the connection lives on. */
public final class StreamResetException extends TransportException {

    private static final long serialVersionUID = 1L;

    private final long streamId;
    private final long code;
    private final boolean stopped;

    private StreamResetException(String message, long streamId, long code, boolean stopped, PeerContext peer) {
        super(message, peer, null);
        this.streamId = streamId;
        this.code = code;
        this.stopped = stopped;
    }

    /** The peer will send no more on the stream, although it had not come to the end. */
    public static StreamResetException reset(long streamId, long code, PeerContext peer) {
        return new StreamResetException(
                "the peer has reset stream " + streamId + " with code " + code, streamId, code, false, peer);
    }

    /** The peer wants no more of what this side sends on the stream. */
    public static StreamResetException stopped(long streamId, long code, PeerContext peer) {
        return new StreamResetException(
                "the peer wants no more of stream " + streamId + ", code " + code, streamId, code, true, peer);
    }

    /** The stream. */
    public long streamId() {
        return streamId;
    }

    /** The code that the peer gave: its application's own. */
    public long code() {
        return code;
    }

    /** Whether it is this side's sending that the peer has ended, and not its own. */
    public boolean isStopped() {
        return stopped;
    }
}
