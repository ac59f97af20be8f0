package dev.tether.core.congestion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The controllers over a modelled link, with loss recovery, acknowledgment tracking and pacing as in a connection. */
class BottleneckTest {

    private static final long MS = 1_000_000L;
    private static final long SECOND = 1_000_000_000L;
    private static final long MB = 1_000_000L;

    @ParameterizedTest
    @CsvSource({
        // rate, round trip (us), queue
        "   125000, 100000,   25000",
        "  1250000,  20000,   50000",
        " 10000000,  40000,  400000",
        " 10000000,  40000,  100000",
        "100000000,    500,  100000",
        "200000000,     50, 1000000",
    })
    void cubicFillsTheLink(long rate, long rttUs, long queueBytes) {
        Bottleneck link = new Bottleneck(new CubicController(Bottleneck.MTU), rate, rttUs * 1000, queueBytes);
        long durationNs = rttUs < 1000 ? 2 * SECOND : 20 * SECOND;

        link.runFor(durationNs / 4);
        long goodput = link.runFor(durationNs);

        assertThat(goodput / (double) rate).isBetween(0.9, 1.001);
        assertThat(link.congestionEvents)
                .as("it probes for more until the queue overflows")
                .isPositive();
        assertThat(link.lostPackets / (double) link.sentPackets).isLessThan(0.02);
        assertThat(link.persistentCongestions).isZero();
    }

    @Test
    void newRenoFillsTheLinkToo() {
        Bottleneck link = new Bottleneck(new NewRenoController(Bottleneck.MTU), 5 * MB, 40 * MS, 5 * MB * 40 / 1000);

        link.runFor(10 * SECOND);
        long goodput = link.runFor(20 * SECOND);

        assertThat(goodput / (5.0 * MB)).isBetween(0.9, 1.001);
        assertThat(link.smallestReduction).isCloseTo(0.5, within(0.001));
    }

    @Test
    void cubicBacksOffByThirtyPercentWhenTheQueueOverflows() {
        Bottleneck link = new Bottleneck(new CubicController(Bottleneck.MTU), 10 * MB, 40 * MS, 200_000);
        link.runFor(30 * SECOND);

        assertThat(link.congestionEvents).isBetween(2L, 60L);
        assertThat(link.smallestReduction).isCloseTo(0.7, within(0.001));
    }

    @Test
    void cubicFollowsALinkThatBecomesSlower() {
        Bottleneck link = new Bottleneck(new CubicController(Bottleneck.MTU), 10 * MB, 40 * MS, 200_000);
        link.runFor(10 * SECOND);
        link.setLinkRate(MB);
        link.runFor(5 * SECOND);
        link.largestWindow = 0;
        long goodput = link.runFor(10 * SECOND);

        assertThat(goodput / (1.0 * MB)).isBetween(0.9, 1.001);
        assertThat(link.largestWindow)
                .as("the path holds 40 kB, and its queue 200 kB")
                .isLessThan(300_000);
    }

    @Test
    void hyStartLeavesSlowStartBeforeADeepQueueOverflows() {
        Bottleneck careful = new Bottleneck(new CubicController(Bottleneck.MTU), 10 * MB, 100 * MS, 12 * MB);
        Bottleneck plain = new Bottleneck(new NewRenoController(Bottleneck.MTU), 10 * MB, 100 * MS, 12 * MB);
        careful.runFor(5 * SECOND);
        plain.runFor(5 * SECOND);

        assertThat(plain.lostPackets).isPositive();
        assertThat(careful.lostPackets).isZero();
        // Doubling from 12 kB, the window of 1.5 MB is the first to exceed the path's 1 MB, and that of 3.1 MB sees the
        // delay from its first packets on. Five rounds of conservative slow start make it 1.25^5 times that.
        assertThat(careful.largestWindow / (3.072 * MB * Math.pow(1.25, 5))).isCloseTo(1, within(0.02));
    }

    @Test
    void anOutageIsPersistentCongestionAndTheSenderRecovers() {
        CubicController cubic = new CubicController(Bottleneck.MTU);
        Bottleneck link = new Bottleneck(cubic, 10 * MB, 40 * MS, 200_000);
        link.runFor(5 * SECOND);
        long sentBefore = link.sentPackets;
        link.setDown(true);
        link.runFor(5 * SECOND);
        long sentDuring = link.sentPackets - sentBefore;
        int probeTimeouts = link.recovery().ptoCount();
        link.setDown(false);
        link.runFor(8 * SECOND);
        long goodput = link.runFor(5 * SECOND);

        assertThat(probeTimeouts).isBetween(4, 8);
        assertThat(sentDuring).as("a window, then probes only").isLessThan(1000);
        assertThat(link.persistentCongestions).isEqualTo(1);
        assertThat(goodput / (10.0 * MB)).isBetween(0.85, 1.001);
    }

    @Test
    void aFixedRateIsKept() {
        Bottleneck link = new Bottleneck(new FixedRateController(MB, Bottleneck.MTU), 10 * MB, 40 * MS, 200_000);
        link.runFor(SECOND);
        assertThat(link.runFor(10 * SECOND) / (1.0 * MB)).isCloseTo(1, within(0.01));
        assertThat(link.lostPackets).isZero();
    }

    @ParameterizedTest
    @EnumSource(value = CongestionAlgorithm.class, mode = EnumSource.Mode.EXCLUDE, names = "FIXED_RATE")
    void aSenderWithLittleToSendDoesNotInflateItsWindow(CongestionAlgorithm algorithm) {
        CongestionController controller = new CongestionSettings(algorithm, 0).newController(Bottleneck.MTU);
        Bottleneck link = new Bottleneck(controller, 10 * MB, 40 * MS, 200_000);
        link.supply(0);
        for (int i = 0; i < 200; i++) {
            link.supply(3 * Bottleneck.MTU);
            link.runFor(100 * MS);
        }

        assertThat(link.deliveredBytes).isEqualTo(600 * Bottleneck.MTU);
        assertThat(controller.window()).isEqualTo(WindowBounds.initialWindow(Bottleneck.MTU));
    }

    @Test
    void theSameLinkGivesTheSameHistory() {
        Bottleneck first = new Bottleneck(new CubicController(Bottleneck.MTU), 10 * MB, 40 * MS, 200_000);
        Bottleneck second = new Bottleneck(new CubicController(Bottleneck.MTU), 10 * MB, 40 * MS, 200_000);
        first.runFor(5 * SECOND);
        second.runFor(5 * SECOND);

        assertThat(second.sentPackets).isEqualTo(first.sentPackets);
        assertThat(second.lostPackets).isEqualTo(first.lostPackets);
        assertThat(second.largestWindow).isEqualTo(first.largestWindow);
    }
}
