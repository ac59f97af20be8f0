package dev.tether.core.recovery;

/**
 * The decision whether a packet is lost (RFC 9002, section 6.1), as functions without state. The outcome is one
 * {@code long}, because it is asked for per packet: {@link #LOST}, or the time at which the packet will count as lost if
 * nothing is heard of it.
 */
final class LossDetector {

    /** The outcome for a packet that is lost. */
    static final long LOST = Long.MIN_VALUE;

    /** How many packets after it must be acknowledged at least ({@code kPacketThreshold}, section 6.1.1). */
    static final int PACKET_THRESHOLD = 3;

    /** The eighths of a round trip that a packet may be late: 9/8 ({@code kTimeThreshold}, section 6.1.2). */
    static final int TIME_THRESHOLD_EIGHTHS = 9;

    private LossDetector() {}

    /** How long after sending, at least, a packet counts as lost once a later one has been acknowledged (section 6.1.2). */
    static long lossDelayNs(long latestRttNs, long smoothedRttNs, int timeThresholdEighths) {
        long delayNs = Math.max(latestRttNs, smoothedRttNs) * timeThresholdEighths / 8;
        return Math.max(delayNs, RttEstimator.GRANULARITY_NS);
    }

    /**
     * Decides about a packet that was sent before one that has been acknowledged.
     *
     * @param packetNumber its number, below {@code largestAcked}
     * @param sentNs when it was sent
     * @param largestAcked the largest number acknowledged so far
     * @param packetThreshold how far {@code largestAcked} may be ahead, exclusive
     * @param lossDelayNs from {@link #lossDelayNs}
     * @return {@link #LOST}, or the deadline of the time threshold
     */
    static long detect(
            long packetNumber, long sentNs, long largestAcked, int packetThreshold, long lossDelayNs, long nowNs) {
        boolean tooFarBehind = largestAcked - packetNumber >= packetThreshold;
        boolean tooLate = sentNs + lossDelayNs <= nowNs;
        return tooFarBehind || tooLate ? LOST : sentNs + lossDelayNs;
    }
}
