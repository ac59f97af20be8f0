package dev.tether.core.congestion;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 9002, sections 7.2 and 7.7. */
class WindowBoundsTest {

    @ParameterizedTest
    @CsvSource({
        "1200, 12000, 2400",
        "1452, 14520, 2904",
        "1472, 14720, 2944",
        "8952, 17904, 17904",
        "65000, 130000, 130000"
    })
    void theInitialAndTheMinimumWindowFollowTheDatagramSize(int mtu, long initial, long minimum) {
        assertThat(WindowBounds.initialWindow(mtu)).isEqualTo(initial);
        assertThat(WindowBounds.minimumWindow(mtu)).isEqualTo(minimum);
    }

    @Test
    void thePacingRateIsAQuarterAboveOneWindowARoundTrip() {
        assertThat(WindowBounds.pacingRate(100_000, false, 100_000_000)).isEqualTo(1_250_000);
        assertThat(WindowBounds.pacingRate(100_000, true, 100_000_000)).isEqualTo(2_000_000);
    }

    @Test
    void thePacingRateSurvivesExtremes() {
        assertThat(WindowBounds.pacingRate(2400, false, Long.MAX_VALUE)).isEqualTo(1);
        assertThat(WindowBounds.pacingRate(Long.MAX_VALUE, true, 1)).isPositive();
    }
}
