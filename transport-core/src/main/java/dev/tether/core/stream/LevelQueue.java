package dev.tether.core.stream;

import org.jspecify.annotations.Nullable;

/**
 * A queue of streams on each of some levels, where a stream stands on one level at most, told by a mark of the stream. A
 * level costs nothing before its first use. Allocates only to grow. Not thread-safe.
 */
final class LevelQueue {

    private final int markBit;
    private final @Nullable StreamQueue[] levels;

    /** A bit for each level that is not empty. */
    private int occupied;

    /**
     * Empty queues.
     *
     * @param markBit the bit of {@link Stream#mark} that says that a stream stands in one of them
     * @param levelCount how many levels there are, at most 31
     */
    LevelQueue(int markBit, int levelCount) {
        this.markBit = markBit;
        this.levels = new StreamQueue[levelCount];
    }

    /** Whether all levels are empty. */
    boolean isEmpty() {
        return occupied == 0;
    }

    /** The first level from {@code from} on that is not empty; 32 at least if there is none. */
    int nextLevel(int from) {
        return from + Integer.numberOfTrailingZeros(occupied >>> from);
    }

    /** Adds a stream to the end of a level, unless it stands on some level already. */
    void add(Stream stream, int level) {
        if (stream.isMarked(markBit)) {
            return;
        }
        StreamQueue queue = levels[level];
        if (queue == null) {
            queue = new StreamQueue(markBit);
            levels[level] = queue;
        }
        queue.add(stream);
        occupied |= 1 << level;
    }

    /** The first stream of a level, or null. */
    @Nullable
    Stream peek(int level) {
        StreamQueue queue = levels[level];
        return queue == null ? null : queue.peek();
    }

    /** Takes the first stream out of a level that has one, and adds it to the end of another or of the same one. */
    void requeue(int from, int to) {
        Stream stream = poll(from);
        if (stream != null) {
            add(stream, to);
        }
    }

    /** Takes the first stream of a level out, or returns null. */
    @Nullable
    Stream poll(int level) {
        StreamQueue queue = levels[level];
        if (queue == null) {
            return null;
        }
        Stream first = queue.poll();
        noteIfEmpty(queue, level);
        return first;
    }

    /** Moves a stream to the end of another level if it stands on {@code from}. Looks through that level. */
    void move(Stream stream, int from, int to) {
        StreamQueue queue = levels[from];
        if (queue != null && queue.remove(stream)) {
            noteIfEmpty(queue, from);
            add(stream, to);
        }
    }

    void clear() {
        for (StreamQueue queue : levels) {
            if (queue != null) {
                queue.clear();
            }
        }
        occupied = 0;
    }

    private void noteIfEmpty(StreamQueue queue, int level) {
        if (queue.isEmpty()) {
            occupied &= ~(1 << level);
        }
    }
}
