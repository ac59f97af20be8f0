package dev.tether.core.recovery;

/**
 * What the latest call of {@link LossRecovery#onAckReceived} or {@link LossRecovery#onTimeout} changed, for congestion
 * control. One instance lives as long as its {@link LossRecovery}; each of these calls overwrites it.
 */
public final class RecoverySummary {

    long ackedBytes;
    boolean ackElicitingAcked;
    long largestAckedSentNs;
    long lostBytes;
    long largestLostSentNs;
    boolean persistentCongestion;
    boolean rttUpdated;
    boolean spuriousCongestion;
    long deliveredBytes;
    long deliveryIntervalNs;
    boolean deliveryAppLimited;

    RecoverySummary() {}

    /** The bytes in flight that were newly acknowledged. Packets of an earlier path do not count. */
    public long ackedBytes() {
        return ackedBytes;
    }

    /** Whether any ack-eliciting packet was newly acknowledged. */
    public boolean isAckElicitingAcked() {
        return ackElicitingAcked;
    }

    /** When the largest packet of {@link #ackedBytes()} was sent; meaningless if that is 0. */
    public long largestAckedSentNs() {
        return largestAckedSentNs;
    }

    /** The bytes newly lost, as far as their loss says something about congestion of the present path. */
    public long lostBytes() {
        return lostBytes;
    }

    /** When the largest packet of {@link #lostBytes()} was sent; meaningless if that is 0. */
    public long largestLostSentNs() {
        return largestLostSentNs;
    }

    /** Whether persistent congestion was established (RFC 9002, section 7.6). */
    public boolean isPersistentCongestion() {
        return persistentCongestion;
    }

    /** Whether there was a new round-trip sample. */
    public boolean isRttUpdated() {
        return rttUpdated;
    }

    /**
     * Whether every loss of the latest congestion event has now turned out to be spurious, so that the reaction to it may
     * be undone (RFC 9438, section 4.9).
     */
    public boolean isSpuriousCongestion() {
        return spuriousCongestion;
    }

    /** The rate at which the peer acknowledged data lately, in bytes per second; 0 if there was no sample. */
    public long deliveryRateBytesPerSecond() {
        return deliveryIntervalNs <= 0 ? 0 : (long) (deliveredBytes * 1e9 / deliveryIntervalNs);
    }

    /** Whether the sender was short of data during that sample, so that the path may be able to carry more. */
    public boolean isDeliveryAppLimited() {
        return deliveryAppLimited;
    }

    void reset() {
        ackedBytes = 0;
        ackElicitingAcked = false;
        largestAckedSentNs = 0;
        lostBytes = 0;
        largestLostSentNs = 0;
        persistentCongestion = false;
        rttUpdated = false;
        spuriousCongestion = false;
        deliveredBytes = 0;
        deliveryIntervalNs = 0;
        deliveryAppLimited = false;
    }
}
