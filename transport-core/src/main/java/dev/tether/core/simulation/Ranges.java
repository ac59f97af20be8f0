package dev.tether.core.simulation;

import java.time.Duration;

/** Checks of settings; each names the value and its range. */
final class Ranges {

    /** The longest delay of a link and the longest timeout of a mapping: sums of several stay far from an overflow. */
    static final Duration MAX_DURATION = Duration.ofDays(1);

    private Ranges() {}

    static void requireProbability(String name, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + " is " + value + ", it must be a probability from 0 to 1");
        }
    }

    static void requireRange(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + " is " + value + ", it must be from " + min + " to " + max);
        }
    }

    static void requireDelay(String name, Duration value) {
        if (value.isNegative() || value.compareTo(MAX_DURATION) > 0) {
            throw new IllegalArgumentException(name + " is " + value + ", it must be from 0 to " + MAX_DURATION);
        }
    }
}
