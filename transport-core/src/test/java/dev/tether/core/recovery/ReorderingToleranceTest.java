package dev.tether.core.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReorderingToleranceTest {

    private final ReorderingTolerance tolerance = new ReorderingTolerance();

    @Test
    void itStartsWithTheThresholdsOfTheRfc() {
        assertThat(tolerance.packetThreshold()).isEqualTo(3);
        assertThat(tolerance.timeThresholdEighths()).isEqualTo(9);
    }

    @Test
    void aSpuriousLossWidensIt() {
        tolerance.onLossEpisode();
        tolerance.onSpuriousLoss(5);
        tolerance.onSpuriousLoss(4);

        assertThat(tolerance.packetThreshold()).isEqualTo(6);
        assertThat(tolerance.timeThresholdEighths()).as("once an episode").isEqualTo(10);
    }

    @Test
    void itIsBounded() {
        for (int i = 0; i < 100; i++) {
            tolerance.onLossEpisode();
            tolerance.onSpuriousLoss(1_000_000);
        }

        assertThat(tolerance.packetThreshold()).isEqualTo(ReorderingTolerance.MAX_PACKET_THRESHOLD);
        assertThat(tolerance.timeThresholdEighths()).isEqualTo(ReorderingTolerance.MAX_TIME_THRESHOLD_EIGHTHS);
    }

    @Test
    void itIsForgottenAfterSixteenEpisodesWithoutSpuriousLoss() {
        tolerance.onLossEpisode();
        tolerance.onSpuriousLoss(5);
        for (int i = 0; i < ReorderingTolerance.EPISODES_TO_FORGET; i++) {
            tolerance.onLossEpisode();
        }
        assertThat(tolerance.packetThreshold()).isEqualTo(6);

        tolerance.onLossEpisode();

        assertThat(tolerance.packetThreshold()).isEqualTo(3);
        assertThat(tolerance.timeThresholdEighths()).isEqualTo(9);
    }
}
