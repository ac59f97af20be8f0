package dev.tether.core.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Jitter, measured at the receiver of datagrams so far apart that none waits for the one before it. */
class JitterTest {

    private static final int DATAGRAMS = 100_000;
    private static final long MS = 1_000_000L;
    private static final Duration SCALE = Duration.ofMillis(2);
    private static final Duration LATENCY = Duration.ofMillis(30);
    private static final int SEEDS = 4;

    @Test
    void withoutJitterEachDatagramTakesExactlyTheLatency() {
        assertThat(delaysInScales(Jitter.NONE, 1)).containsOnly(0);
    }

    @Test
    void uniformJitterIsUniform() {
        for (long seed = 0; seed < SEEDS; seed++) {
            double[] delays = delaysInScales(Jitter.uniform(SCALE), seed);
            Statistics.assertBetween("delay, seed " + seed, delays, 0, 1);
            assertMean(delays, seed, 0.5, Math.sqrt(1.0 / 12));
            for (double delay : new double[] {0.01, 0.25, 0.5, 0.75, 0.99}) {
                assertUpTo(delays, seed, delay, delay);
            }
        }
    }

    /** The probabilities are those of the normal distribution, erf(x / sqrt 2). */
    @Test
    void normalJitterIsThePositiveHalfOfANormalDistributionUpToFourDeviations() {
        for (long seed = 0; seed < SEEDS; seed++) {
            double[] delays = delaysInScales(Jitter.normal(SCALE), seed);
            Statistics.assertBetween("delay, seed " + seed, delays, 0, 4);
            assertMean(delays, seed, Math.sqrt(2 / Math.PI), Math.sqrt(1 - 2 / Math.PI));
            assertUpTo(delays, seed, 0.5, 0.382924923);
            assertUpTo(delays, seed, 1, 0.682689492);
            assertUpTo(delays, seed, 2, 0.954499736);
            assertUpTo(delays, seed, 3, 0.997300204);
        }
    }

    @Test
    void exponentialJitterIsExponentialUpToEightMeans() {
        for (long seed = 0; seed < SEEDS; seed++) {
            double[] delays = delaysInScales(Jitter.exponential(SCALE), seed);
            Statistics.assertBetween("delay, seed " + seed, delays, 0, 8);
            assertMean(delays, seed, 1 - Math.exp(-8), 1);
            for (double delay : new double[] {0.1, 0.5, 1, 2, 4, 6}) {
                assertUpTo(delays, seed, delay, 1 - Math.exp(-delay));
            }
            long capped = Arrays.stream(delays).filter(delay -> delay == 8).count();
            Statistics.assertShare("capped, seed " + seed, capped, DATAGRAMS, Math.exp(-8));
        }
    }

    @Test
    void jitterOfScaleZeroIsNone() {
        for (Jitter jitter : new Jitter[] {
            Jitter.uniform(Duration.ZERO), Jitter.normal(Duration.ZERO), Jitter.exponential(Duration.ZERO)
        }) {
            assertThat(delaysInScales(jitter, 1)).as(jitter.toString()).containsOnly(0);
        }
    }

    @Test
    void refusesAScaleOutOfItsRange() {
        assertThatThrownBy(() -> Jitter.uniform(Duration.ofNanos(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("scale is PT-0.000000001S, it must be from 0 to PT24H");
        assertThatThrownBy(() -> Jitter.exponential(Duration.ofDays(2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("scale is PT48H, it must be from 0 to PT24H");
        assertThatThrownBy(() -> new Jitter(Jitter.Distribution.NONE, Duration.ofMillis(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("scale is PT0.001S");
    }

    private static double[] delaysInScales(Jitter jitter, long seed) {
        LinkSettings settings = LinkSettings.PERFECT.latency(LATENCY).jitter(jitter);
        return LinkRun.of(settings, seed, DATAGRAMS, 20 * MS).arrivals().stream()
                .mapToDouble(arrival -> (double) (arrival.delayNs() - LATENCY.toNanos()) / SCALE.toNanos())
                .toArray();
    }

    private static void assertMean(double[] delays, long seed, double expected, double deviation) {
        Statistics.assertWithin(
                "mean in scales, seed " + seed,
                Arrays.stream(delays).average().orElseThrow(),
                expected,
                deviation / Math.sqrt(delays.length));
    }

    private static void assertUpTo(double[] delays, long seed, double limit, double probability) {
        Statistics.assertShare(
                "up to " + limit + " scales, seed " + seed,
                Arrays.stream(delays).filter(delay -> delay <= limit).count(),
                delays.length,
                probability);
    }
}
