package dev.tether.core.flow;

/**
 * How many bytes the peer allows to be sent, on one stream or on all streams together. The peer only ever raises the limit.
 * Not thread-safe. Source: RFC 9000 §4.1.
 */
public final class SendCredit {

    private static final long NEVER = -1;

    private long limit;
    private long used;
    private long blockedReportedAt = NEVER;

    /**
     * Credit of which nothing is used.
     *
     * @param limit the peer's initial limit, in bytes from the start; 0 while it is unknown
     */
    public SendCredit(long limit) {
        this.limit = limit;
    }

    /** The peer's limit, in bytes from the start. */
    public long limit() {
        return limit;
    }

    /** How many bytes were consumed since the start. */
    public long used() {
        return used;
    }

    /** How many bytes may still be consumed. */
    public long available() {
        return limit - used;
    }

    /**
     * Uses up {@code amount} bytes.
     *
     * @throws IllegalArgumentException if more is consumed than {@link #available()}
     */
    public void consume(long amount) {
        if (amount < 0 || amount > available()) {
            throw new IllegalArgumentException(amount + " bytes to consume, " + available() + " available");
        }
        used += amount;
    }

    /**
     * Takes over a limit from the peer. A limit that is not above the present one is ignored, since frames may arrive out
     * of order (RFC 9000 §4.1).
     *
     * @return whether the limit rose
     */
    public boolean raise(long newLimit) {
        if (newLimit <= limit) {
            return false;
        }
        limit = newLimit;
        return true;
    }

    /**
     * Whether a sender that has more to send should tell the peer that it is blocked: all credit is used, and the peer was
     * not told so at this limit.
     */
    public boolean isBlockedFrameDue() {
        return used == limit && blockedReportedAt != limit;
    }

    /** A frame was sent that tells the peer that this side is blocked at {@link #limit()}. */
    public void onBlockedSent() {
        blockedReportedAt = limit;
    }

    /** Such a frame was lost; it becomes due again if it still says the truth. */
    public void onBlockedLost(long lostLimit) {
        if (lostLimit == blockedReportedAt) {
            blockedReportedAt = NEVER;
        }
    }
}
