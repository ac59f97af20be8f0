package dev.tether.core.error;

/** Unreliable datagrams cannot be sent on this connection, for as long as it lives; all else works. */
public final class DatagramsNotSupportedException extends TransportException {

    private static final long serialVersionUID = 1L;

    private final boolean byPeer;

    /** @param byPeer whether it is the peer that takes none; otherwise this node has its own setting at 0 */
    public DatagramsNotSupportedException(boolean byPeer, PeerContext peer) {
        super(
                byPeer
                        ? "the peer takes no datagrams; send messages, or set the peer's datagramQueue, which is 0, above that"
                        : "the setting datagramQueue of this node is 0: no datagrams are sent; set it above 0",
                peer,
                null);
        this.byPeer = byPeer;
    }

    /** Whether it is the peer that takes none; otherwise the setting {@code datagramQueue} of this node is 0. */
    public boolean isByPeer() {
        return byPeer;
    }
}
