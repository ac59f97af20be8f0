package dev.tether.core.recovery;

import dev.tether.core.recovery.SentPacket.State;
import java.util.function.Consumer;

/**
 * The sending side of RFC 9002: hands out packet numbers, remembers what was sent, and finds out from acknowledgments and
 * time what arrived and what was lost. One packet number space, the application's.
 *
 * <p>To send: {@link #beginPacket}, fill the packet's content, seal it, {@link #onPacketSent}. On an ACK frame:
 * {@link #onAckReceived}, then read {@link #summary()} and tell the congestion controller. After each of these,
 * {@link #timeoutNs()} says when {@link #onTimeout} is due.
 *
 * <p>A packet declared lost is remembered for two more probe timeouts: if its acknowledgment was only late, that is
 * reported, and loss detection becomes more tolerant of reordering. Not thread-safe; no method but {@link #beginPacket}
 * allocates, and that one only to grow.
 */
public final class LossRecovery {

    /** The timer value that means "no timer". */
    public static final long NO_TIMEOUT = Long.MAX_VALUE;

    private static final long NONE = Long.MIN_VALUE;

    private final SentPackets packets = new SentPackets();
    private final RttEstimator rtt;
    private final RecoverySummary summary = new RecoverySummary();
    private final ReorderingTolerance tolerance = new ReorderingTolerance();
    private final LossEpisode episode = new LossEpisode();
    private final PersistentCongestion persistentCongestion = new PersistentCongestion();
    private final ProbeTimeout probeTimeout = new ProbeTimeout();

    private long peerMaxAckDelayNs;
    private long largestAcked = -1;

    /** Every packet below this number is settled, and has been shown to {@link #persistentCongestion}. */
    private long settledBelow;

    /** Packets below this number belong to an earlier path. */
    private long pathStart;

    private long firstRttSampleNs = NONE;
    private int ackElicitingOutstanding;
    private long bytesInFlight;
    private long lossTimeNs = NO_TIMEOUT;
    private boolean appLimited;
    private long deliveredBytes;
    private long deliveredNs;

    /**
     * Recovery for a new connection.
     *
     * @param initialRttNs the round-trip time to assume at first, usually {@link RttEstimator#INITIAL_RTT_NS}
     * @param peerMaxAckDelayNs the longest time by which the peer delays acknowledgments
     */
    public LossRecovery(long initialRttNs, long peerMaxAckDelayNs) {
        rtt = new RttEstimator(initialRttNs);
        this.peerMaxAckDelayNs = peerMaxAckDelayNs;
    }

    /** Sets the longest time by which the peer delays acknowledgments, from its transport parameters. */
    public void setPeerMaxAckDelayNs(long peerMaxAckDelayNs) {
        this.peerMaxAckDelayNs = peerMaxAckDelayNs;
    }

    /** The round-trip estimate. */
    public RttEstimator rtt() {
        return rtt;
    }

    /** What the latest acknowledgment or timeout changed; overwritten by the next one. */
    public RecoverySummary summary() {
        return summary;
    }

    /** The bytes of the packets in flight. */
    public long bytesInFlight() {
        return bytesInFlight;
    }

    /** Whether any ack-eliciting packet is outstanding. */
    public boolean hasAckElicitingInFlight() {
        return ackElicitingOutstanding > 0;
    }

    /** All bytes in flight that the peer has ever acknowledged. */
    public long deliveredBytes() {
        return deliveredBytes;
    }

    /** How many probe timeouts have passed since the peer last acknowledged something. */
    public int ptoCount() {
        return probeTimeout.count();
    }

    /** The present probe timeout, without backoff, for the periods that are multiples of it (RFC 9002, section 6.2.1). */
    public long ptoNs() {
        return rtt.ptoNs(peerMaxAckDelayNs);
    }

    /** The number of ack-eliciting packets that are still to be sent as probes, regardless of the congestion window. */
    public int pendingProbes() {
        return probeTimeout.pendingProbes();
    }

    /** Has an ack-eliciting packet sent as a probe, though no timeout has expired. */
    public void requestProbe() {
        probeTimeout.request();
    }

    /** The largest packet number that the peer has acknowledged, or -1. */
    public long largestAcked() {
        return largestAcked;
    }

