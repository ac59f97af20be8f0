package dev.tether.core.recovery;

/**
 * The receiving side of acknowledgments (RFC 9000, section 13.2): which packet numbers arrived, and when to say so.
 *
 * <p>An acknowledgment is due
 *
 * <ul>
 *   <li>at once, when an ack-eliciting packet arrives out of order or behind a gap (section 13.2.1);
 *   <li>when as many ack-eliciting packets wait for it as the ack threshold says;
 *   <li>otherwise when the oldest of them has waited for the maximum ack delay.
 * </ul>
 *
 * The ack threshold is {@value #MIN_ACK_THRESHOLD} (section 13.2.2). In bulk it grows: after every
 * {@value #PACKETS_TO_GROW} ack-eliciting packets that arrived in order it doubles, up to {@value #MAX_ACK_THRESHOLD}. A
 * gap, and an acknowledgment that had to wait for the maximum ack delay (which means that this is no bulk, or that the
 * sender's window is smaller than the threshold), bring it back. {@link #isAckDue} may be asked once per batch of packets,
 * so that one acknowledgment answers the batch.
 *
 * <p>Times are in nanoseconds. Not thread-safe; allocates only while the number of ranges reaches a new maximum.
 */
public final class AckTracker {

    /** The delay after which an acknowledgment is sent at the latest, 25 ms (RFC 9000, section 18.2). */
    public static final long DEFAULT_MAX_ACK_DELAY_NS = 25_000_000L;

    /** How many ranges of packet numbers are remembered at most; the oldest are dropped (section 13.2.3). */
    public static final int MAX_RANGES = 64;

    /** The value of {@link #ackDeadlineNs()} that means "no acknowledgment is pending". */
    public static final long NO_DEADLINE = Long.MAX_VALUE;

    static final int MIN_ACK_THRESHOLD = 2;
    static final int MAX_ACK_THRESHOLD = 10;
    static final int PACKETS_TO_GROW = 100;

    /** One in so many ACK frames asks for an acknowledgment of itself (section 13.2.4). */
    static final int ACKS_TO_ELICIT = 32;

    private final long maxAckDelayNs;
    private final PacketNumberRanges received = new PacketNumberRanges(MAX_RANGES);
    private long largestReceivedNs;
    private long largestAckEliciting = -1;
    private long smallestPending = Long.MAX_VALUE;
    private int pendingCount;
    private long ackDeadlineNs = NO_DEADLINE;
    private boolean waitsForDelay;
    private int ackThreshold = MIN_ACK_THRESHOLD;
    private int inOrderCount;
    private int acksSinceAckOfAck;

    /**
     * A tracker that has received nothing.
     *
     * @param maxAckDelayNs how long an acknowledgment may wait, as promised to the peer
     */
    public AckTracker(long maxAckDelayNs) {
        this.maxAckDelayNs = maxAckDelayNs;
    }

    /**
     * Whether a packet with this number was received already, or is so old that it might have been (RFC 9000, section
     * 13.2.3).
     */
    public boolean isDuplicate(long packetNumber) {
        return received.contains(packetNumber);
    }

    /**
     * Records a packet that was authenticated and processed.
     *
     * @return false if it {@linkplain #isDuplicate is a duplicate}, or if there is no room to remember anything so old;
     *     then nothing is recorded, it will not be acknowledged, and its frames are not to be processed
     */
    public boolean onPacketReceived(long packetNumber, boolean ackEliciting, long nowNs) {
        if (!received.add(packetNumber)) {
            return false;
        }
        if (packetNumber == received.largest(0)) {
            largestReceivedNs = nowNs;
        }
        if (ackEliciting) {
            onAckEliciting(packetNumber, nowNs);
        }
        return true;
    }

    /** Whether an ack-eliciting packet waits for its acknowledgment, so that a packet sent anyway should carry an ACK. */
    public boolean hasPendingAck() {
        return pendingCount > 0;
    }

    /** Whether an ACK has to be sent now, in a packet of its own if need be. */
    public boolean isAckDue(long nowNs) {
        return nowNs >= ackDeadlineNs;
    }

