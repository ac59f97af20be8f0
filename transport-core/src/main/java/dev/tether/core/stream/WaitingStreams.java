package dev.tether.core.stream;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The streams that wait for room in the send buffer, in the order of the bytes that they hold there, the fewest first; of
 * those that hold as many, the one that waits the longest. A binary heap in which each stream knows its place. Allocates
 * only to grow. Not thread-safe.
 */
final class WaitingStreams {

    /** The place of a stream that does not wait. */
    static final int NOWHERE = -1;

    private static final @Nullable SendStream[] NONE = {};
    private static final int FIRST_CAPACITY = 4;

    private @Nullable SendStream[] heap = NONE;
    private int count;
    private long additions;

    /** The stream that holds the fewest bytes, or null. */
    @Nullable
    SendStream first() {
        return count == 0 ? null : at(0);
    }

    /** Adds a stream, unless it waits already; returns whether it did. */
    boolean add(SendStream stream) {
        if (stream.waitingPlace != NOWHERE) {
            return false;
        }
        if (count == heap.length) {
            heap = Arrays.copyOf(heap, Math.max(FIRST_CAPACITY, 2 * count));
        }
        stream.waitingTurn = additions++;
        put(stream, count++);
        rise(stream);
        return true;
    }

    /** Takes a stream out, if it waits. */
    void remove(SendStream stream) {
        int place = stream.waitingPlace;
        if (place == NOWHERE) {
            return;
        }
        stream.waitingPlace = NOWHERE;
        SendStream last = at(--count);
        heap[count] = null;
        if (last != stream) {
            put(last, place);
            update(last);
        }
    }

    /** A stream holds more bytes than before, or fewer. Without effect if it does not wait. */
    void update(SendStream stream) {
        if (stream.waitingPlace != NOWHERE) {
            rise(stream);
            sink(stream);
        }
    }

    private void rise(SendStream stream) {
        int place = stream.waitingPlace;
        while (place > 0) {
            int parent = (place - 1) >>> 1;
            SendStream above = at(parent);
            if (!precedes(stream, above)) {
                break;
            }
            put(above, place);
            place = parent;
        }
        put(stream, place);
    }

    private void sink(SendStream stream) {
        int place = stream.waitingPlace;
        for (int child = 2 * place + 1; child < count; child = 2 * place + 1) {
            if (child + 1 < count && precedes(at(child + 1), at(child))) {
                child++;
            }
            SendStream below = at(child);
            if (!precedes(below, stream)) {
                break;
            }
            put(below, place);
            place = child;
        }
        put(stream, place);
    }

    private static boolean precedes(SendStream one, SendStream other) {
        int byHeld = Long.compare(one.held(), other.held());
        return byHeld != 0 ? byHeld < 0 : one.waitingTurn < other.waitingTurn;
    }

    private void put(SendStream stream, int place) {
        heap[place] = stream;
        stream.waitingPlace = place;
    }

    private SendStream at(int place) {
        SendStream stream = heap[place];
        assert stream != null;
        return stream;
    }
}
