package dev.tether.core.stream;

/**
 * A set of stream offsets, held as disjoint half-open ranges in ascending order; ranges that touch are joined. Not
 * thread-safe; allocates only when it has grown or shrunk much: there are never more than 64 bytes of memory for each range,
 * beyond the first 512.
 */
final class OffsetRanges {

    private static final long[] NONE = {};
    private static final int FIRST_CAPACITY = 8;
    private static final int KEPT_CAPACITY = 64;

    private long[] bounds = NONE;
    private int count;

    /** How many ranges there are. */
    int count() {
        return count;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** How many bytes of memory the ranges take. */
    int memoryHeld() {
        return bounds.length * Long.BYTES;
    }

    /** The first offset of a range. */
    long start(int index) {
        return bounds[2 * index];
    }

    /** The first offset after a range. */
    long end(int index) {
        return bounds[2 * index + 1];
    }

    /** The index of the first range that ends after {@code offset}, or {@link #count()}. */
    int indexAfter(long offset) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (end(middle) > offset) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** Adds the offsets from {@code start} to before {@code end}. */
    void add(long start, long end) {
        int first = indexAfter(start - 1);
        int last = first;
        long joinedStart = start;
        long joinedEnd = end;
        while (last < count && start(last) <= end) {
            joinedStart = Math.min(joinedStart, start(last));
            joinedEnd = Math.max(joinedEnd, end(last));
            last++;
        }
        replace(first, last - first, 1);
        set(first, joinedStart, joinedEnd);
    }

    /** Removes the offsets from {@code start} to before {@code end}. */
    void remove(long start, long end) {
        int first = indexAfter(start);
        int last = first;
        while (last < count && start(last) < end) {
            last++;
        }
        if (first == last) {
            return;
        }
        long leftStart = start(first);
        long rightEnd = end(last - 1);
        int kept = (leftStart < start ? 1 : 0) + (rightEnd > end ? 1 : 0);
        replace(first, last - first, kept);
        if (leftStart < start) {
            set(first, leftStart, start);
        }
        if (rightEnd > end) {
            set(first + kept - 1, end, rightEnd);
        }
    }

    /**
     * The end of the run of offsets that begins at {@code offset} or before it: the end of the first range if that starts
     * no later, and {@code offset} otherwise. Ranges up to there are removed.
     */
    long absorb(long offset) {
        int absorbed = 0;
        long end = offset;
        while (absorbed < count && start(absorbed) <= end) {
            end = Math.max(end, end(absorbed));
            absorbed++;
        }
        if (absorbed > 0) {
            replace(0, absorbed, 0);
        }
        return end;
    }

    void clear() {
        count = 0;
        bounds = NONE;
    }

    private void set(int index, long start, long end) {
        bounds[2 * index] = start;
        bounds[2 * index + 1] = end;
    }

    /** Makes {@code inserted} places for {@code removed} ranges at {@code index}. */
    private void replace(int index, int removed, int inserted) {
        int newCount = count - removed + inserted;
        long[] target = bounds;
        if (2 * newCount > bounds.length || bounds.length > KEPT_CAPACITY && 8 * newCount < bounds.length) {
            target = new long[Math.max(FIRST_CAPACITY, 4 * newCount)];
            System.arraycopy(bounds, 0, target, 0, 2 * index);
        }
        int tail = index + removed;
        System.arraycopy(bounds, 2 * tail, target, 2 * (index + inserted), 2 * (count - tail));
        bounds = target;
        count = newCount;
    }
}
