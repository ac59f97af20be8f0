package dev.tether.core.error;

/** One message is larger than the limit; nothing of it was sent, and the connection lives on. */
public final class MessageTooLargeException extends TransportException {

    private static final long serialVersionUID = 1L;

    private final long size;
    private final long limit;

    public MessageTooLargeException(long size, long limit, PeerContext peer) {
        super("a message of " + size + " bytes, the limit is " + limit, peer, null);
        this.size = size;
        this.limit = limit;
    }

    /** The size of the message, in bytes. */
    public long size() {
        return size;
    }

    /** The largest size that the peer accepts, in bytes. */
    public long limit() {
        return limit;
    }
}
