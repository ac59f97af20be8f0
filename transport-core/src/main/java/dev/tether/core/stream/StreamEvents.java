package dev.tether.core.stream;

import java.util.EnumMap;
import org.jspecify.annotations.Nullable;

/** The events that wait to be polled: a queue of streams for each kind, made when the kind first happens. */
final class StreamEvents {

    private @Nullable EnumMap<StreamEvent, StreamQueue> queues;
    private int count;

    /** Notes an event, unless the same one waits already for this stream. */
    void add(StreamEvent event, Stream stream) {
        if (queues == null) {
            queues = new EnumMap<>(StreamEvent.class);
        }
        StreamQueue queue = queues.get(event);
        if (queue == null) {
            queue = new StreamQueue(event.bit());
            queues.put(event, queue);
        }
        int before = queue.size();
        queue.add(stream);
        count += queue.size() - before;
    }

    /** How many events wait. */
    int count() {
        return count;
    }

    /** The next stream to which {@code event} has happened, or null. */
    @Nullable
    Stream poll(StreamEvent event) {
        StreamQueue queue = queues == null ? null : queues.get(event);
        Stream stream = queue == null ? null : queue.poll();
        count -= stream == null ? 0 : 1;
        return stream;
    }

    void clear() {
        queues = null;
        count = 0;
    }
}
