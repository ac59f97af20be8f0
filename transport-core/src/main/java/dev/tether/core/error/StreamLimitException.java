package dev.tether.core.error;

import java.time.Duration;

/** The peer allowed no further stream for as long as {@code openStream} waits; the connection lives on. */
public final class StreamLimitException extends TransportException {

    private static final long serialVersionUID = 1L;

    private final boolean bidirectional;

    /** @param waited how long it was waited for */
    public StreamLimitException(boolean bidirectional, Duration waited, PeerContext peer) {
        super(
                "the peer allowed no further " + (bidirectional ? "bi" : "uni") + "directional stream within " + waited
                        + ": all that it allows are open; end some, or raise the setting openStreamTimeout here or"
                        + " maxStreams there",
                peer,
                null);
        this.bidirectional = bidirectional;
    }

    /** Which kind of stream it is that the peer allows no more of. */
    public boolean isBidirectional() {
        return bidirectional;
    }
}
