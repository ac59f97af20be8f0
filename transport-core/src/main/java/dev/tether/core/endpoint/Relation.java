package dev.tether.core.endpoint;

/** What there is with a peer already, when it or this side begins a new attempt. */
enum Relation {
    NOTHING,
    /** The own attempt to connect runs. */
    DIALING,
    /** An earlier initiation of the peer was answered and not confirmed. */
    ANSWERING,
    /** The peer has answered the own attempt a moment ago, and was not heard since. */
    UNPROVEN,
    ESTABLISHED,
    UNRESPONSIVE,
    CLOSING
}