    /** The number that {@link #beginPacket} uses next. */
    public long nextPacketNumber() {
        return packets.nextNumber();
    }

    /** Whether the sender is short of data or credit rather than of congestion window, as set last. */
    public boolean isAppLimited() {
        return appLimited;
    }

    /** Says whether the sender is short of data or credit while the congestion window and the pacer would let it send. */
    public void setAppLimited(boolean appLimited) {
        this.appLimited = appLimited;
    }

    /** Leaves out the next packet number. A peer that acknowledges it did not see what it claims. */
    public void skipPacketNumber() {
        openSlot(packets.nextNumber() + 1);
    }

    /**
     * Begins a packet. Its number is not used up until {@link #onPacketSent}: a packet that was begun and has nothing to
     * carry may be abandoned, but one that was sealed must be reported as sent.
     */
    public SentPacket beginPacket(long nowNs) {
        SentPacket packet = openSlot(packets.nextNumber());
        packet.sentNs = nowNs;
        return packet;
    }

    /**
     * The packet has been sent (RFC 9002, appendix A.5).
     *
     * @param packet what {@link #beginPacket} returned last
     * @param size the bytes of the datagram
     * @param ackEliciting whether it carries anything but ACK, PADDING and CONNECTION_CLOSE
     * @param inFlight whether it counts toward the bytes in flight: it is ack-eliciting or has PADDING
     */
    public void onPacketSent(SentPacket packet, int size, boolean ackEliciting, boolean inFlight, long nowNs) {
        if (bytesInFlight == 0) {
            // Idle time is not part of a delivery rate.
            deliveredNs = nowNs;
        }
        packet.sentNs = nowNs;
        packet.size = size;
        packet.ackEliciting = ackEliciting;
        packet.inFlight = inFlight;
        packet.appLimited = appLimited;
        packet.deliveredBytesAtSend = deliveredBytes;
        packet.deliveredNsAtSend = deliveredNs;
        packets.commit(packet);
        if (inFlight) {
            bytesInFlight += size;
        }
        if (ackEliciting) {
            ackElicitingOutstanding++;
            probeTimeout.onAckElicitingSent(nowNs);
        }
    }

    /** Takes the round-trip time of the handshake as a first sample. */
    public void onHandshakeRtt(long rttNs, long nowNs) {
        sampleRtt(rttNs, 0, nowNs);
    }

    /**
     * Processes an ACK frame (RFC 9002, appendix A.7).
     *
     * @param ranges pairs of the smallest and the largest number, in descending order and not overlapping
     * @param rangeCount how many pairs, at least 1
     * @param ackDelayNs the delay that the frame states, in nanoseconds
     */
    public AckOutcome onAckReceived(
            long[] ranges, int rangeCount, long ackDelayNs, long nowNs, PacketOutcomes outcomes) {
        summary.reset();
        if (!packets.wereSent(ranges, rangeCount)) {
            return AckOutcome.INVALID_ACK;
        }
        long largestInFrame = ranges[1];
        long largestAckedBefore = largestAcked;
        largestAcked = Math.max(largestAcked, largestInFrame);

        long largestNewlyAcked = -1;
        for (int i = rangeCount - 1; i >= 0; i--) {
            long newlyAcked = ackRange(ranges[2 * i], ranges[2 * i + 1], largestAckedBefore, nowNs, outcomes);
            largestNewlyAcked = Math.max(largestNewlyAcked, newlyAcked);
        }
        if (largestNewlyAcked >= 0) {
            // RFC 9002, section 5.1.
            if (largestNewlyAcked == largestInFrame && largestInFrame >= pathStart && summary.ackElicitingAcked) {
                sampleRtt(nowNs - packets.get(largestInFrame).sentNs, ackDelayNs, nowNs);
                summary.rttUpdated = true;
            }
            detectLost(nowNs, outcomes);
            probeTimeout.reset();
        }
        release(nowNs);
        return largestNewlyAcked >= 0 ? AckOutcome.NEWLY_ACKED : AckOutcome.NOTHING_NEW;
    }

    /**
     * When {@link #onTimeout} is to be called, in nanoseconds; {@link #NO_TIMEOUT} for never (RFC 9002, appendix A.8).
     * Either the time at which a packet will count as lost, or the probe timeout.
     */
    public long timeoutNs() {
        if (lossTimeNs != NO_TIMEOUT) {
            return lossTimeNs;
        }
        return ackElicitingOutstanding == 0 ? NO_TIMEOUT : probeTimeout.deadlineNs(ptoNs());
    }

