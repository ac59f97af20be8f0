package dev.tether.core.recovery;

import java.util.Arrays;

/**
 * A set of packet numbers as at most a fixed number of ranges, of which the oldest give way. Below its floor, the set no
 * longer knows what it contained. Stored as pairs of bounds in ascending order, because nearly every number extends the
 * last range.
 */
final class PacketNumberRanges {

    private static final int INITIAL_RANGES = 2;

    private final int maxRanges;
    private long[] bounds = new long[2 * INITIAL_RANGES];
    private int count;
    private long floor;

    PacketNumberRanges(int maxRanges) {
        this.maxRanges = maxRanges;
    }

    /** How many ranges there are. */
    int count() {
        return count;
    }

    /** The smallest number of a range; index 0 is the newest range, that with the largest numbers. */
    long smallest(int index) {
        return bounds[2 * (count - 1 - index)];
    }

    /** The largest number of a range, indexed in the same way. */
    long largest(int index) {
        return bounds[2 * (count - 1 - index) + 1];
    }

    /** Whether a number is in the set, or below the floor, where that is not known any more. */
    boolean contains(long number) {
        return number < floor || isIn(number, rangeAtOrBelow(number));
    }

    /** Whether nothing is known to be missing between {@code from} and {@code to}, which is in the set and larger. */
    boolean isGapless(long from, long to) {
        return bounds[2 * rangeAtOrBelow(to)] <= Math.max(from + 1, floor);
    }

    /**
     * Adds a number.
     *
     * @return false if it {@linkplain #contains was there} already, or if there is no room for it because it would be the
     *     oldest range
     */
    boolean add(long number) {
        if (number < floor) {
            return false;
        }
        int below = rangeAtOrBelow(number);
        if (isIn(number, below)) {
            return false;
        }
        boolean extendsBelow = below >= 0 && bounds[2 * below + 1] == number - 1;
        boolean extendsAbove = below + 1 < count && bounds[2 * (below + 1)] == number + 1;
        if (extendsBelow && extendsAbove) {
            bounds[2 * below + 1] = bounds[2 * (below + 1) + 1];
            removeRange(below + 1);
        } else if (extendsBelow) {
            bounds[2 * below + 1] = number;
        } else if (extendsAbove) {
            bounds[2 * (below + 1)] = number;
        } else {
            return insertRange(below + 1, number);
        }
        return true;
    }

    /** Forgets all numbers up to {@code number}, and makes it the highest of those that are not known any more. */
    void forgetUpTo(long number) {
        if (number < floor) {
            return;
        }
        floor = number + 1;
        int forgotten = 0;
        while (forgotten < count && bounds[2 * forgotten + 1] < floor) {
            forgotten++;
        }
        System.arraycopy(bounds, 2 * forgotten, bounds, 0, 2 * (count - forgotten));
        count -= forgotten;
        if (count > 0) {
            bounds[0] = Math.max(bounds[0], floor);
        }
    }

    private boolean insertRange(int position, long number) {
        int at = position;
        if (count == maxRanges) {
            if (at == 0) {
                return false;
            }
            forgetUpTo(bounds[1]);
            at--;
        }
        if (2 * count == bounds.length) {
            bounds = Arrays.copyOf(bounds, Math.min(2 * bounds.length, 2 * maxRanges));
        }
        System.arraycopy(bounds, 2 * at, bounds, 2 * at + 2, 2 * (count - at));
        bounds[2 * at] = number;
        bounds[2 * at + 1] = number;
        count++;
        return true;
    }

    private void removeRange(int position) {
        System.arraycopy(bounds, 2 * position + 2, bounds, 2 * position, 2 * (count - position - 1));
        count--;
    }

    /** The position of the last range that begins at or below a number, or -1. New numbers are found at the first look. */
    private int rangeAtOrBelow(long number) {
        int position = count - 1;
        while (position >= 0 && bounds[2 * position] > number) {
            position--;
        }
        return position;
    }

    private boolean isIn(long number, int position) {
        return position >= 0 && number <= bounds[2 * position + 1];
    }
}
