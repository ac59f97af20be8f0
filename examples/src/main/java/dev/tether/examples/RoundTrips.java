package dev.tether.examples;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Measured round trips and their distribution, to three digits. Not thread-safe. */
public final class RoundTrips {

    private static final long HIGHEST_NS = TimeUnit.MINUTES.toNanos(10);
    private static final int DIGITS = 3;

    private final Histogram histogram = new Histogram(HIGHEST_NS, DIGITS);

    /** Adds a round trip; one above ten minutes counts as ten minutes. */
    public void add(long nanos) {
        histogram.recordValue(Math.max(0, Math.min(nanos, HIGHEST_NS)));
    }

    /** How many there are. */
    public long count() {
        return histogram.getTotalCount();
    }

    /** The shortest, in microseconds. */
    public double minUs() {
        return count() == 0 ? 0 : micros(histogram.getMinValue());
    }

    /** The mean, in microseconds. */
    public double meanUs() {
        return histogram.getMean() / 1e3;
    }

    /** The value, in microseconds, that {@code percent} of the round trips do not exceed. */
    public double percentileUs(double percent) {
        return micros(histogram.getValueAtPercentile(percent));
    }

    /** The longest, in microseconds. */
    public double maxUs() {
        return micros(histogram.getMaxValue());
    }

    /** A duration for a human: {@code 123.4 µs} or {@code 12.3 ms}. */
    static String text(double micros) {
        return micros < 1000
                ? String.format(Locale.ROOT, "%.1f µs", micros)
                : String.format(Locale.ROOT, "%.1f ms", micros / 1000);
    }

    /** A duration for a human. */
    static String text(Duration duration) {
        return text(micros(duration.toNanos()));
    }

    private static double micros(long nanos) {
        return nanos / 1e3;
    }
}
