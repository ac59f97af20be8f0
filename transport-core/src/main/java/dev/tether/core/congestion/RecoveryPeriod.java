package dev.tether.core.congestion;

/**
 * The recovery period of RFC 9002, section 7.3.2: it begins with a reaction to loss and lasts until a packet sent during
 * it is acknowledged. Losses of packets sent before it ask for no second reaction.
 */
final class RecoveryPeriod {

    private long startNs = Long.MIN_VALUE;

    /** Whether a packet was sent before the present or latest period began. */
    boolean covers(long sentNs) {
        return sentNs <= startNs;
    }

    void begin(long nowNs) {
        startNs = nowNs;
    }

    /** Ends the period; no packet counts as sent before it any more. */
    void end() {
        startNs = Long.MIN_VALUE;
    }
}
