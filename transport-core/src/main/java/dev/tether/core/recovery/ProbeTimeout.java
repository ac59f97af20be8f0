package dev.tether.core.recovery;

/** The probe timeout and its backoff (RFC 9002, section 6.2). */
final class ProbeTimeout {

    /** Backoff stops at 60 s, as that of TCP's retransmission timeout may (RFC 6298, section 2.5). */
    static final long MAX_NS = 60_000_000_000L;

    /** Beyond {@link #MAX_NS} for every base value of at least 58 us, and far from overflow. */
    private static final int MAX_SHIFT = 20;

    /** How soon another probe may follow when the peer is heard, however short the round trip. */
    static final long LEAST_PAUSE_NS = 1_000_000_000L;

    private int count;
    private int pendingProbes;
    private long lastAckElicitingSentNs;

    /** How often it has expired since something was acknowledged. */
    int count() {
        return count;
    }

    /** How many probes are still to be sent. */
    int pendingProbes() {
        return pendingProbes;
    }

    /**
     * When it expires next.
     *
     * @param baseNs the timeout without backoff
     */
    long deadlineNs(long baseNs) {
        long backedOffNs = Math.min(baseNs << Math.min(count, MAX_SHIFT), MAX_NS);
        return lastAckElicitingSentNs + Math.max(baseNs, backedOffNs);
    }

    void onAckElicitingSent(long nowNs) {
        lastAckElicitingSentNs = nowNs;
        pendingProbes = Math.max(0, pendingProbes - 1);
    }

    void onExpired() {
        count++;
        // Section 6.2.4: up to two. The first expiry may be due to one late acknowledgment, a second one hardly.
        pendingProbes = count == 1 ? 1 : 2;
    }

    /** Whether it has expired more than once, and nothing was sent for its time without backoff, and for a second. */
    boolean isBackedOff(long baseNs, long nowNs) {
        return count > 1 && nowNs >= lastAckElicitingSentNs + Math.max(baseNs, LEAST_PAUSE_NS);
    }

    /** One probe is to be sent, though it has not expired. */
    void request() {
        pendingProbes = Math.max(1, pendingProbes);
    }

    /** Something was acknowledged, or there is nothing left to probe for. */
    void reset() {
        count = 0;
        pendingProbes = 0;
    }
}
