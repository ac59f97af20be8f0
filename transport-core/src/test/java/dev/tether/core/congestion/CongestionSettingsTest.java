package dev.tether.core.congestion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class CongestionSettingsTest {

    @Test
    void eachAlgorithmHasItsController() {
        assertThat(CongestionSettings.cubic().newController(1200)).isInstanceOf(CubicController.class);
        assertThat(CongestionSettings.newReno().newController(1200)).isInstanceOf(NewRenoController.class);
        CongestionController fixed = CongestionSettings.fixedRate(5_000).newController(1200);
        assertThat(fixed.pacingRateBytesPerSecond(1)).isEqualTo(5_000);
        assertThat(fixed.window()).isEqualTo(5_000);
    }

    @Test
    void aRateGoesWithTheFixedRateOnly() {
        assertThatThrownBy(() -> CongestionSettings.fixedRate(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new CongestionSettings(CongestionAlgorithm.CUBIC, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