    /**
     * When {@link #isAckDue} becomes true: in the past if it is, {@link #NO_DEADLINE} if no acknowledgment is pending.
     */
    public long ackDeadlineNs() {
        return ackDeadlineNs;
    }

    /** The latest packet asks for its acknowledgment at once, because it has a PING. docs/PROTOCOL.md, "Acknowledgements". */
    public void requestImmediateAck(long nowNs) {
        if (pendingCount > 0) {
            setDue(nowNs);
        }
    }

    /**
     * Whether the ACK to be sent now should share its packet with a PING (or any ack-eliciting frame), because the peer
     * has acknowledged none for long, and there are ranges to forget (RFC 9000, section 13.2.4).
     */
    public boolean shouldElicitAck() {
        return received.count() > 1 && (acksSinceAckOfAck + 1) % ACKS_TO_ELICIT == 0;
    }

    /** The number of ranges in an ACK frame sent now; at least 1 if {@link #hasPendingAck()}. */
    public int rangeCount() {
        return received.count();
    }

    /** The smallest number of a range. Ranges are indexed as in an ACK frame: 0 is that with the largest numbers. */
    public long rangeSmallest(int index) {
        return received.smallest(index);
    }

    /** The largest number of a range, indexed in the same way; of range 0, the "Largest Acknowledged" of the frame. */
    public long rangeLargest(int index) {
        return received.largest(index);
    }

    /** How long ago the packet with the largest number arrived: the "ACK Delay" of a frame sent now, not yet encoded. */
    public long ackDelayNs(long nowNs) {
        return Math.max(0, nowNs - largestReceivedNs);
    }

    /** An ACK frame with all ranges has been sent. */
    public void onAckSent(long nowNs) {
        if (waitsForDelay && nowNs >= ackDeadlineNs) {
            restartThreshold();
        }
        pendingCount = 0;
        smallestPending = Long.MAX_VALUE;
        ackDeadlineNs = NO_DEADLINE;
        waitsForDelay = false;
        acksSinceAckOfAck++;
    }

    /**
     * The peer has acknowledged a packet of ours that carried an ACK frame: what that frame told need not be told again
     * (RFC 9000, section 13.2.4).
     *
     * @param largestAckedInThatFrame its "Largest Acknowledged"
     */
    public void onAckOfAck(long largestAckedInThatFrame) {
        acksSinceAckOfAck = 0;
        // A packet that filled a gap since then still has to be acknowledged once.
        received.forgetUpTo(Math.min(largestAckedInThatFrame, smallestPending - 1));
    }

    private void onAckEliciting(long packetNumber, long nowNs) {
        pendingCount++;
        smallestPending = Math.min(smallestPending, packetNumber);
        if (isOutOfOrder(packetNumber)) {
            restartThreshold();
            setDue(nowNs);
        } else {
            if (pendingCount >= ackThreshold) {
                setDue(nowNs);
            } else if (ackDeadlineNs == NO_DEADLINE) {
                ackDeadlineNs = nowNs + maxAckDelayNs;
                waitsForDelay = true;
            }
            growThreshold();
        }
        largestAckEliciting = Math.max(largestAckEliciting, packetNumber);
    }

    /** Section 13.2.1: below the largest ack-eliciting number so far, or above it with numbers missing between. */
    private boolean isOutOfOrder(long packetNumber) {
        if (largestAckEliciting < 0) {
            return false;
        }
        return packetNumber < largestAckEliciting || !received.isGapless(largestAckEliciting, packetNumber);
    }

    private void setDue(long nowNs) {
        ackDeadlineNs = Math.min(ackDeadlineNs, nowNs);
        waitsForDelay = false;
    }

    private void growThreshold() {
        inOrderCount++;
        if (inOrderCount == PACKETS_TO_GROW) {
            inOrderCount = 0;
            ackThreshold = Math.min(2 * ackThreshold, MAX_ACK_THRESHOLD);
        }
    }

    private void restartThreshold() {
        inOrderCount = 0;
        ackThreshold = MIN_ACK_THRESHOLD;
    }
}
