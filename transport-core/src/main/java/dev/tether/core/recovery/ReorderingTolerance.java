package dev.tether.core.recovery;

/**
 * How much reordering loss detection tolerates. It starts with the thresholds of RFC 9002, section 6.1, widens them when
 * a packet that was declared lost arrives after all (section 6.1.1 allows it; RFC 8985, section 4, has the same idea), and
 * returns to them after {@value #EPISODES_TO_FORGET} loss episodes in which nothing was declared lost wrongly.
 */
final class ReorderingTolerance {

    /** Beyond this distance, or beyond two round trips, late is as good as lost. */
    static final int MAX_PACKET_THRESHOLD = 64;

    static final int MAX_TIME_THRESHOLD_EIGHTHS = 16;

    /** As in RFC 8985, section 6.2, step 4. */
    static final int EPISODES_TO_FORGET = 16;

    private int packetThreshold = LossDetector.PACKET_THRESHOLD;
    private int timeThresholdEighths = LossDetector.TIME_THRESHOLD_EIGHTHS;
    private int episodesSinceSpurious;

    int packetThreshold() {
        return packetThreshold;
    }

    int timeThresholdEighths() {
        return timeThresholdEighths;
    }

    /**
     * A packet that was declared lost has been acknowledged.
     *
     * @param distance how far the largest acknowledged number was ahead of it
     */
    void onSpuriousLoss(long distance) {
        packetThreshold = (int) Math.max(packetThreshold, Math.min(distance + 1, MAX_PACKET_THRESHOLD));
        // Once an episode: its packets were late together, for one reason.
        if (episodesSinceSpurious > 0 || timeThresholdEighths == LossDetector.TIME_THRESHOLD_EIGHTHS) {
            timeThresholdEighths = Math.min(timeThresholdEighths + 1, MAX_TIME_THRESHOLD_EIGHTHS);
        }
        episodesSinceSpurious = 0;
    }

    /** A new loss episode begins. */
    void onLossEpisode() {
        episodesSinceSpurious++;
        if (episodesSinceSpurious > EPISODES_TO_FORGET) {
            packetThreshold = LossDetector.PACKET_THRESHOLD;
            timeThresholdEighths = LossDetector.TIME_THRESHOLD_EIGHTHS;
        }
    }
}
