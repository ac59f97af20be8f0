package dev.tether.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LogLimitTest {

    private final LogLimit limit = new LogLimit();

    @Test
    void theFirstOccurrenceIsWrittenAtOnce() {
        assertThat(limit.add(3, 0)).isEqualTo(3);
    }

    @Test
    void aMillionWithinTheIntervalWriteNothingAndTheNextLineStandsForAllOfThem() {
        limit.add(1, 0);
        for (int i = 0; i < 1_000_000; i++) {
            assertThat(limit.add(2, LogLimit.INTERVAL_NS - 1)).isZero();
        }

        assertThat(limit.add(1, LogLimit.INTERVAL_NS)).isEqualTo(2_000_001);
        assertThat(limit.add(1, LogLimit.INTERVAL_NS + 1)).isZero();
    }
}
