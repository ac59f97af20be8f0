package dev.tether.examples.simulate.scenario;

import dev.tether.examples.Converters;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/** Reads and writes the values of fields. What is read from what was written is equal to it. */
final class Amounts {

    private static final Pattern DURATION = Pattern.compile("(-?\\d{1,9}(?:\\.\\d{1,9})?)(ns|us|ms|s|m|h)?");
    private static final Pattern WHOLE = Pattern.compile("-?\\d{1,18}");

    private Amounts() {}

    /** {@code 200ms}, {@code 1.5s}, {@code 5m}; a bare number is seconds. */
    static Duration duration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a duration, such as 200ms, 1.5s or 5m");
        }
        long unitNs = switch (matcher.group(2) == null ? "s" : matcher.group(2)) {
            case "ns" -> 1L;
            case "us" -> 1_000L;
            case "ms" -> 1_000_000L;
            case "m" -> 60_000_000_000L;
            case "h" -> 3_600_000_000_000L;
            default -> 1_000_000_000L;
        };
        try {
            return Duration.ofNanos(new BigDecimal(matcher.group(1))
                    .multiply(BigDecimal.valueOf(unitNs))
                    .longValueExact());
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("'" + text + "' is too long, or finer than 1ns", e);
        }
    }

    /** {@code 5%} or {@code 0.05}. */
    static double probability(String text) {
        try {
            return Converters.probability(text).value();
        } catch (TypeConversionException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** {@code 1400}, {@code 64k}, {@code 256M}, in powers of 1024. */
    static long size(String text) {
        try {
            return Converters.byteSize(text).bytes();
        } catch (TypeConversionException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** {@link #size} of what has to fit an int. */
    static int intSize(String text) {
        long size = size(text);
        if (size > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("'" + text + "' is too large, it must be below 2G");
        }
        return (int) size;
    }

    /** A whole number. */
    static long whole(String text, long min, long max) {
        if (!WHOLE.matcher(text).matches() || Long.parseLong(text) < min || Long.parseLong(text) > max) {
            throw new IllegalArgumentException("'" + text + "' is not a whole number from " + min + " to " + max);
        }
        return Long.parseLong(text);
    }

    /** {@code true} or {@code false}. */
    static boolean flag(String text) {
        if (!text.equals("true") && !text.equals("false")) {
            throw new IllegalArgumentException("'" + text + "' is neither true nor false");
        }
        return text.equals("true");
    }

    /** As {@link #duration} reads it. */
    static String text(Duration duration) {
        BigDecimal seconds = BigDecimal.valueOf(duration.getSeconds())
                .add(BigDecimal.valueOf(duration.getNano(), 9))
                .stripTrailingZeros();
        boolean fine = seconds.signum() != 0 && seconds.abs().compareTo(BigDecimal.ONE) < 0;
        return fine
                ? seconds.movePointRight(3).stripTrailingZeros().toPlainString() + "ms"
                : seconds.toPlainString() + "s";
    }
}
