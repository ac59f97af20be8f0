package dev.tether.core.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** RFC 9002, section 7.6. Times in seconds, as in the example of section 7.6.3. */
class PersistentCongestionTest {

    private final PersistentCongestion congestion = new PersistentCongestion();

    @Test
    void theExampleOfTheRfcIsPersistent() {
        // Probe timeout 2 s, so the duration is 6 s; packets 2 to 7, sent from 1 to 8 s, are lost.
        long duration = PersistentCongestion.durationNs(2);
        congestion.onAcked();

        assertThat(congestion.onLost(1, duration)).isFalse();
        assertThat(congestion.onLost(2, duration)).isFalse();
        assertThat(congestion.onLost(3, duration)).isFalse();
        assertThat(congestion.onLost(4, duration)).isFalse();
        assertThat(congestion.onLost(5, duration)).isFalse();
        assertThat(congestion.onLost(8, duration)).isTrue();
    }

    @Test
    void exactlyTheDurationIsNotEnough() {
        assertThat(congestion.onLost(1, 6)).isFalse();
        assertThat(congestion.onLost(7, 6)).isFalse();
    }

    @Test
    void anAcknowledgmentBetweenTheLossesBreaksIt() {
        assertThat(congestion.onLost(1, 6)).isFalse();
        congestion.onAcked();
        assertThat(congestion.onLost(8, 6)).isFalse();
    }

    @Test
    void anotherOneNeedsLossesOfItsOwn() {
        congestion.onLost(1, 6);
        assertThat(congestion.onLost(8, 6)).isTrue();
        assertThat(congestion.onLost(9, 6)).isFalse();
        assertThat(congestion.onLost(16, 6)).isTrue();
    }
}
