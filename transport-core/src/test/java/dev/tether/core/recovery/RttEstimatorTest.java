package dev.tether.core.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 9002, section 5. */
class RttEstimatorTest {

    private static final long MS = 1_000_000L;
    private static final long MAX_ACK_DELAY = 25 * MS;

    private final RttEstimator rtt = new RttEstimator(RttEstimator.INITIAL_RTT_NS);

    @Test
    void withoutASampleTheInitialRoundTripIsAssumed() {
        assertThat(rtt.smoothedNs()).isEqualTo(333 * MS);
        assertThat(rtt.variationNs()).isEqualTo(333 * MS / 2);
        assertThat(rtt.ptoNs(0)).isEqualTo(999 * MS);
    }

    @Test
    void theFirstSampleReplacesTheInitialRoundTrip() {
        rtt.onSample(100 * MS, 20 * MS, MAX_ACK_DELAY);

        assertThat(rtt.latestNs()).isEqualTo(100 * MS);
        assertThat(rtt.minNs()).isEqualTo(100 * MS);
        assertThat(rtt.smoothedNs()).isEqualTo(100 * MS);
        assertThat(rtt.variationNs()).isEqualTo(50 * MS);
    }

    /** The second sample after one of 100 ms; expectations worked out from the formulas of section 5.3. */
    @ParameterizedTest
    @CsvSource({
        // latest, ack delay, smoothed, variation (in microseconds)
        "100000,     0, 100000, 37500",
        "180000,     0, 110000, 57500",
        "180000, 20000, 107500, 52500",
        "180000, 99000, 106875, 51250",
        "110000, 20000, 101250, 40000",
        " 60000,     0,  95000, 47500",
        " 60000, 20000,  95000, 47500",
    })
    void laterSamplesAreSmoothed(long latestUs, long ackDelayUs, long smoothedUs, long variationUs) {
        rtt.onSample(100 * MS, 0, MAX_ACK_DELAY);

        rtt.onSample(latestUs * 1000, ackDelayUs * 1000, MAX_ACK_DELAY);

        assertThat(rtt.latestNs()).isEqualTo(latestUs * 1000);
        assertThat(rtt.smoothedNs()).isEqualTo(smoothedUs * 1000);
        assertThat(rtt.variationNs()).isEqualTo(variationUs * 1000);
    }

    @Test
    void theMinimumIsNotAdjustedForAckDelay() {
        rtt.onSample(100 * MS, 0, MAX_ACK_DELAY);
        rtt.onSample(90 * MS, 20 * MS, MAX_ACK_DELAY);
        rtt.onSample(120 * MS, 25 * MS, MAX_ACK_DELAY);

        assertThat(rtt.minNs()).isEqualTo(90 * MS);
    }

    @Test
    void theProbeTimeoutHasAtLeastTheTimerGranularityAsMargin() {
        for (int i = 0; i < 100; i++) {
            rtt.onSample(50_000, 0, MAX_ACK_DELAY);
        }

        assertThat(rtt.smoothedNs()).isEqualTo(50_000);
        assertThat(rtt.ptoNs(MAX_ACK_DELAY)).isEqualTo(50_000 + MS + MAX_ACK_DELAY);
    }

    @Test
    void persistentCongestionRenewsTheMinimum() {
        rtt.onSample(20 * MS, 0, MAX_ACK_DELAY);
        rtt.onPersistentCongestion();
        rtt.onSample(80 * MS, 0, MAX_ACK_DELAY);

        assertThat(rtt.minNs()).isEqualTo(80 * MS);
    }

    @Test
    void aNewPathStartsFromTheInitialRoundTripAgain() {
        rtt.onSample(20 * MS, 0, MAX_ACK_DELAY);
        rtt.reset();
        assertThat(rtt.smoothedNs()).isEqualTo(RttEstimator.INITIAL_RTT_NS);

        rtt.onSample(70 * MS, 0, MAX_ACK_DELAY);

        assertThat(rtt.minNs()).isEqualTo(70 * MS);
        assertThat(rtt.smoothedNs()).isEqualTo(70 * MS);
        assertThat(rtt.sampleCount()).isEqualTo(2);
    }

    @Test
    void aSampleOfNoTimeAtAllCountsAsOneNanosecond() {
        rtt.onSample(0, 0, MAX_ACK_DELAY);
        for (int i = 0; i < 10; i++) {
            rtt.onSample(0, 0, MAX_ACK_DELAY);
        }

        assertThat(rtt.minNs()).isEqualTo(1);
        assertThat(rtt.smoothedNs()).isEqualTo(1);
    }
}
