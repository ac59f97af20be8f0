package dev.tether.core.stream;

import org.jspecify.annotations.Nullable;

/**
 * The send buffer that all streams of a connection share: how many bytes each may have written and not yet acknowledged, and
 * which streams wait until they may write more. Not thread-safe.
 *
 * <p><b>The share of a stream.</b> A stream may hold as many bytes as remain free: the dynamic threshold of A. K. Choudhury
 * and E. L. Hahne, "Dynamic Queue Length Thresholds for Shared-Memory Packet Switches" (IEEE/ACM Transactions on Networking
 * 6(2), 1998), with alpha 1. One stream takes half of the bound, two a third each, n streams 1/(n+1) each, and what is left
 * is there for a newcomer. However little is free, a stream may hold {@link #least()} bytes. The streams hold no more
 * than the bound and that for each of them.
 *
 * <p><b>Waking.</b> A waiting stream is due when it has worthwhile room: an eighth of what it holds, and half of
 * {@link #least()}. The one that holds the least is due first, so that one look at it answers for all, whosever bytes were
 * acknowledged. Room is looked at when {@link #pollWritable()} asks, as the one that is woken first may take it.
 */
final class SendBudget {

    private static final int LEAST = 1024;
    private static final int LEAST_SHIFT = 10;
    private static final int WORTHWHILE_SHIFT = 3;

    private final WaitingStreams waiting = new WaitingStreams();
    private int bound;
    private long used;

    SendBudget(int bound) {
        this.bound = bound;
    }

    /** How many bytes all streams together may hold, beside what each may in any case. */
    int bound() {
        return bound;
    }

    /** Changes the bound. What is held stays, also beyond it. */
    void setBound(int bound) {
        this.bound = bound;
    }

    /** How many bytes all streams hold. */
    long used() {
        return used;
    }

    /** How many bytes a stream may hold in any case: a 1024th of the bound, 1 KiB at least. */
    int least() {
        return Math.max(LEAST, bound >> LEAST_SHIFT);
    }

    /** How many more bytes a stream may write that holds {@code held}. */
    long room(long held) {
        long share = (bound - used - held) >> 1;
        return Math.max(0, Math.max(share, least() - held));
    }

    void take(long bytes) {
        used += bytes;
    }

    void giveBack(SendStream stream, long bytes) {
        used -= bytes;
        waiting.update(stream);
    }

    /** The stream waits for room; harmless if it does already. */
    void await(SendStream stream) {
        if (!waiting.add(stream)) {
            waiting.update(stream);
        }
    }

    /** The stream waits no more, if it did. */
    void stopWaiting(SendStream stream) {
        waiting.remove(stream);
    }

    /** Takes out a stream that waits and has worthwhile room, or returns null. */
    @Nullable
    SendStream pollWritable() {
        SendStream first = firstWritable();
        if (first != null) {
            waiting.remove(first);
        }
        return first;
    }

    /** Whether {@link #pollWritable} has one. */
    boolean hasWritable() {
        return firstWritable() != null;
    }

    private @Nullable SendStream firstWritable() {
        SendStream first = waiting.first();
        return first == null || room(first.held()) < worthwhile(first.held()) ? null : first;
    }

    private long worthwhile(long held) {
        return Math.max(held >> WORTHWHILE_SHIFT, least() >> 1);
    }
}
