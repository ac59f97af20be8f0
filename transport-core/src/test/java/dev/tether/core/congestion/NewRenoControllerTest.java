package dev.tether.core.congestion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.recovery.RttEstimator;
import org.junit.jupiter.api.Test;

/** RFC 9002, section 7 and appendix B. */
class NewRenoControllerTest {

    private static final long MS = 1_000_000L;
    private static final int MTU = 1200;

    private final NewRenoController reno = new NewRenoController(MTU);
    private final RttEstimator rtt = new RttEstimator(RttEstimator.INITIAL_RTT_NS);
    private long nowNs = 1_000 * MS;

    @Test
    void slowStartDoublesTheWindowInARoundTrip() {
        ack(10 * MTU);
        assertThat(reno.window()).isEqualTo(20 * MTU);
    }

    @Test
    void aLossHalvesTheWindowOncePerRoundTrip() {
        reno.onCongestionEvent(nowNs, MTU, false, nowNs + 10);
        reno.onCongestionEvent(nowNs + 5, MTU, false, nowNs + 20);
        assertThat(reno.window()).isEqualTo(5 * MTU);
    }

    @Test
    void congestionAvoidanceAddsOneDatagramInARoundTrip() {
        reno.onCongestionEvent(nowNs, MTU, false, nowNs);
        nowNs++;
        for (int i = 0; i < 4; i++) {
            ack(MTU);
        }
        assertThat(reno.window()).isEqualTo(5 * MTU);
        ack(MTU);
        assertThat(reno.window()).isEqualTo(6 * MTU);
    }

    @Test
    void persistentCongestionCollapsesTheWindow() {
        reno.onCongestionEvent(nowNs, MTU, true, nowNs + 1);
        assertThat(reno.window()).isEqualTo(2 * MTU);
        ack(2 * MTU);
        assertThat(reno.window()).as("slow start").isEqualTo(4 * MTU);
    }

    @Test
    void aSpuriousCongestionEventIsUndone() {
        reno.onCongestionEvent(nowNs, MTU, false, nowNs);
        reno.onSpuriousCongestionEvent();
        assertThat(reno.window()).isEqualTo(10 * MTU);
        ack(MTU);
        assertThat(reno.window()).as("slow start").isEqualTo(11 * MTU);
    }

    @Test
    void aWindowThatIsNotUsedDoesNotGrow() {
        reno.onPacketSent(MTU, nowNs);
        reno.onAck(MTU, nowNs, rtt, 0, true, nowNs + MS);
        assertThat(reno.window()).isEqualTo(10 * MTU);
    }

    @Test
    void aLargerMtuRaisesTheInitialWindowOfAnUnusedControllerOnly() {
        reno.onMtuChanged(1452);
        assertThat(reno.window()).isEqualTo(14_520);
        ack(MTU);
        reno.onMtuChanged(1472);
        assertThat(reno.window()).isEqualTo(15_720);
    }

    private void ack(long bytes) {
        long sentNs = nowNs;
        nowNs += 100 * MS;
        reno.onAck(bytes, sentNs, rtt, 0, false, nowNs);
    }
}
