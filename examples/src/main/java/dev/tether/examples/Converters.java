package dev.tether.examples;

import dev.tether.core.PeerAddress;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/** Reads the values of options and parameters. */
public final class Converters {

    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)?");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,12})([kmgt])?i?b?");
    private static final Pattern PROBABILITY = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,30})?(?:[eE]-?\\d{1,3})?)%?");

    private Converters() {}

    /** {@code tether://key@host:port}. */
    static PeerAddress peerAddress(String text) {
        try {
            return PeerAddress.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }

    /** {@code 500ms}, {@code 10s}, {@code 2m}, {@code 1h}; a bare number is seconds. */
    public static Duration duration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw new TypeConversionException("'" + text + "' is not a duration, such as 500ms, 10s or 2m");
        }
        long value = Long.parseLong(matcher.group(1));
        String unit = matcher.group(2) == null ? "s" : matcher.group(2);
        return switch (unit) {
            case "ms" -> Duration.ofMillis(value);
            case "m" -> Duration.ofMinutes(value);
            case "h" -> Duration.ofHours(value);
            default -> Duration.ofSeconds(value);
        };
    }

    /** {@code 1400}, {@code 64k}, {@code 256M}, {@code 1G}, in powers of 1024. */
    public static ByteSize byteSize(String text) {
        Matcher matcher = SIZE.matcher(text.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new TypeConversionException("'" + text + "' is not a size, such as 1400, 64k or 256M");
        }
        int shift = matcher.group(2) == null ? 0 : 10 * ("kmgt".indexOf(matcher.group(2)) + 1);
        long value = Long.parseLong(matcher.group(1));
        if (value > Long.MAX_VALUE >> shift) {
            throw new TypeConversionException("'" + text + "' is too large");
        }
        return new ByteSize(value << shift);
    }

    /** {@code 5%} or {@code 0.05}. */
    public static Probability probability(String text) {
        Matcher matcher = PROBABILITY.matcher(text);
        double value = matcher.matches() ? Double.parseDouble(matcher.group(1)) : Double.NaN;
        double probability = text.endsWith("%") ? value / 100 : value;
        if (!(probability >= 0 && probability <= 1)) {
            throw new TypeConversionException("'" + text + "' is not a probability, such as 5% or 0.05, from 0 to 1");
        }
        return new Probability(probability);
    }
}
