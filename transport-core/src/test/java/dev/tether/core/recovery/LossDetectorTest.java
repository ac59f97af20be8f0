package dev.tether.core.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 9002, section 6.1. */
class LossDetectorTest {

    @ParameterizedTest
    @CsvSource({
        // packet, sent, largest acked, loss delay, now, deadline (empty: lost)
        "7, 1000,  8, 90, 1050, 1090",
        "7, 1000,  9, 90, 1050, 1090",
        "7, 1000, 10, 90, 1050,     ",
        "7, 1000, 99, 90, 1050,     ",
        "7, 1000,  8, 90, 1089, 1090",
        "7, 1000,  8, 90, 1090,     ",
        "7, 1000,  8, 90, 2000,     ",
    })
    void aPacketIsLostBehindThreeOthersOrAfterTheLossDelay(
            long number, long sentNs, long largestAcked, long lossDelayNs, long nowNs, Long deadlineNs) {
        long verdict =
                LossDetector.detect(number, sentNs, largestAcked, LossDetector.PACKET_THRESHOLD, lossDelayNs, nowNs);

        assertThat(verdict).isEqualTo(deadlineNs == null ? LossDetector.LOST : deadlineNs);
    }

    @ParameterizedTest
    @CsvSource({
        // latest, smoothed, eighths, delay (in microseconds)
        "80000, 40000,  9, 90000",
        "40000, 80000,  9, 90000",
        "80000, 80000, 16, 160000",
        "   50,    50,  9, 1000",
    })
    void theLossDelayIsNineEighthsOfTheLargerRoundTripAndAtLeastTheGranularity(
            long latestUs, long smoothedUs, int eighths, long delayUs) {
        assertThat(LossDetector.lossDelayNs(latestUs * 1000, smoothedUs * 1000, eighths))
                .isEqualTo(delayUs * 1000);
    }
}
