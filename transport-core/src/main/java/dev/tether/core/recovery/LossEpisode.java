package dev.tether.core.recovery;

/**
 * The losses that make up one congestion event: those of packets sent before the first of them was noticed (RFC 9002,
 * section 7.3.2). Counts them, to notice when every one of them has turned out to be merely late, so that the reaction
 * to the event can be undone.
 */
final class LossEpisode {

    /** Number 0 is what packets carry that are in no episode. */
    private int episode = 1;

    private long startNs = Long.MIN_VALUE;
    private int missing;

    /** Enters a packet that has just been declared lost; true if it begins a new episode. */
    boolean onLost(SentPacket packet, long nowNs) {
        boolean isNew = packet.sentNs > startNs;
        if (isNew) {
            close();
            startNs = nowNs;
        }
        packet.lossEpisode = episode;
        missing++;
        return isNew;
    }

    /** A packet declared lost has been acknowledged; true if it was the last one missing of the current episode. */
    boolean onSpuriousLoss(SentPacket packet) {
        return packet.lossEpisode == episode && --missing == 0;
    }

    /** Ends the episode: whatever becomes of its packets, the reaction to it stands. */
    void close() {
        episode++;
        startNs = Long.MIN_VALUE;
        missing = 0;
    }
}
