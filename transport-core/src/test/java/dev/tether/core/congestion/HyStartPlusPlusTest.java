package dev.tether.core.congestion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.congestion.HyStartPlusPlus.Phase;
import dev.tether.core.recovery.RttEstimator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 9406. */
class HyStartPlusPlusTest {

    private final HyStartPlusPlus hyStart = new HyStartPlusPlus();
    private final RttEstimator rtt = new RttEstimator(RttEstimator.INITIAL_RTT_NS);

    /** RttThresh = max(MIN_RTT_THRESH, min(lastRoundMinRTT / MIN_RTT_DIVISOR, MAX_RTT_THRESH)). */
    @ParameterizedTest
    @CsvSource({
        "50, 4000",
        "8000, 4000",
        "32000, 4000",
        "40000, 5000",
        "100000, 12500",
        "128000, 16000",
        "600000, 16000"
    })
    void theThresholdIsAnEighthOfTheRoundTripWithinBounds(long lastRoundUs, long thresholdUs) {
        assertThat(HyStartPlusPlus.rttThresholdNs(lastRoundUs * 1000)).isEqualTo(thresholdUs * 1000);
    }

    @Test
    void aSteadyRoundTripKeepsSlowStartGoing() {
        for (int i = 0; i < 50; i++) {
            round(40, 20);
        }
        assertThat(hyStart.phase()).isEqualTo(Phase.SLOW_START);
        assertThat(hyStart.growth(1200)).isEqualTo(1200);
    }

    @Test
    void aRisingRoundTripBringsConservativeSlowStart() {
        round(40, 8);
        round(45, 7);
        assertThat(hyStart.phase()).isEqualTo(Phase.SLOW_START);
        sample(false, 45);

        assertThat(hyStart.phase()).isEqualTo(Phase.CONSERVATIVE_SLOW_START);
        assertThat(hyStart.growth(1200)).isEqualTo(300);
    }

    @Test
    void aRiseBelowTheThresholdIsNone() {
        round(40, 8);
        round(44, 20);
        assertThat(hyStart.phase()).isEqualTo(Phase.SLOW_START);
    }

    @Test
    void theSmallestSampleOfTheRoundCounts() {
        round(40, 8);
        sample(true, 42);
        for (int i = 0; i < 20; i++) {
            sample(false, 90);
        }
        assertThat(hyStart.phase()).isEqualTo(Phase.SLOW_START);
    }

    @Test
    void acknowledgmentsWithoutASampleDoNotCount() {
        round(40, 8);
        sample(true, 50);
        for (int i = 0; i < 20; i++) {
            hyStart.onAck(false, rtt);
        }
        assertThat(hyStart.phase()).isEqualTo(Phase.SLOW_START);
    }

    @Test
    void fiveRoundsThatStayHighEndSlowStart() {
        round(40, 8);
        round(50, 8);
        for (int i = 0; i < 4; i++) {
            round(50, 8);
            assertThat(hyStart.phase()).isEqualTo(Phase.CONSERVATIVE_SLOW_START);
        }
        sample(true, 50);
        assertThat(hyStart.phase()).isEqualTo(Phase.DONE);
    }

    @Test
    void aFalseAlarmLeadsBackToSlowStart() {
        round(40, 8);
        round(50, 8);
        round(41, 8);
        assertThat(hyStart.phase()).isEqualTo(Phase.SLOW_START);
    }

    private void round(int rttMs, int samples) {
        for (int i = 0; i < samples; i++) {
            sample(i == 0, rttMs);
        }
    }

    private void sample(boolean newRound, int rttMs) {
        rtt.onSample(rttMs * 1_000_000L, 0, 0);
        hyStart.onAck(newRound, rtt);
    }
}
