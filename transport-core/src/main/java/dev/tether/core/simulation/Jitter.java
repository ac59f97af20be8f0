package dev.tether.core.simulation;

import java.time.Duration;

/**
 * How the delay of a link varies: what is added to its latency, never negative, drawn for each datagram on its own.
 *
 * @param distribution how the added delay is distributed
 * @param scale its measure, see {@link Distribution}; from 0 to one day, and 0 for {@link Distribution#NONE}
 */
public record Jitter(Distribution distribution, Duration scale) {

    /** The distribution of the added delay. */
    public enum Distribution {

        /** Nothing is added. */
        NONE,

        /** Uniform from 0 to the scale. */
        UNIFORM,

        /** The absolute value of a normally distributed delay with the scale as its deviation, at most 4 times the scale. */
        NORMAL,

        /** Exponential with the scale as its mean, at most 8 times the scale. */
        EXPONENTIAL
    }

    /** No jitter: each datagram takes exactly the latency. */
    public static final Jitter NONE = new Jitter(Distribution.NONE, Duration.ZERO);

    private static final int NORMAL_CAP = 4;
    private static final int EXPONENTIAL_CAP = 8;

    /** @throws IllegalArgumentException naming the scale and its range */
    public Jitter {
        Ranges.requireDelay("scale", scale);
        if (distribution == Distribution.NONE && !scale.isZero()) {
            throw new IllegalArgumentException("scale is " + scale + ", it must be 0 without a distribution");
        }
    }

    /** From 0 to {@code max}, each delay as likely as any other. */
    public static Jitter uniform(Duration max) {
        return new Jitter(Distribution.UNIFORM, max);
    }

    /** The positive half of a normal distribution of this deviation. */
    public static Jitter normal(Duration deviation) {
        return new Jitter(Distribution.NORMAL, deviation);
    }

    /** An exponential distribution of this mean: mostly short delays, now and then a long one. */
    public static Jitter exponential(Duration mean) {
        return new Jitter(Distribution.EXPONENTIAL, mean);
    }

    /** The delay of one datagram, in nanoseconds. */
    long nextNs(SeededRandom random) {
        double scaleNs = scale.toNanos();
        return switch (distribution) {
            case NONE -> 0;
            case UNIFORM -> (long) (random.nextDouble() * scaleNs);
            case NORMAL -> (long) (Math.min(Math.abs(random.nextGaussian()), NORMAL_CAP) * scaleNs);
            case EXPONENTIAL -> (long) (Math.min(random.nextExponential(), EXPONENTIAL_CAP) * scaleNs);
        };
    }
}