    /** Reacts to the loss detection timer (RFC 9002, appendix A.9). Does nothing if it has not expired. */
    public TimeoutOutcome onTimeout(long nowNs, PacketOutcomes outcomes) {
        summary.reset();
        if (nowNs < timeoutNs()) {
            return TimeoutOutcome.NONE;
        }
        if (lossTimeNs != NO_TIMEOUT) {
            detectLost(nowNs, outcomes);
            release(nowNs);
            return TimeoutOutcome.LOSS_DETECTED;
        }
        probeTimeout.onExpired();
        return TimeoutOutcome.PROBE;
    }

    /**
     * Shows the oldest ack-eliciting packets that are still outstanding, for probes that have nothing new to carry (RFC
     * 9002, section 6.2.4). They stay outstanding.
     *
     * @param maxPackets how many packets to show at most
     * @return how many were shown
     */
    public int visitOldestUnacked(int maxPackets, Consumer<? super SentPacket> visitor) {
        int visited = 0;
        for (long number = settledBelow; number < packets.nextNumber() && visited < maxPackets; number++) {
            SentPacket packet = packets.get(number);
            if (packet.state == State.OUTSTANDING && packet.ackEliciting) {
                visitor.accept(packet);
                visited++;
            }
        }
        return visited;
    }

    /**
     * The connection has moved to another path: forgets the round-trip time, and keeps what becomes of packets sent so far
     * out of the estimates and out of the {@link #summary()} (RFC 9000, section 9.4).
     */
    public void onPathChanged() {
        rtt.reset();
        firstRttSampleNs = NONE;
        pathStart = packets.nextNumber();
        probeTimeout.reset();
        episode.close();
        persistentCongestion.onAcked();
    }

    /**
     * The peer is reached at another address of the same path: what was unanswered went elsewhere, so that the probe timeout
     * needs no backoff.
     */
    public void onMoved() {
        probeTimeout.reset();
    }

    /**
     * The peer was heard, and has acknowledged nothing new. If probes wait for a backed-off timeout, one is requested, as the way to
     * the peer may be open for now: a NAT lets in answers to what has just passed it.
     *
     * @return whether one is
     */
    public boolean onHeard(long nowNs) {
        if (ackElicitingOutstanding == 0 || !probeTimeout.isBackedOff(ptoNs(), nowNs)) {
            return false;
        }
        probeTimeout.request();
        return true;
    }

    /**
     * Forgets all packets, because the connection is closing; no timer is left.
     *
     * @param visitor is shown each packet that was outstanding, in the order of their numbers
     */
    public void discardAll(Consumer<? super SentPacket> visitor) {
        for (long number = settledBelow; number < packets.nextNumber(); number++) {
            SentPacket packet = packets.get(number);
            if (packet.state == State.OUTSTANDING) {
                visitor.accept(packet);
            }
        }
        packets.clear();
        settledBelow = packets.nextNumber();
        bytesInFlight = 0;
        ackElicitingOutstanding = 0;
        lossTimeNs = NO_TIMEOUT;
        probeTimeout.reset();
    }

    private SentPacket openSlot(long packetNumber) {
        SentPacket packet = packets.next(packetNumber);
        // Making room may have pushed out old packets.
        settledBelow = Math.max(settledBelow, packets.oldestNumber());
        return packet;
    }

    /** Acknowledges one range; returns the largest number in it that was outstanding, or -1. */
    private long ackRange(long smallest, long largest, long largestAckedBefore, long nowNs, PacketOutcomes outcomes) {
        long start = Math.max(smallest, packets.oldestNumber());
        long largestNewlyAcked = -1;
        long number = start;
        while (number <= largest) {
            SentPacket packet = packets.get(number);
            if (packet.state == State.OUTSTANDING) {
                onAcked(packet, nowNs);
                outcomes.onPacketAcked(packet);
                largestNewlyAcked = number;
            } else if (packet.state == State.LOST) {
                onSpuriousLoss(packet, largestAckedBefore, nowNs);
                outcomes.onSpuriousLoss(packet);
            }
            number = packet.ackedRunEnd + 1;
        }
        if (start <= largest) {
            // The peer repeats its ranges: the next frame need not walk over this one again.
            SentPacket first = packets.get(start);
            first.ackedRunEnd = Math.max(first.ackedRunEnd, largest);
        }
        return largestNewlyAcked;
    }

