package dev.tether.core.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.simulation.SeededRandom;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HandshakeRampTest {

    private static final long START = 1_700_000_000_000_000_000L;
    private static final long MILLISECOND = 1_000_000L;
    private static final long SECOND = 1000 * MILLISECOND;

    @Test
    void withoutARateNothingIsHeldBack() {
        HandshakeRamp ramp = new HandshakeRamp(0, 0, START);
        assertThat(taken(ramp, 100_000, START)).isEqualTo(100_000);
    }

    @Test
    void aQuarterOfASecondsWorthIsTreatedAtOnce() {
        HandshakeRamp ramp = new HandshakeRamp(100, 0, START);
        assertThat(ramp.burst()).isEqualTo(25);
        assertThat(taken(ramp, 1000, START)).isEqualTo(25);
        assertThat(taken(ramp, 1000, START + 10 * MILLISECOND - 1)).isZero();
        assertThat(taken(ramp, 1000, START + 10 * MILLISECOND)).isEqualTo(1);
        assertThat(taken(ramp, 1000, START + 60 * MILLISECOND)).isEqualTo(5);
        assertThat(taken(ramp, 1000, START + 60 * SECOND)).isEqualTo(25);
    }

    @Test
    void theSlowestRateTreatsOneASecond() {
        HandshakeRamp ramp = new HandshakeRamp(1, 0, START);
        assertThat(taken(ramp, 10, START)).isEqualTo(1);
        assertThat(taken(ramp, 10, START + SECOND - 1)).isZero();
        assertThat(taken(ramp, 10, START + SECOND)).isEqualTo(1);
    }

    @Test
    void theLimitEndsWithItsTime() {
        HandshakeRamp ramp = new HandshakeRamp(4, 2 * SECOND, START);
        assertThat(taken(ramp, 1000, START)).isEqualTo(1);
        assertThat(taken(ramp, 1000, START + 2 * SECOND - 1)).isEqualTo(1);
        assertThat(taken(ramp, 1000, START + 2 * SECOND)).isEqualTo(1000);
    }

    @Test
    void noSecondHasMoreThanTheRateAndABurst() {
        for (long seed = 0; seed < 50; seed++) {
            SeededRandom random = new SeededRandom(seed);
            int rate = random.nextInt(1, 1500);
            HandshakeRamp ramp = new HandshakeRamp(rate, 0, START);
            List<Long> takenNs = new ArrayList<>();
            long nowNs = START;
            int firstOfSecond = 0;
            for (int i = 0; i < 5000; i++) {
                nowNs += random.chance(0.1) ? random.nextInt(0, 200) * MILLISECOND : random.nextInt(0, 100_000);
                if (ramp.tryTake(nowNs)) {
                    takenNs.add(nowNs);
                }
                while (firstOfSecond < takenNs.size() && takenNs.get(firstOfSecond) <= nowNs - SECOND) {
                    firstOfSecond++;
                }
                assertThat(takenNs.size() - firstOfSecond)
                        .as("treated in the second before %d ns, at %d per second, seed %d", nowNs - START, rate, seed)
                        .isLessThanOrEqualTo((int) (rate + ramp.burst()));
            }
        }
    }

    private static int taken(HandshakeRamp ramp, int initiations, long nowNs) {
        int taken = 0;
        for (int i = 0; i < initiations; i++) {
            taken += ramp.tryTake(nowNs) ? 1 : 0;
        }
        return taken;
    }
}
