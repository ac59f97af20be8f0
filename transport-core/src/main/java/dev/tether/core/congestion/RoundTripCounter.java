package dev.tether.core.congestion;

/** Divides time into rounds: one ends when a packet is acknowledged that was sent after it began. */
final class RoundTripCounter {

    private long startNs = Long.MIN_VALUE;

    /**
     * Takes notice of an acknowledgment.
     *
     * @param largestAckedSentNs when the largest packet of it was sent
     * @return whether a new round begins with it
     */
    boolean onAck(long largestAckedSentNs, long nowNs) {
        // A packet sent at the very instant at which the round began was sent in response to that acknowledgment.
        boolean begins = largestAckedSentNs >= startNs;
        if (begins) {
            startNs = nowNs;
        }
        return begins;
    }
}
