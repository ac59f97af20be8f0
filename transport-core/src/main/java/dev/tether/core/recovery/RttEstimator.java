package dev.tether.core.recovery;

/**
 * Round-trip estimation of RFC 9002, section 5: the latest, the smallest and the smoothed round-trip time and its
 * variation, all in nanoseconds. Not thread-safe.
 */
public final class RttEstimator {

    /** What is assumed before the first sample, 333 ms (RFC 9002, section 6.2.2). */
    public static final long INITIAL_RTT_NS = 333_000_000L;

    /** The assumed granularity of timers, 1 ms (RFC 9002, section 6.1.2). */
    public static final long GRANULARITY_NS = 1_000_000L;

    private final long initialRttNs;
    private long sampleCount;
    private boolean pathSampled;
    private boolean renewMin;
    private long latestNs;
    private long minNs;
    private long smoothedNs;
    private long variationNs;

    /**
     * An estimator without samples.
     *
     * @param initialRttNs what to assume until the first sample, usually {@link #INITIAL_RTT_NS}; positive
     */
    public RttEstimator(long initialRttNs) {
        if (initialRttNs <= 0) {
            throw new IllegalArgumentException("the initial round-trip time must be positive, not " + initialRttNs);
        }
        this.initialRttNs = initialRttNs;
        reset();
    }

    /** How many samples have been taken since the start, resets included; tells a new sample from an old one. */
    public long sampleCount() {
        return sampleCount;
    }

    /** The latest sample, or the initial value; at least 1 ns. */
    public long latestNs() {
        return latestNs;
    }

    /** The smallest sample on this path, not adjusted for acknowledgment delay, or the initial value; at least 1 ns. */
    public long minNs() {
        return minNs;
    }

    /** The smoothed round-trip time, or the initial value; at least 1 ns. */
    public long smoothedNs() {
        return smoothedNs;
    }

    /** The mean variation of the samples ({@code rttvar}). */
    public long variationNs() {
        return variationNs;
    }

    /**
     * The probe timeout without backoff: {@code smoothed_rtt + max(4 * rttvar, kGranularity) + max_ack_delay} (RFC 9002,
     * section 6.2.1).
     *
     * @param maxAckDelayNs the longest time by which the peer may delay an acknowledgment
     */
    public long ptoNs(long maxAckDelayNs) {
        return smoothedNs + Math.max(4 * variationNs, GRANULARITY_NS) + maxAckDelayNs;
    }

    /**
     * Takes a sample (RFC 9002, section 5.3).
     *
     * @param rttNs the time from sending a packet to receiving its acknowledgment; less than 1 ns counts as 1 ns
     * @param ackDelayNs the delay that the peer says it added; more than {@code maxAckDelayNs} is not believed
     * @param maxAckDelayNs the longest delay that the peer promised
     */
    public void onSample(long rttNs, long ackDelayNs, long maxAckDelayNs) {
        latestNs = Math.max(1, rttNs);
        sampleCount++;
        if (!pathSampled) {
            minNs = latestNs;
            smoothedNs = latestNs;
            variationNs = latestNs / 2;
            pathSampled = true;
            renewMin = false;
            return;
        }
        minNs = renewMin ? latestNs : Math.min(minNs, latestNs);
        renewMin = false;
        long delayNs = Math.min(ackDelayNs, maxAckDelayNs);
        long adjustedNs = latestNs - minNs >= delayNs ? latestNs - delayNs : latestNs;
        variationNs = (3 * variationNs + Math.abs(smoothedNs - adjustedNs)) / 4;
        smoothedNs = Math.max(1, (7 * smoothedNs + adjustedNs) / 8);
    }

    /** Lets the next sample replace the minimum, which may belong to another route (RFC 9002, section 5.2). */
    public void onPersistentCongestion() {
        renewMin = true;
    }

    /** Forgets every sample: the path has changed (RFC 9000, section 9.4). */
    public void reset() {
        pathSampled = false;
        renewMin = false;
        latestNs = initialRttNs;
        minNs = initialRttNs;
        smoothedNs = initialRttNs;
        variationNs = initialRttNs / 2;
    }
}
