package dev.tether.core.congestion;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.tether.core.recovery.AckTracker;
import dev.tether.core.recovery.LossRecovery;
import dev.tether.core.recovery.PacketOutcomes;
import dev.tether.core.recovery.RttEstimator;
import dev.tether.core.recovery.SentPacket;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** Sending, receiving and acknowledging allocate nothing once the structures have reached their size. */
class HotPathAllocationTest {

    private static final int PACKETS = 100_000;
    private static final int MTU = 1200;

    private final LossRecovery recovery = new LossRecovery(RttEstimator.INITIAL_RTT_NS, 0);
    private final AckTracker tracker = new AckTracker(AckTracker.DEFAULT_MAX_ACK_DELAY_NS);
    private final CubicController cubic = new CubicController(MTU);
    private final Pacer pacer = new Pacer(1_000_000, MTU, 0);
    private final long[] ranges = new long[2 * AckTracker.MAX_RANGES];
    private final PacketOutcomes outcomes = new PacketOutcomes() {
        @Override
        public void onPacketAcked(SentPacket packet) {}

        @Override
        public void onPacketLost(SentPacket packet) {}

        @Override
        public void onSpuriousLoss(SentPacket packet) {}
    };
    private long nowNs;
    private long earliestNs;

    @Test
    void thePathOfAPacketAllocatesNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        exchange();
        long before = threads.getCurrentThreadAllocatedBytes();
        exchange();
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        // The reading itself may allocate a little; one object per packet would be megabytes.
        assertThat(earliestNs).isPositive();
        assertThat(allocated).isLessThan(PACKETS / 10);
    }

    private void exchange() {
        for (int i = 0; i < PACKETS; i++) {
            nowNs += 1_000;
            SentPacket packet = recovery.beginPacket(nowNs);
            packet.addFrame(1, 2, 3, 4);
            earliestNs = pacer.nextSendNs(MTU, nowNs);
            recovery.onPacketSent(packet, MTU, true, true, nowNs);
            cubic.onPacketSent(MTU, nowNs);
            pacer.onPacketSent(MTU, nowNs);
            if (i % 50 != 0) {
                tracker.onPacketReceived(packet.packetNumber(), true, nowNs);
            }
            if (tracker.isAckDue(nowNs)) {
                acknowledge();
            }
        }
    }

    private void acknowledge() {
        int count = tracker.rangeCount();
        for (int i = 0; i < count; i++) {
            ranges[2 * i] = tracker.rangeSmallest(i);
            ranges[2 * i + 1] = tracker.rangeLargest(i);
        }
        tracker.onAckSent(nowNs);
        tracker.onAckOfAck(ranges[1] - 100);
        recovery.onAckReceived(ranges, count, 0, nowNs, outcomes);
        cubic.onAck(
                recovery.summary().ackedBytes(),
                recovery.summary().largestAckedSentNs(),
                recovery.rtt(),
                recovery.bytesInFlight(),
                false,
                nowNs);
        pacer.update(cubic.pacingRateBytesPerSecond(recovery.rtt().smoothedNs()), MTU, nowNs);
    }
}
