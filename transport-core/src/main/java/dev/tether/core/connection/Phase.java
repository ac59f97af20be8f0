package dev.tether.core.connection;

import java.util.EnumMap;
import java.util.Map;

/**
 * The state machine of a connection as one table. {@link dev.tether.core.ConnectionState} is what the application sees
 * of it.
 */
enum Phase {
    /** The handshake is not confirmed. */
    ESTABLISHING,
    ESTABLISHED,
    /** Several probes in a row were not answered. */
    UNRESPONSIVE,
    /** This side has closed; the close is repeated until the peer confirms it or has had the time to. RFC 9000 §10.2.1. */
    CLOSING,
    /**
     * One last packet is to be sent: the confirmation of the peer's close (RFC 9000 §10.2.2), or word to a peer that was not
     * heard for too long.
     */
    DRAINING,
    ENDED;

    /** What happens to a connection. */
    enum Input {
        /** The peer has proven that it holds its key and is at its address. */
        CONFIRMED,
        /** The limit of unanswered probes was reached. */
        PROBES_UNANSWERED,
        /** An authentic packet arrived. */
        HEARD,
        /** The application, or a violation by the peer, closes this side. */
        CLOSE,
        /** The peer's close arrived. */
        PEER_CLOSE,
        /** The idle timeout is over. */
        GIVE_UP,
        /** All that a close has to do is done. */
        CLOSE_DONE,
        /** A timeout, the loss of the socket, or the peer's new session ends it without a close. */
        FAIL
    }

    private static final Map<Phase, Map<Input, Phase>> TRANSITIONS = new EnumMap<>(Phase.class);

    static {
        from(ESTABLISHING)
                .on(Input.CONFIRMED, ESTABLISHED)
                .on(Input.CLOSE, ENDED)
                .on(Input.PEER_CLOSE, ENDED)
                .on(Input.FAIL, ENDED);
        from(ESTABLISHED)
                .on(Input.PROBES_UNANSWERED, UNRESPONSIVE)
                .on(Input.CLOSE, CLOSING)
                .on(Input.PEER_CLOSE, DRAINING)
                .on(Input.GIVE_UP, DRAINING)
                .on(Input.FAIL, ENDED);
        from(UNRESPONSIVE)
                .on(Input.HEARD, ESTABLISHED)
                .on(Input.CLOSE, CLOSING)
                .on(Input.PEER_CLOSE, DRAINING)
                .on(Input.GIVE_UP, DRAINING)
                .on(Input.FAIL, ENDED);
        from(CLOSING).on(Input.PEER_CLOSE, ENDED).on(Input.CLOSE_DONE, ENDED).on(Input.FAIL, ENDED);
        from(DRAINING).on(Input.CLOSE_DONE, ENDED).on(Input.FAIL, ENDED);
    }

    /** The phase after {@code input}; the same one where the table has no transition. */
    Phase after(Input input) {
        return TRANSITIONS.getOrDefault(this, Map.of()).getOrDefault(input, this);
    }

    /** Whether application data flows. */
    boolean isOpen() {
        return this == ESTABLISHED || this == UNRESPONSIVE;
    }

    private static Row from(Phase phase) {
        Map<Input, Phase> row = new EnumMap<>(Input.class);
        TRANSITIONS.put(phase, row);
        return new Row(row);
    }

    private record Row(Map<Input, Phase> row) {
        Row on(Input input, Phase next) {
            row.put(input, next);
            return this;
        }
    }
}
