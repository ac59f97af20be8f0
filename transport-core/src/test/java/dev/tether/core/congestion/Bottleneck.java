package dev.tether.core.congestion;

import dev.tether.core.recovery.AckOutcome;
import dev.tether.core.recovery.AckTracker;
import dev.tether.core.recovery.LossRecovery;
import dev.tether.core.recovery.PacketOutcomes;
import dev.tether.core.recovery.RecoverySummary;
import dev.tether.core.recovery.RttEstimator;
import dev.tether.core.recovery.SentPacket;
import dev.tether.core.recovery.TimeoutOutcome;
import java.util.PriorityQueue;

/**
 * One sender, one link with a tail-drop queue, one receiver, in virtual time and without chance. The sender is wired from
 * the real parts in the way a connection wires them: recovery tells the controller, the controller sets the pacer.
 */
final class Bottleneck implements PacketOutcomes {

    static final int MTU = 1200;

    private record Event(long timeNs, long order, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(timeNs, other.timeNs);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long nowNs;
    private long order;

    private final CongestionController controller;
    private final LossRecovery recovery =
            new LossRecovery(RttEstimator.INITIAL_RTT_NS, AckTracker.DEFAULT_MAX_ACK_DELAY_NS);
    private final AckTracker tracker = new AckTracker(AckTracker.DEFAULT_MAX_ACK_DELAY_NS);
    private final Pacer pacer;
    private final long oneWayNs;
    private final long queueBytes;
    private long linkRate;
    private long linkFreeNs;
    private boolean down;
    private long wakeNs = Long.MAX_VALUE;
    private long supplyBytes = Long.MAX_VALUE;

    long deliveredBytes;
    long sentPackets;
    long lostPackets;
    long congestionEvents;
    long persistentCongestions;
    double smallestReduction = 1;
    long largestWindow;
    long timeouts;

    /**
     * A link.
     *
     * @param linkRate bytes per second
     * @param rttNs the round trip without queue
     * @param queueBytes how much waits before the queue overflows
     */
    Bottleneck(CongestionController controller, long linkRate, long rttNs, long queueBytes) {
        this.controller = controller;
        this.linkRate = linkRate;
        this.oneWayNs = rttNs / 2;
        this.queueBytes = queueBytes;
        pacer = new Pacer(controller.pacingRateBytesPerSecond(RttEstimator.INITIAL_RTT_NS), MTU, 0);
        after(0, this::transmit);
    }

    long nowNs() {
        return nowNs;
    }

    LossRecovery recovery() {
        return recovery;
    }

    void setLinkRate(long rate) {
        linkRate = rate;
    }

    /** Takes the link down, so that it swallows everything, or up again. */
    void setDown(boolean down) {
        this.down = down;
    }

    /** Limits what the sender has to send; without a call it never runs out. */
    void supply(long bytes) {
        supplyBytes = bytes;
        transmit();
    }

    /** Lets time pass, and returns the goodput in bytes per second. */
    long runFor(long durationNs) {
        long untilNs = nowNs + durationNs;
        long before = deliveredBytes;
        while (!events.isEmpty() && events.peek().timeNs <= untilNs) {
            Event event = events.remove();
            nowNs = event.timeNs;
            event.action.run();
            largestWindow = Math.max(largestWindow, controller.window());
        }
        nowNs = untilNs;
        return (long) ((deliveredBytes - before) * 1e9 / durationNs);
    }

    private void transmit() {
        boolean blocked = false;
        while (supplyBytes >= MTU) {
            if (recovery.pendingProbes() == 0) {
                boolean windowFull = recovery.bytesInFlight() + MTU > controller.window();
                long nextNs = windowFull ? Long.MAX_VALUE : pacer.nextSendNs(MTU, nowNs);
                if (windowFull || nextNs > nowNs) {
                    wakeAt(nextNs);
                    blocked = true;
                    break;
                }
            }
            supplyBytes -= MTU;
            sendPacket();
        }
        recovery.setAppLimited(!blocked);
        while (recovery.pendingProbes() > 0) {
            sendPacket();
        }
        wakeAt(recovery.timeoutNs());
    }

    private void sendPacket() {
        SentPacket packet = recovery.beginPacket(nowNs);
        recovery.onPacketSent(packet, MTU, true, true, nowNs);
        controller.onPacketSent(MTU, nowNs);
        pacer.onPacketSent(MTU, nowNs);
        sentPackets++;
        long queued = Math.max(0, linkFreeNs - nowNs) * linkRate / 1_000_000_000L;
        if (down || queued + MTU > queueBytes) {
            return;
        }
        linkFreeNs = Math.max(nowNs, linkFreeNs) + MTU * 1_000_000_000L / linkRate;
        long number = packet.packetNumber();
        after(linkFreeNs - nowNs + oneWayNs, () -> receive(number));
    }

    private void receive(long number) {
        tracker.onPacketReceived(number, true, nowNs);
        deliveredBytes += MTU;
        acknowledgeIfDue();
        if (tracker.hasPendingAck()) {
            after(tracker.ackDeadlineNs() - nowNs, this::acknowledgeIfDue);
        }
    }

    private void acknowledgeIfDue() {
        if (!tracker.isAckDue(nowNs)) {
            return;
        }
        long[] ranges = new long[2 * tracker.rangeCount()];
        for (int i = 0; i < tracker.rangeCount(); i++) {
            ranges[2 * i] = tracker.rangeSmallest(i);
            ranges[2 * i + 1] = tracker.rangeLargest(i);
        }
        long ackDelayNs = tracker.ackDelayNs(nowNs);
        tracker.onAckSent(nowNs);
        after(oneWayNs, () -> handleAck(ranges, ackDelayNs));
    }

    private void handleAck(long[] ranges, long ackDelayNs) {
        if (recovery.onAckReceived(ranges, ranges.length / 2, ackDelayNs, nowNs, this) == AckOutcome.INVALID_ACK) {
            throw new AssertionError("an acknowledgment of a packet that was sent is valid");
        }
        tellController();
        transmit();
    }

    private void handleTimer() {
        if (nowNs != wakeNs) {
            return;
        }
        wakeNs = Long.MAX_VALUE;
        TimeoutOutcome outcome = recovery.onTimeout(nowNs, this);
        if (outcome != TimeoutOutcome.NONE) {
            timeouts++;
            tellController();
        }
        transmit();
    }

    private void tellController() {
        RecoverySummary summary = recovery.summary();
        if (summary.isSpuriousCongestion()) {
            controller.onSpuriousCongestionEvent();
        }
        if (summary.lostBytes() > 0) {
            long before = controller.window();
            boolean persistent = summary.isPersistentCongestion();
            controller.onCongestionEvent(summary.largestLostSentNs(), summary.lostBytes(), persistent, nowNs);
            if (controller.window() < before) {
                congestionEvents++;
                smallestReduction = Math.min(smallestReduction, (double) controller.window() / before);
            }
            persistentCongestions += persistent ? 1 : 0;
        }
        if (summary.ackedBytes() > 0) {
            controller.onAck(
                    summary.ackedBytes(),
                    summary.largestAckedSentNs(),
                    recovery.rtt(),
                    recovery.bytesInFlight(),
                    recovery.isAppLimited(),
                    nowNs);
        }
        pacer.update(controller.pacingRateBytesPerSecond(recovery.rtt().smoothedNs()), MTU, nowNs);
    }

    private void wakeAt(long timeNs) {
        if (timeNs < wakeNs) {
            wakeNs = timeNs;
            after(timeNs - nowNs, this::handleTimer);
        }
    }

    private void after(long delayNs, Runnable action) {
        events.add(new Event(nowNs + Math.max(0, delayNs), order++, action));
    }

    @Override
    public void onPacketAcked(SentPacket packet) {}

    @Override
    public void onPacketLost(SentPacket packet) {
        lostPackets++;
    }

    @Override
    public void onSpuriousLoss(SentPacket packet) {
        lostPackets--;
    }
}
