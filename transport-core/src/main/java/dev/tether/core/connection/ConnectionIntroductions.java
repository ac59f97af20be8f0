package dev.tether.core.connection;

import dev.tether.core.frame.IntroductionFrame;
import org.jspecify.annotations.Nullable;

/** The frames by which peers are introduced to each other, both ways. docs/PROTOCOL.md, section 12.1. Not thread-safe. */
public final class ConnectionIntroductions {

    private final Lifecycle lifecycle;
    private @Nullable IncomingIntroductions incoming;
    private @Nullable OutgoingIntroductions outgoing;

    ConnectionIntroductions(Lifecycle lifecycle) {
        this.lifecycle = lifecycle;
    }

    /** The handshake has ended. */
    void start(IncomingIntroductions in, OutgoingIntroductions out) {
        incoming = in;
        outgoing = out;
    }

    /**
     * Sends a frame, again and again until the peer has it.
     *
     * @return false if the connection is not open, or 64 frames wait for their acknowledgement
     */
    public boolean offer(IntroductionFrame frame) {
        return outgoing != null && lifecycle.phase().isOpen() && outgoing.offer(frame);
    }

    /** The next frame that has arrived, or null. To be polled after each {@link ConnectionEvent#INTRODUCTIONS}: 32 are kept. */
    public @Nullable IntroductionFrame poll() {
        return incoming == null ? null : incoming.poll();
    }
}
