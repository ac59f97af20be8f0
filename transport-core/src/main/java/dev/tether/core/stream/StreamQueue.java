package dev.tether.core.stream;

import org.jspecify.annotations.Nullable;

/** A queue of streams in which each stands at most once, told by a mark of the stream. Allocates only to grow. */
final class StreamQueue {

    private static final @Nullable Stream[] NONE = {};
    private static final int FIRST_CAPACITY = 4;

    private final int markBit;
    private @Nullable Stream[] ring = NONE;
    private int head;
    private int count;

    /**
     * An empty queue.
     *
     * @param markBit the bit of {@link Stream#mark} that says that a stream stands in this queue
     */
    StreamQueue(int markBit) {
        this.markBit = markBit;
    }

    boolean isEmpty() {
        return count == 0;
    }

    int size() {
        return count;
    }

    /** Adds a stream to the end unless it stands in the queue already. */
    void add(Stream stream) {
        if (stream.mark(markBit)) {
            if (count == ring.length) {
                grow();
            }
            ring[(head + count) & (ring.length - 1)] = stream;
            count++;
        }
    }

    /** The first stream, or null. */
    @Nullable
    Stream peek() {
        return count == 0 ? null : ring[head];
    }

    /** Takes the first stream out, or returns null. */
    @Nullable
    Stream poll() {
        Stream first = peek();
        if (first != null) {
            ring[head] = null;
            head = (head + 1) & (ring.length - 1);
            count--;
            first.unmark(markBit);
        }
        return first;
    }

    /** Takes a stream out, wherever it stands; returns whether it stood here. Looks through the queue. */
    boolean remove(Stream stream) {
        int found = 0;
        while (found < count && at(found) != stream) {
            found++;
        }
        if (found == count) {
            return false;
        }
        for (int i = found; i + 1 < count; i++) {
            ring[(head + i) & (ring.length - 1)] = at(i + 1);
        }
        count--;
        ring[(head + count) & (ring.length - 1)] = null;
        stream.unmark(markBit);
        return true;
    }

    void clear() {
        while (count > 0) {
            poll();
        }
        ring = NONE;
        head = 0;
    }

    private @Nullable Stream at(int index) {
        return ring[(head + index) & (ring.length - 1)];
    }

    private void grow() {
        @Nullable Stream[] longer = new Stream[Math.max(FIRST_CAPACITY, 2 * count)];
        for (int i = 0; i < count; i++) {
            longer[i] = at(i);
        }
        ring = longer;
        head = 0;
    }
}
