package dev.tether.core.simulation;

/** Why a simulated network didn't deliver a datagram. */
public enum DropCause {

    /** The link lost it at random. */
    LOSS,

    /** The link lost it in a burst. */
    BURST_LOSS,

    /** The queue in front of the link's rate had no room for it. */
    QUEUE_FULL,

    /** It was larger than the link's mtu, and the sender is told. */
    TOO_LARGE,

    /** It was larger than the link's mtu, and nobody is told. */
    BLACK_HOLE,

    /** The link was down. */
    PARTITION,

    /** The translator has a mapping for its port, but keeps out its sender. */
    NAT_FILTERED,

    /** The translator has no mapping for its port, or no port for a new mapping. */
    NO_NAT_MAPPING,

    /** Nobody has the address that it was sent to. */
    NO_ROUTE,

    /** The receiving host was switched off or had crashed. */
    HOST_DOWN,

    /** The receiving host was suspended. */
    HOST_SUSPENDED,

    /** No socket was bound to the port that it was sent to. */
    PORT_CLOSED,

    /** The receiving socket's buffer had no room for it. */
    BUFFER_FULL
}
