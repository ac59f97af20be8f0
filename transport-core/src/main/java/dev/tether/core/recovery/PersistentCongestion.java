package dev.tether.core.recovery;

/**
 * Detects persistent congestion (RFC 9002, section 7.6): two ack-eliciting packets were lost that were sent far apart, and
 * nothing sent between them was acknowledged. To be fed with all settled packets in the order in which they were sent.
 */
final class PersistentCongestion {

    /** {@code kPersistentCongestionThreshold} (section 7.6.1). */
    static final int THRESHOLD = 3;

    private static final long NONE = Long.MIN_VALUE;

    private long firstLostSentNs = NONE;

    /** How far apart the two packets must have been sent, more than (section 7.6.1). */
    static long durationNs(long ptoNs) {
        return ptoNs * THRESHOLD;
    }

    /**
     * An ack-eliciting packet, sent after the first round-trip sample, was lost.
     *
     * @return whether that establishes persistent congestion; if so, the next one needs losses of its own
     */
    boolean onLost(long sentNs, long durationNs) {
        if (firstLostSentNs == NONE) {
            firstLostSentNs = sentNs;
        }
        boolean persistent = sentNs - firstLostSentNs > durationNs;
        if (persistent) {
            firstLostSentNs = NONE;
        }
        return persistent;
    }

    /** A packet was acknowledged, perhaps after it had been declared lost: what was lost before it no longer counts. */
    void onAcked() {
        firstLostSentNs = NONE;
    }
}
