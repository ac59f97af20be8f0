package dev.tether.core.congestion;

/**
 * Whether the sender uses its congestion window (RFC 9002, section 7.8): a window that was not used has not been tested,
 * and must not grow. A sender that is held back by the window or the pacer uses it by definition; one that is short of
 * data at the moment does if it filled the window in this round trip or the one before.
 */
final class WindowUsage {

    private long bytesInFlight;
    private long peak;
    private long previousPeak;

    /** Whether nothing is in flight. */
    boolean isIdle() {
        return bytesInFlight == 0;
    }

    void onPacketSent(int bytes) {
        bytesInFlight += bytes;
        peak = Math.max(peak, bytesInFlight);
    }

    void onLost(long bytes) {
        bytesInFlight = Math.max(0, bytesInFlight - bytes);
    }

    /**
     * Takes notice of an acknowledgment.
     *
     * @param newBytesInFlight what is in flight after it
     * @param newRound whether it begins a new round trip
     */
    void onAck(long newBytesInFlight, boolean newRound) {
        bytesInFlight = newBytesInFlight;
        if (newRound) {
            previousPeak = peak;
            peak = newBytesInFlight;
        }
    }

    /** Whether the window was not used. Slow start is content with half of it, as the window doubles in a round trip. */
    boolean isUnderused(long window, boolean slowStart, boolean appLimited, int mtu) {
        long used = Math.max(peak, previousPeak);
        return appLimited && (slowStart ? 2 * used < window : used + mtu <= window);
    }
}
