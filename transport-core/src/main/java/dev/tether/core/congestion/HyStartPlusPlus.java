package dev.tether.core.congestion;

import dev.tether.core.recovery.RttEstimator;

/**
 * HyStart++ (RFC 9406): leaves the first slow start when the round-trip time begins to rise, before the queue overflows.
 * The rise is confirmed by some rounds of conservative slow start, from which a false alarm leads back.
 */
final class HyStartPlusPlus {

    /** The constants of RFC 9406, section 4.3. The limit L is infinite there for a paced sender, as ours. */
    static final long MIN_RTT_THRESHOLD_NS = 4_000_000L;

    static final long MAX_RTT_THRESHOLD_NS = 16_000_000L;
    static final int MIN_RTT_DIVISOR = 8;
    static final int RTT_SAMPLES = 8;
    static final int CSS_GROWTH_DIVISOR = 4;
    static final int CSS_ROUNDS = 5;

    private static final long INFINITE = Long.MAX_VALUE;

    enum Phase {
        SLOW_START,
        CONSERVATIVE_SLOW_START,
        /** Slow start is over; the caller enters congestion avoidance. */
        DONE
    }

    private Phase phase = Phase.SLOW_START;
    private long lastRoundMinNs = INFINITE;
    private long currentRoundMinNs = INFINITE;
    private int roundSamples;
    private long samplesSeen;
    private long cssBaselineMinNs = INFINITE;
    private int cssRounds;

    Phase phase() {
        return phase;
    }

    /** By how many bytes the window grows for so many acknowledged ones. */
    double growth(long ackedBytes) {
        return phase == Phase.CONSERVATIVE_SLOW_START ? (double) ackedBytes / CSS_GROWTH_DIVISOR : ackedBytes;
    }

    /**
     * Takes notice of an acknowledgment during slow start (RFC 9406, section 4.2).
     *
     * @param newRound whether it is the first of a round trip
     */
    void onAck(boolean newRound, RttEstimator rtt) {
        if (phase == Phase.DONE) {
            return;
        }
        if (newRound) {
            beginRound();
        }
        if (rtt.sampleCount() == samplesSeen) {
            return;
        }
        samplesSeen = rtt.sampleCount();
        currentRoundMinNs = Math.min(currentRoundMinNs, rtt.latestNs());
        roundSamples++;
        if (roundSamples >= RTT_SAMPLES) {
            judgeRound();
        }
    }

    /** The delay by which a round must exceed the one before: an eighth, from 4 to 16 ms. */
    static long rttThresholdNs(long lastRoundMinNs) {
        return Math.max(MIN_RTT_THRESHOLD_NS, Math.min(lastRoundMinNs / MIN_RTT_DIVISOR, MAX_RTT_THRESHOLD_NS));
    }

    private void beginRound() {
        if (phase == Phase.CONSERVATIVE_SLOW_START) {
            cssRounds++;
            if (cssRounds >= CSS_ROUNDS) {
                phase = Phase.DONE;
            }
        }
        lastRoundMinNs = currentRoundMinNs;
        currentRoundMinNs = INFINITE;
        roundSamples = 0;
    }

    private void judgeRound() {
        if (phase == Phase.SLOW_START) {
            boolean rises =
                    lastRoundMinNs != INFINITE && currentRoundMinNs >= lastRoundMinNs + rttThresholdNs(lastRoundMinNs);
            if (rises) {
                phase = Phase.CONSERVATIVE_SLOW_START;
                cssBaselineMinNs = currentRoundMinNs;
                cssRounds = 0;
            }
        } else if (phase == Phase.CONSERVATIVE_SLOW_START && currentRoundMinNs < cssBaselineMinNs) {
            phase = Phase.SLOW_START;
            cssBaselineMinNs = INFINITE;
        }
    }
}
