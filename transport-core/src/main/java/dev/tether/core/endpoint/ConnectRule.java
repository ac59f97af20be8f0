package dev.tether.core.endpoint;

/** What this side does that wants a connection with a peer with which there is, or is not, something already. */
enum ConnectRule {
    DIAL,
    /** Dial, and hold the attempt back: the peer's own, which was answered, comes first. */
    DIAL_PAUSED,
    /** Wait for the attempt that runs. */
    JOIN,
    /** Take the connection that there is. */
    REUSE,
    /** There is a connection, and only a new one is wanted. */
    REFUSE,
    /** Demand a sign of life on the connection that there is: it is taken if it lives, and fails otherwise. */
    PROBE,
    /** Wait for the end of the connection that closes. */
    AWAIT_END;

    /**
     * The decision table.
     *
     * @param onlyNew whether an existing connection is of no use
     */
    static ConnectRule decide(Relation relation, boolean onlyNew) {
        return switch (relation) {
            case NOTHING -> DIAL;
            case DIALING -> JOIN;
            case ANSWERING -> DIAL_PAUSED;
            case UNPROVEN, ESTABLISHED -> onlyNew ? REFUSE : REUSE;
            case UNRESPONSIVE -> PROBE;
            case CLOSING -> AWAIT_END;
        };
    }
}
