package dev.tether.core.congestion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tether.core.recovery.RttEstimator;
import org.junit.jupiter.api.Test;

/** RFC 9438. */
class CubicControllerTest {

    private static final long MS = 1_000_000L;
    private static final int MTU = 1200;

    private final CubicController cubic = new CubicController(MTU);
    private final RttEstimator rtt = new RttEstimator(RttEstimator.INITIAL_RTT_NS);
    private long nowNs = 1_000 * MS;

    @Test
    void slowStartGrowsByWhatIsAcknowledged() {
        ack(2 * MTU);
        assertThat(cubic.window()).isEqualTo(14 * MTU - 2 * MTU);
        ack(5 * MTU);
        assertThat(cubic.window()).isEqualTo(17 * MTU);
    }

    @Test
    void aLossTakesThirtyPercentOff() {
        cubic.onCongestionEvent(nowNs, MTU, false, nowNs + 1);
        assertThat(cubic.window()).isEqualTo(8400);
    }

    @Test
    void lossesOfOneRoundTripCountOnce() {
        cubic.onCongestionEvent(nowNs, MTU, false, nowNs + 10);
        cubic.onCongestionEvent(nowNs + 10, MTU, false, nowNs + 20);
        assertThat(cubic.window()).isEqualTo(8400);

        cubic.onCongestionEvent(nowNs + 11, MTU, false, nowNs + 20);
        assertThat(cubic.window()).isEqualTo(5880);
    }

    @Test
    void theWindowDoesNotGrowDuringTheRecoveryPeriod() {
        cubic.onCongestionEvent(nowNs, MTU, false, nowNs + 50 * MS);
        long reduced = cubic.window();

        rtt.onSample(100 * MS, 0, 0);
        cubic.onAck(5 * MTU, nowNs + 49 * MS, rtt, MTU, false, nowNs + 100 * MS);

        assertThat(cubic.window()).isEqualTo(reduced);
    }

    @Test
    void theWindowDoesNotFallBelowTwoDatagrams() {
        for (int i = 0; i < 20; i++) {
            nowNs += 100 * MS;
            cubic.onCongestionEvent(nowNs, MTU, false, nowNs + 1);
        }
        assertThat(cubic.window()).isEqualTo(2 * MTU);
    }

    @Test
    void persistentCongestionCollapsesTheWindowIntoSlowStart() {
        growTo(100 * MTU);
        cubic.onCongestionEvent(nowNs, 10 * MTU, true, nowNs + 1);
        assertThat(cubic.window()).isEqualTo(2 * MTU);

        ack(2 * MTU);
        assertThat(cubic.window()).as("slow start").isEqualTo(4 * MTU);
    }

    @Test
    void afterALossTheWindowReturnsToItsMaximumAlongTheCurve() {
        growTo(1000 * MTU);
        loseOne();
        long start = cubic.window();
        double k = CubicCurve.secondsToMax(1000, 700);

        long middle = avoidFor(k / 2, 100 * MS);
        long top = avoidFor(k / 2, 100 * MS);

        assertThat(start).isEqualTo(700 * MTU);
        assertThat(middle / (double) MTU).isCloseTo(CubicCurve.window(k / 2, k, 1000), within(10.0));
        assertThat(top / (double) MTU).isCloseTo(1000, within(5.0));
    }

    @Test
    void onAShortRoundTripItIsAsFastAsReno() {
        growTo(20 * MTU);
        loseOne();
        long start = cubic.window();

        long end = avoidFor(0.1, 50_000);

        // 2000 round trips: CUBIC itself would gain a fraction of a segment.
        double renoGain = 2000 * CubicCurve.RENO_FRIENDLY_ALPHA;
        assertThat((end - start) / (double) MTU).isGreaterThan(renoGain * 0.95).isLessThan(2000);
    }

    @Test
    void fastConvergenceGivesWayToNewcomers() {
        growTo(1000 * MTU);
        loseOne();
        nowNs += 100 * MS;
        loseOne();
        assertThat(cubic.window()).isEqualTo(490 * MTU);

        // The second maximum is 700 * (1 + 0.7) / 2 = 595 instead of 700.
        long top = avoidFor(CubicCurve.secondsToMax(595, 490), 100 * MS);

        assertThat(top / (double) MTU).isCloseTo(595, within(5.0));
    }

    @Test
    void aSpuriousCongestionEventIsUndone() {
        growTo(100 * MTU);
        cubic.onCongestionEvent(nowNs, MTU, false, nowNs + 1);

        cubic.onSpuriousCongestionEvent();
        assertThat(cubic.window()).isEqualTo(100 * MTU);
        ack(MTU);
        assertThat(cubic.window()).as("slow start goes on").isEqualTo(101 * MTU);
    }

