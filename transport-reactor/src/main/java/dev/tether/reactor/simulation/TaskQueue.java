package dev.tether.reactor.simulation;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of a clock: the one that is due first comes first, and of those due at one instant the one that was added
 * first. A binary heap in which a task knows its place, so that a cancelled one leaves at once. Not thread-safe.
 */
final class TaskQueue {

    private @Nullable ClockTask[] heap = new ClockTask[64];
    private int size;
    private long sequence;

    int size() {
        return size;
    }

    @Nullable
    ClockTask peek() {
        return heap[0];
    }

    /** When the first task is due; {@link Long#MAX_VALUE} if there is none. */
    long nextNs() {
        ClockTask first = heap[0];
        return first == null ? Long.MAX_VALUE : first.timeNs;
    }

    void add(ClockTask task) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, 2 * size);
        }
        task.sequence = sequence++;
        up(size++, task);
    }

    /** Removes a task; one that is not in here is none of its business. */
    void remove(ClockTask task) {
        int index = task.index;
        if (index < 0) {
            return;
        }
        task.index = -1;
        ClockTask last = heap[--size];
        heap[size] = null;
        if (last != null && last != task) {
            down(index, last);
            if (last.index == index) {
                up(index, last);
            }
        }
    }

    private void up(int index, ClockTask task) {
        int at = index;
        while (at > 0) {
            int parent = at - 1 >>> 1;
            ClockTask other = heap[parent];
            if (other == null || !task.isBefore(other)) {
                break;
            }
            set(at, other);
            at = parent;
        }
        set(at, task);
    }

    private void down(int index, ClockTask task) {
        int at = index;
        for (int child = 2 * at + 1; child < size; child = 2 * at + 1) {
            ClockTask first = heap[child];
            ClockTask second = child + 1 < size ? heap[child + 1] : null;
            if (first != null && second != null && second.isBefore(first)) {
                first = second;
                child++;
            }
            if (first == null || !first.isBefore(task)) {
                break;
            }
            set(at, first);
            at = child;
        }
        set(at, task);
    }

    private void set(int index, ClockTask task) {
        heap[index] = task;
        task.index = index;
    }
}
