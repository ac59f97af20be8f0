package dev.tether.core.connection;

import dev.tether.core.frame.IntroductionFrame;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** The frames of introductions that have arrived. What is too much for one that polls after each input is dropped. */
final class IncomingIntroductions {

    /** As many as one packet of the usual size can bring. */
    static final int MAX_FRAMES = 32;

    private final ArrayDeque<IntroductionFrame> frames = new ArrayDeque<>(1);
    private final ConnectionCounters counters;
    private boolean arrived;

    IncomingIntroductions(ConnectionCounters counters) {
        this.counters = counters;
    }

    void onFrame(IntroductionFrame frame) {
        if (frames.size() == MAX_FRAMES) {
            counters.introductionsDropped++;
            return;
        }
        frames.add(frame);
        arrived = true;
    }

    @Nullable
    IntroductionFrame poll() {
        return frames.poll();
    }

    /** Whether any has arrived since the last call. */
    boolean takeArrived() {
        boolean any = arrived;
        arrived = false;
        return any;
    }
}
