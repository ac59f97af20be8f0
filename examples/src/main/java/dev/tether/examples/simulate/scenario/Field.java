package dev.tether.examples.simulate.scenario;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * One field of a block of settings.
 *
 * @param set puts the value into a builder and returns it, or a copy
 * @param get the value as text
 * @param <B> what is built
 * @param <S> the settings
 */
record Field<B, S>(String name, BiFunction<B, String, B> set, Function<S, String> get) {

    /**
     * Puts all values of a block into a builder.
     *
     * @throws InvalidFieldException for a field that {@code fields} has not, and for a value that it can't have
     */
    static <B, S> B read(String path, Map<String, String> block, List<Field<B, S>> fields, B builder) {
        Map<String, Field<B, S>> byName =
                fields.stream().collect(Collectors.toMap(Field::name, Function.identity(), (a, b) -> a));
        B result = builder;
        for (Map.Entry<String, String> entry : block.entrySet()) {
            String fieldPath = path + "." + entry.getKey();
            Field<B, S> field = byName.get(entry.getKey());
            if (field == null) {
                throw new InvalidFieldException(
                        fieldPath,
                        "there is no such field; allowed are "
                                + fields.stream().map(Field::name).collect(Collectors.joining(", ")));
            }
            if (entry.getValue() == null) {
                throw new InvalidFieldException(fieldPath, "it has no value");
            }
            try {
                result = field.set().apply(result, entry.getValue());
            } catch (IllegalArgumentException e) {
                throw new InvalidFieldException(fieldPath, String.valueOf(e.getMessage()));
            }
        }
        return result;
    }

    /** The values that are not as in {@code defaults}. */
    static <B, S> Map<String, String> write(S settings, S defaults, List<Field<B, S>> fields) {
        Map<String, String> block = new LinkedHashMap<>();
        for (Field<B, S> field : fields) {
            String value = field.get().apply(settings);
            if (!value.equals(field.get().apply(defaults))) {
                block.put(field.name(), value);
            }
        }
        return block;
    }
}
