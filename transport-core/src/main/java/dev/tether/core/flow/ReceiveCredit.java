package dev.tether.core.flow;

/**
 * How many bytes the peer may send, on one stream or on all streams together. The limit is what the application has
 * consumed plus a window, so that an application that stops reading stops the peer. Not thread-safe. Source: RFC 9000 §4.
 *
 * <p><b>When the limit is raised.</b> An update is due when it adds an eighth of the window: what is consumed and not
 * announced is missing in what can be under way on a long path. While the application holds bytes back (a connection with a
 * stalled stream) it is also due when it would at least double what the peer may still send, so that updates become smaller
 * instead of ending, but not below 1/64 of the window: smaller ones would answer every small read with a frame.
 *
 * <p><b>How the window grows.</b> It doubles whenever half of it is consumed in less than two round trips: then the window
 * and not the application or the path is what limits the peer. So it ends at 4 to 8 times what is consumed in one round trip,
 * which is room for one round trip and for the repair of a loss, or at its maximum.
 *
 * <p><b>Credit of a connection</b> is shared by streams, some of which may have no reader while others go on. So its window
 * also doubles, up to its maximum, when more than half of it is received and not consumed; and as long as streams without
 * reader hold nearly all of its maximum, updates may be as small as what is left for the others.
 */
public final class ReceiveCredit {

    /** What became of received bytes. */
    public enum Outcome {
        /** The bytes are within the limit and were counted. */
        WITHIN_LIMIT,
        /** The peer sent more than it may: FLOW_CONTROL_ERROR. Nothing was counted. */
        LIMIT_EXCEEDED
    }

    private static final int UPDATE_SHIFT = 3;
    private static final int LEAST_UPDATE_SHIFT = 6;

    private final long maxWindow;
    private final boolean shared;
    private long window;
    private long limit;
    private long received;
    private long consumed;
    private long epochConsumed;
    private long epochStartNs;
    private boolean epochStarted;
    private boolean updateLost;

    /**
     * Credit of a stream of which nothing is used.
     *
     * @param window what the peer may send at first, in bytes; at least 1
     * @param maxWindow what the window may grow to, in bytes; not below {@code window}
     */
    public ReceiveCredit(long window, long maxWindow) {
        this(window, maxWindow, false);
    }

    private ReceiveCredit(long window, long maxWindow, boolean shared) {
        if (window < 1 || maxWindow < window) {
            throw new IllegalArgumentException("a window of " + window + " that may grow to " + maxWindow);
        }
        this.window = window;
        this.maxWindow = maxWindow;
        this.shared = shared;
        this.limit = window;
    }

    /** Credit of a connection of which nothing is used; the arguments are those of {@link #ReceiveCredit(long, long)}. */
    public static ReceiveCredit ofConnection(long window, long maxWindow) {
        return new ReceiveCredit(window, maxWindow, true);
    }

    /**
     * Counts bytes of the peer.
     *
     * @param delta by how many bytes the highest received offset rose (on a connection: the sum over its streams)
     */
    public Outcome onReceived(long delta) {
        if (delta > limit - received) {
            return Outcome.LIMIT_EXCEEDED;
        }
        received += delta;
        if (shared && unconsumed() > window / 2) {
            growTo(2 * window);
        }
        return Outcome.WITHIN_LIMIT;
    }

    /** Counts bytes that the application has read, or that were discarded on its behalf. */
    public void onConsumed(long bytes) {
        consumed += bytes;
    }

    /** The limit that was announced last, in bytes from the start. */
    public long limit() {
        return limit;
    }

    /** The present window, in bytes. */
    public long window() {
        return window;
    }

    /** How many received bytes were not consumed. */
    public long unconsumed() {
        return received - consumed;
    }

    /** The limit that an update would announce now, in bytes from the start, before any growth of the window. */
    public long nextLimit() {
        return Math.max(limit, consumed + window);
    }

    /** Whether a MAX_DATA or MAX_STREAM_DATA frame should be sent. RFC 9000 §4.2. */
    public boolean isUpdateDue() {
        long added = consumed + window - limit;
        long least = shared ? 1 : Math.max(1, window >> LEAST_UPDATE_SHIFT);
        return updateLost || added >= least && added >= Math.min(Math.max(1, window >> UPDATE_SHIFT), limit - received);
    }

    /**
     * Raises the limit and lets the window grow if it is what limits the peer. To be called when the update is written.
     *
     * @return the limit to announce
     */
    public long update(long nowNs, long smoothedRttNs) {
        updateLost = false;
        if (consumed - epochConsumed >= window / 2) {
            if (epochStarted && nowNs - epochStartNs < 2 * smoothedRttNs) {
                window = Math.min(maxWindow, 2 * window);
            }
            epochStarted = true;
            epochStartNs = nowNs;
            epochConsumed = consumed;
        }
        limit = nextLimit();
        return limit;
    }

    /** An update with this limit was lost; unless a later one was sent, it becomes due again, with the then current limit. */
    public void onUpdateLost(long lostLimit) {
        updateLost |= lostLimit == limit;
    }

    /** Lets the window grow to {@code least} bytes, though not beyond its maximum; it never shrinks. */
    public void growTo(long least) {
        window = Math.max(window, Math.min(least, maxWindow));
    }
}
