package dev.tether.core.wire;

import java.util.OptionalLong;

/**
 * The versions of the protocol that a peer speaks: all from {@code min} to {@code max}.
 *
 * @param min the lowest, from 1
 * @param max the highest, from {@code min} to 2^32 - 1
 */
public record VersionRange(long min, long max) {

    /** The versions that this implementation speaks. */
    public static final VersionRange SUPPORTED =
            new VersionRange(InitiationDatagram.VERSION, InitiationDatagram.VERSION);

    private static final long HIGHEST = 0xffff_ffffL;

    /** @throws IllegalArgumentException if the numbers are not such a range */
    public VersionRange {
        if (!isValid(min, max)) {
            throw new IllegalArgumentException(
                    "versions " + min + " to " + max + " are not a range of versions from 1 to 2^32 - 1");
        }
    }

    /** Whether {@code version} is one of these. */
    public boolean contains(long version) {
        return version >= min && version <= max;
    }

    /** The highest version that is in both ranges. */
    public OptionalLong highestCommon(VersionRange other) {
        long highest = Math.min(max, other.max);
        return highest >= Math.max(min, other.min) ? OptionalLong.of(highest) : OptionalLong.empty();
    }

    /** For instance {@code 1-3}. */
    @Override
    public String toString() {
        return min + "-" + max;
    }

    static boolean isValid(long min, long max) {
        return min >= 1 && min <= max && max <= HIGHEST;
    }
}
