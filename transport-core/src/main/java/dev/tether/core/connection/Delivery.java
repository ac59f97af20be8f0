package dev.tether.core.connection;

import dev.tether.core.congestion.CongestionController;
import dev.tether.core.congestion.CongestionSettings;
import dev.tether.core.congestion.Pacer;
import dev.tether.core.recovery.AckOutcome;
import dev.tether.core.recovery.LossRecovery;
import dev.tether.core.recovery.PacketOutcomes;
import dev.tether.core.recovery.RecoverySummary;
import dev.tether.core.recovery.RttEstimator;
import dev.tether.core.recovery.SentPacket;
import dev.tether.core.recovery.TimeoutOutcome;
import java.util.function.Consumer;

/**
 * Loss recovery, congestion control and pacing of one connection, joined: what was sent, what became of it, and whether
 * more may be sent now. RFC 9002.
 */
final class Delivery {

    private final LossRecovery recovery;
    private CongestionController congestion;
    private Pacer pacer;
    private final int datagramSize;
    private long blockedUntilNs = Long.MAX_VALUE;

    /**
     * For a connection that starts now.
     *
     * @param datagramSize the size of a full datagram, in bytes
     * @param peerMaxAckDelayNs how long the peer may hold an acknowledgement back
     */
    Delivery(int datagramSize, long peerMaxAckDelayNs, long nowNs) {
        this.datagramSize = datagramSize;
        this.recovery = new LossRecovery(RttEstimator.INITIAL_RTT_NS, peerMaxAckDelayNs);
        this.congestion = CongestionSettings.cubic().newController(datagramSize);
        this.pacer = newPacer(nowNs);
    }

    private Pacer newPacer(long nowNs) {
        return new Pacer(congestion.pacingRateBytesPerSecond(recovery.rtt().smoothedNs()), datagramSize, nowNs);
    }

    int datagramSize() {
        return datagramSize;
    }

    long smoothedRttNs() {
        return recovery.rtt().smoothedNs();
    }

    long ptoNs() {
        return recovery.ptoNs();
    }

    int ptoCount() {
        return recovery.ptoCount();
    }

    /** How many bytes may be in flight. */
    long congestionWindow() {
        return congestion.window();
    }

    DeliveryReading reading() {
        return new DeliveryReading(
                recovery.rtt().smoothedNs(),
                recovery.rtt().minNs(),
                congestion.window(),
                recovery.bytesInFlight(),
                datagramSize);
    }

    long nextPacketNumber() {
        return recovery.nextPacketNumber();
    }

    /** The highest packet number that the peer has acknowledged; -1 before the first. */
    long largestAcked() {
        return recovery.largestAcked();
    }

    /** Whether the peer has something to acknowledge; then probe timeouts watch over it. */
    boolean isAwaitingAck() {
        return recovery.hasAckElicitingInFlight();
    }

    /** Whether a packet has to go out regardless of the congestion window. RFC 9002 §7.5. */
    boolean isProbeDue() {
        return recovery.pendingProbes() > 0;
    }

    /** Has one packet go out regardless of the congestion window, in search of a sign of life. */
    void requestProbe() {
        recovery.requestProbe();
    }

    /** Whether the congestion window has room for a full datagram. RFC 9002 §7. */
    boolean hasRoom() {
        return recovery.bytesInFlight() + datagramSize <= congestion.window();
    }

    /** Whether the congestion window and the pacer let a full datagram go out now. */
    boolean maySend(long nowNs) {
        blockedUntilNs = Long.MAX_VALUE;
        if (!hasRoom()) {
            return false;
        }
        if (!pacer.maySend(nowNs)) {
            blockedUntilNs = pacer.nextSendNs(datagramSize, nowNs);
            return false;
        }
        return true;
    }

    /** The assembler has stopped: because the application has given no more, or because something held it back. */
    void onStopped(boolean hasData) {
        recovery.setAppLimited(!hasData && hasRoom());
        if (!hasData) {
            blockedUntilNs = Long.MAX_VALUE;
        }
    }

