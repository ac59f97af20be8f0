package dev.tether.core.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.DoubleSummaryStatistics;

/** Assertions on what is random: a seed that is drawn afresh would fail one in 1.7 million times. */
final class Statistics {

    private static final double SIGMAS = 5;

    private Statistics() {}

    /** The value is within 5 deviations of the expected one. */
    static void assertWithin(String what, double actual, double expected, double deviation) {
        assertThat(Math.abs(actual - expected))
                .as("%s is %s, expected %s, allowed deviation %s", what, actual, expected, SIGMAS * deviation)
                .isLessThanOrEqualTo(SIGMAS * deviation);
    }

    /** So many of all trials as the probability of each says, within 5 deviations of the binomial distribution. */
    static void assertShare(String what, long count, long trials, double probability) {
        assertWithin(what, count, trials * probability, Math.sqrt(trials * probability * (1 - probability)));
    }

    /** No value is outside these bounds; both belong to the allowed ones. */
    static void assertBetween(String what, double[] values, double min, double max) {
        DoubleSummaryStatistics summary = Arrays.stream(values).summaryStatistics();
        assertThat(summary.getMin()).as("smallest %s", what).isGreaterThanOrEqualTo(min);
        assertThat(summary.getMax()).as("largest %s", what).isLessThanOrEqualTo(max);
    }
}
