package dev.tether.examples.simulate.scenario;

import java.time.Duration;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads the values of a block's fields; each method throws {@link InvalidFieldException}, naming the field. */
final class Values {

    private static final Duration MAX = Duration.ofDays(1);

    private Values() {}

    static String required(String block, String field, @Nullable String text) {
        if (text == null) {
            throw new InvalidFieldException(block, "'" + field + "' is missing");
        }
        return text;
    }

    static <T> T of(String block, String field, @Nullable String text, Function<String, T> parser) {
        String given = required(block, field, text);
        return checked(path(block, field), () -> parser.apply(given));
    }

    /** From 0 to one day. */
    static Duration duration(String block, String field, @Nullable String text, @Nullable Duration byDefault) {
        if (text == null && byDefault != null) {
            return byDefault;
        }
        Duration duration = of(block, field, text, Amounts::duration);
        if (duration.isNegative() || duration.compareTo(MAX) > 0) {
            throw new InvalidFieldException(path(block, field), "'" + text + "' is out of its range, from 0s to 24h");
        }
        return duration;
    }

    static long whole(String block, String field, @Nullable String text, long min, long max, long byDefault) {
        return text == null ? byDefault : of(block, field, text, it -> Amounts.whole(it, min, max));
    }

    static boolean flag(String block, String field, @Nullable String text, boolean byDefault) {
        return text == null ? byDefault : of(block, field, text, Amounts::flag);
    }

    /** What {@code value} gives; what it complains of is a complaint about the field at {@code path}. */
    static <T> T checked(String path, Supplier<T> value) {
        try {
            return value.get();
        } catch (IllegalArgumentException e) {
            throw new InvalidFieldException(path, String.valueOf(e.getMessage()));
        }
    }

    private static String path(String block, String field) {
        return block.isEmpty() ? field : block + "." + field;
    }
}
