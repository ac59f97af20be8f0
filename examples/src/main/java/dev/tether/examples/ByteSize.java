package dev.tether.examples;

import java.util.Locale;

/**
 * A number of bytes on the command line, and for a human.
 *
 * @param bytes from 0
 */
public record ByteSize(long bytes) {

    private static final String[] UNITS = {"kB", "MB", "GB", "TB"};

    /** For a human, in powers of ten and four digits at most: {@code 12.3 MB}. */
    public static String text(long bytes) {
        return format((double) bytes);
    }

    /** A rate for a human: {@code 12.3 MB/s}. */
    static String rate(long bytes, double seconds) {
        return format(bytes / Math.max(seconds, 1e-9)) + "/s";
    }

    @Override
    public String toString() {
        return text(bytes);
    }

    private static String format(double bytes) {
        if (bytes < 1000) {
            return String.format(Locale.ROOT, "%.0f B", bytes);
        }
        double value = bytes / 1000;
        int unit = 0;
        while (value >= 999.95 && unit < UNITS.length - 1) {
            value /= 1000;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
    }
}
