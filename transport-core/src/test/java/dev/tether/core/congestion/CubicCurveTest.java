package dev.tether.core.congestion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 9438, section 4.2. */
class CubicCurveTest {

    @ParameterizedTest
    @CsvSource({
        // W_max, W at the epoch, t, K, W(t)
        "100, 100,  0, 0.0000, 100.0",
        "100, 100, 10, 0.0000, 500.0",
        "100,  70,  0, 4.2172,  70.0",
        "100,  70,  2, 4.2172,  95.6395",
        "100,  70,  4.2172, 4.2172, 100.0",
        "100,  70, 10, 4.2172, 177.3542",
    })
    void theWindowFollowsTheCube(double maxWindow, double epochWindow, double seconds, double k, double window) {
        double secondsToMax = CubicCurve.secondsToMax(maxWindow, epochWindow);

        assertThat(secondsToMax).isCloseTo(k, within(1e-4));
        assertThat(CubicCurve.window(seconds, secondsToMax, maxWindow)).isCloseTo(window, within(1e-3));
    }
}
