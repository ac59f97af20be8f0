package dev.tether.core.error;

/** One message, or one datagram, is larger than the limit; nothing of it was sent, and the connection lives on. */
public final class MessageTooLargeException extends TransportException {

    private static final long serialVersionUID = 1L;

    private final long size;
    private final long limit;

    public MessageTooLargeException(long size, long limit, PeerContext peer) {
        this("a message of " + size + " bytes, the limit is " + limit, size, limit, peer);
    }

    private MessageTooLargeException(String message, long size, long limit, PeerContext peer) {
        super(message, peer, null);
        this.size = size;
        this.limit = limit;
    }

    /**
     * For a datagram.
     *
     * @param limit of the path and of the peer
     */
    public static MessageTooLargeException ofDatagram(long size, long limit, PeerContext peer) {
        return new MessageTooLargeException(
                "a datagram of " + size + " bytes, the limit is " + limit
                        + "; send smaller ones, see maxDatagramSize(), or send a message",
                size,
                limit,
                peer);
    }

    /** The size of the message or datagram, in bytes. */
    public long size() {
        return size;
    }

    /** The largest size that was accepted at that time, in bytes. */
    public long limit() {
        return limit;
    }
}
