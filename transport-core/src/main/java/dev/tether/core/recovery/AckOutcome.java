package dev.tether.core.recovery;

/** What an acknowledgment amounted to. */
public enum AckOutcome {
    /** It told nothing new about packets that were still outstanding. */
    NOTHING_NEW,
    /** It acknowledged at least one outstanding packet. */
    NEWLY_ACKED,
    /**
     * It acknowledged a packet that was never sent, which is a connection error of type PROTOCOL_VIOLATION (RFC 9000,
     * section 13.1). Nothing was changed by it.
     */
    INVALID_ACK
}