    private void onAcked(SentPacket packet, long nowNs) {
        packet.state = State.ACKED;
        if (packet.ackEliciting) {
            ackElicitingOutstanding--;
            summary.ackElicitingAcked = true;
        }
        if (!packet.inFlight) {
            return;
        }
        bytesInFlight -= packet.size;
        onDelivered(packet, nowNs);
        if (packet.packetNumber >= pathStart) {
            summary.ackedBytes += packet.size;
            summary.largestAckedSentNs = packet.sentNs;
            summary.deliveredBytes = deliveredBytes - packet.deliveredBytesAtSend;
            summary.deliveryIntervalNs = nowNs - packet.deliveredNsAtSend;
            summary.deliveryAppLimited = packet.appLimited;
        }
    }

    private void onSpuriousLoss(SentPacket packet, long largestAckedBefore, long nowNs) {
        packet.state = State.ACKED;
        if (packet.inFlight) {
            onDelivered(packet, nowNs);
        }
        persistentCongestion.onAcked();
        tolerance.onSpuriousLoss(largestAckedBefore - packet.packetNumber);
        summary.spuriousCongestion |= episode.onSpuriousLoss(packet);
    }

    private void onDelivered(SentPacket packet, long nowNs) {
        deliveredBytes += packet.size;
        deliveredNs = nowNs;
    }

    private void sampleRtt(long rttNs, long ackDelayNs, long nowNs) {
        rtt.onSample(rttNs, ackDelayNs, peerMaxAckDelayNs);
        if (firstRttSampleNs == NONE) {
            firstRttSampleNs = nowNs;
        }
    }

    /** RFC 9002, appendix A.10. Packets are in the order in which they were sent, so the first that is not lost ends it. */
    private void detectLost(long nowNs, PacketOutcomes outcomes) {
        lossTimeNs = NO_TIMEOUT;
        long lossDelayNs = LossDetector.lossDelayNs(rtt.latestNs(), rtt.smoothedNs(), tolerance.timeThresholdEighths());
        for (; settledBelow <= largestAcked; settledBelow++) {
            SentPacket packet = packets.get(settledBelow);
            if (packet.state == State.ACKED) {
                persistentCongestion.onAcked();
            } else if (packet.state == State.OUTSTANDING) {
                long verdict = LossDetector.detect(
                        packet.packetNumber,
                        packet.sentNs,
                        largestAcked,
                        tolerance.packetThreshold(),
                        lossDelayNs,
                        nowNs);
                if (verdict != LossDetector.LOST) {
                    lossTimeNs = verdict;
                    return;
                }
                onLost(packet, nowNs);
                outcomes.onPacketLost(packet);
            }
        }
    }

    private void onLost(SentPacket packet, long nowNs) {
        packet.state = State.LOST;
        packet.lostNs = nowNs;
        if (packet.ackEliciting) {
            ackElicitingOutstanding--;
        }
        if (!packet.inFlight) {
            return;
        }
        bytesInFlight -= packet.size;
        if (packet.mtuProbe || packet.packetNumber < pathStart) {
            return;
        }
        summary.lostBytes += packet.size;
        summary.largestLostSentNs = packet.sentNs;
        if (episode.onLost(packet, nowNs)) {
            tolerance.onLossEpisode();
        }
        // RFC 9002, section 7.6.2: only packets sent once there was a round-trip sample.
        boolean eligible = packet.ackEliciting && firstRttSampleNs != NONE && packet.sentNs > firstRttSampleNs;
        if (eligible && persistentCongestion.onLost(packet.sentNs, PersistentCongestion.durationNs(ptoNs()))) {
            summary.persistentCongestion = true;
            rtt.onPersistentCongestion();
            episode.close();
        }
    }

    private void release(long nowNs) {
        packets.release(nowNs - 2 * rtt.ptoNs(0));
        settledBelow = Math.max(settledBelow, packets.oldestNumber());
    }
}
