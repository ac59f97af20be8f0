package dev.tether.testing;

import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A resource that became garbage before it was released.
 *
 * @param resourceType the class of the resource, such as {@code ByteBuf}
 * @param records where it was allocated and touched, as Netty prints it; contains the hint of the test
 */
record LeakReport(String resourceType, String records) {

    private static final String HINT = "allocated during ";
    private static final Pattern FRAMEWORK =
            Pattern.compile("\\t(java\\.base/|org\\.junit\\.|org\\.apache\\.maven\\.)");

    static String hint(String test) {
        return HINT + test + ";";
    }

    boolean isChargedTo(String test) {
        return records.contains(hint(test));
    }

    /** What leaked and the frames of its records that lie below the test framework. */
    @Override
    public String toString() {
        return records.lines()
                .filter(line -> !FRAMEWORK.matcher(line).lookingAt())
                .collect(Collectors.joining("\n", resourceType + " was not released", ""));
    }
}
