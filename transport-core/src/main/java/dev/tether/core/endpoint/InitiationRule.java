package dev.tether.core.endpoint;

/** What happens to an authentic initiation by a peer with which there is, or is not, something already. */
enum InitiationRule {
    /**
     * Answer it, in place of a half-open answer to an earlier one. Whatever is established lives until the new session's
     * first data packet.
     */
    ANSWER,
    /** Answer it, and hold the own attempt back: the peer's key is lower, its attempt wins. */
    ANSWER_AND_PAUSE_OWN,
    /** Do not answer it, but send the own initiation again at once: the own key is lower, the own attempt wins. */
    RESEND_OWN,
    /**
     * Do not answer it, but probe the connection: it is the one that the peer has just agreed to, unless the peer has
     * forgotten it, which a moment will show.
     */
    PROBE_ESTABLISHED;

    /**
     * The decision table.
     *
     * @param ownKeyIsLower whether this side's key is lower than the peer's
     */
    static InitiationRule decide(Relation relation, boolean ownKeyIsLower) {
        return switch (relation) {
            case NOTHING, ANSWERING, ESTABLISHED, UNRESPONSIVE, CLOSING -> ANSWER;
            case UNPROVEN -> PROBE_ESTABLISHED;
            case DIALING -> ownKeyIsLower ? RESEND_OWN : ANSWER_AND_PAUSE_OWN;
        };
    }
}