    @Test
    void onlyTheLatestCongestionEventIsUndoneAndOnlyOnce() {
        growTo(100 * MTU);
        loseOne();
        nowNs += 100 * MS;
        loseOne();

        cubic.onSpuriousCongestionEvent();
        cubic.onSpuriousCongestionEvent();

        assertThat(cubic.window()).isEqualTo(70 * MTU);
    }

    @Test
    void persistentCongestionIsNotUndone() {
        growTo(100 * MTU);
        cubic.onCongestionEvent(nowNs, MTU, true, nowNs + 1);
        cubic.onSpuriousCongestionEvent();
        assertThat(cubic.window()).isEqualTo(2 * MTU);
    }

    @Test
    void aWindowThatIsNotUsedDoesNotGrow() {
        long initial = cubic.window();
        for (int i = 0; i < 100; i++) {
            cubic.onPacketSent(MTU, nowNs);
            nowNs += 100 * MS;
            rtt.onSample(100 * MS, 0, 0);
            cubic.onAck(MTU, nowNs - 100 * MS, rtt, 0, true, nowNs);
        }
        assertThat(cubic.window()).isEqualTo(initial);
    }

    @Test
    void aSenderThatFilledTheWindowLatelyMayGrowThoughItHasNothingToSendNow() {
        for (int i = 0; i < 10; i++) {
            cubic.onPacketSent(MTU, nowNs);
        }
        rtt.onSample(100 * MS, 0, 0);
        cubic.onAck(5 * MTU, nowNs, rtt, 5 * MTU, true, nowNs + 100 * MS);
        cubic.onAck(5 * MTU, nowNs, rtt, 0, true, nowNs + 101 * MS);
        assertThat(cubic.window()).isEqualTo(20 * MTU);
    }

    @Test
    void idleTimeIsNotPartOfTheCurve() {
        growTo(1000 * MTU);
        loseOne();
        long before = avoidFor(1, 100 * MS);

        nowNs += 3_600_000 * MS;
        long after = avoidFor(0.1, 100 * MS);

        assertThat(after - before).isBetween(0L, 50L * MTU);
    }

    @Test
    void slowStartThatEndsWithoutLossContinuesFromThePlateau() {
        growTo(100 * MTU);
        for (int round = 0; round < 10; round++) {
            long sentNs = nowNs;
            long rttNs = (40 + 10 * round) * MS;
            nowNs += rttNs;
            for (int i = 0; i < HyStartPlusPlus.RTT_SAMPLES; i++) {
                rtt.onSample(rttNs, 0, 0);
                cubic.onAck(MTU, sentNs, rtt, MTU, false, nowNs);
            }
        }
        long window = cubic.window();
        long later = avoidFor(1, 100 * MS);

        assertThat(later - window).as("no doubling every round trip").isBetween(1L, 12L * MTU);
    }

    @Test
    void aLargerMtuRaisesTheInitialWindowOfAnUnusedController() {
        cubic.onMtuChanged(1452);
        assertThat(cubic.window()).isEqualTo(14_520);
        cubic.onMtuChanged(65_000);
        assertThat(cubic.window()).isEqualTo(130_000);
    }

    @Test
    void aLargerMtuLeavesAWindowThatHasBeenLearnt() {
        growTo(100 * MTU);
        cubic.onMtuChanged(1452);
        assertThat(cubic.window()).isEqualTo(100 * MTU);
    }

    /** Slow start up to a window. */
    private void growTo(long window) {
        while (cubic.window() < window) {
            ack(Math.min(cubic.window(), window - cubic.window()));
        }
    }

    private void ack(long bytes) {
        long sentNs = nowNs;
        nowNs += 100 * MS;
        rtt.onSample(100 * MS, 0, 0);
        cubic.onPacketSent(MTU, sentNs);
        cubic.onAck(bytes, sentNs, rtt, MTU, false, nowNs);
    }

    private void loseOne() {
        cubic.onCongestionEvent(nowNs, MTU, false, nowNs);
        nowNs++;
    }

    /** Congestion avoidance, a full window acknowledged in each round trip; returns the window. */
    private long avoidFor(double seconds, long rttNs) {
        long endNs = nowNs + (long) (seconds * 1e9);
        while (nowNs < endNs) {
            long sentNs = nowNs;
            nowNs += rttNs;
            rtt.onSample(rttNs, 0, 0);
            cubic.onPacketSent(MTU, sentNs);
            long quarter = cubic.window() / 4;
            for (int i = 3; i >= 0; i--) {
                cubic.onAck(quarter, sentNs, rtt, i * quarter, false, nowNs);
            }
        }
        return cubic.window();
    }
}