    SentPacket beginPacket(long nowNs) {
        return recovery.beginPacket(nowNs);
    }

    void onPacketSent(SentPacket packet, int size, boolean ackEliciting, long nowNs) {
        recovery.onPacketSent(packet, size, ackEliciting, ackEliciting, nowNs);
        if (ackEliciting) {
            congestion.onPacketSent(size, nowNs);
            pacer.onPacketSent(size, nowNs);
        }
    }

    /** Packets take another path from now on, of which nothing is known. RFC 9000 §9.4. */
    void onPathChanged(long nowNs) {
        recovery.onPathChanged();
        congestion = CongestionSettings.cubic().newController(datagramSize);
        pacer = newPacer(nowNs);
    }

    /**
     * Packets go to another address from now on: what went to the old one lately may be lost, which the acknowledgement of
     * one probe shows. What was not answered there says nothing of the new one.
     *
     * @return whether a probe is due
     */
    boolean onMoved() {
        recovery.onMoved();
        if (!recovery.hasAckElicitingInFlight()) {
            return false;
        }
        recovery.requestProbe();
        return true;
    }

    /** The peer was heard; returns whether a probe is due for that. */
    boolean onHeard(long nowNs) {
        return recovery.onHeard(nowNs);
    }

    /** Takes the handshake's round trip as the first sample. */
    void onHandshakeRtt(long roundTripNs, long nowNs) {
        recovery.onHandshakeRtt(roundTripNs, nowNs);
        pacer.update(congestion.pacingRateBytesPerSecond(recovery.rtt().smoothedNs()), datagramSize, nowNs);
    }

    /** Takes in an ACK frame; false if it acknowledges what was never sent. */
    boolean onAck(long[] ranges, int rangeCount, long ackDelayNs, PacketOutcomes outcomes, long nowNs) {
        AckOutcome outcome = recovery.onAckReceived(ranges, rangeCount, ackDelayNs, nowNs, outcomes);
        if (outcome == AckOutcome.INVALID_ACK) {
            return false;
        }
        tellCongestion(nowNs);
        return true;
    }

    /** When {@link #onTimeout} is due: the time of a loss, a probe, or the pacer. */
    long timeoutNs() {
        return Math.min(recovery.timeoutNs(), blockedUntilNs);
    }

    /** Returns whether a probe timeout has fired. */
    boolean onTimeout(PacketOutcomes outcomes, long nowNs) {
        if (nowNs < recovery.timeoutNs()) {
            return false;
        }
        TimeoutOutcome outcome = recovery.onTimeout(nowNs, outcomes);
        tellCongestion(nowNs);
        return outcome == TimeoutOutcome.PROBE;
    }

    /** Shows the oldest outstanding packets, as many as probes are due. RFC 9002 §6.2.4. */
    void visitOldest(Consumer<? super SentPacket> visitor) {
        recovery.visitOldestUnacked(recovery.pendingProbes(), visitor);
    }

    private void tellCongestion(long nowNs) {
        RecoverySummary summary = recovery.summary();
        if (summary.isSpuriousCongestion()) {
            congestion.onSpuriousCongestionEvent();
        }
        if (summary.lostBytes() > 0) {
            congestion.onCongestionEvent(
                    summary.largestLostSentNs(), summary.lostBytes(), summary.isPersistentCongestion(), nowNs);
        }
        if (summary.ackedBytes() > 0) {
            congestion.onAck(
                    summary.ackedBytes(),
                    summary.largestAckedSentNs(),
                    recovery.rtt(),
                    recovery.bytesInFlight(),
                    recovery.isAppLimited(),
                    nowNs);
        }
        if (summary.ackedBytes() > 0 || summary.lostBytes() > 0) {
            pacer.update(congestion.pacingRateBytesPerSecond(recovery.rtt().smoothedNs()), datagramSize, nowNs);
        }
    }
}
