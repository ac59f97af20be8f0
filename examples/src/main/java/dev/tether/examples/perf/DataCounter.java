package dev.tether.examples.perf;

/** Counts the DATA messages of one direction. Not thread-safe: it lives on the connection's event loop. */
final class DataCounter {

    private long bytes;
    private long messages;
    private long beginNs;

    void add(int size) {
        if (messages == 0) {
            beginNs = System.nanoTime();
        }
        bytes += size;
        messages++;
    }

    long bytes() {
        return bytes;
    }

    long messages() {
        return messages;
    }

    /** The time since the first message, in nanoseconds; 0 if there was none. */
    long elapsedNs() {
        return messages == 0 ? 0 : System.nanoTime() - beginNs;
    }

    void reset() {
        bytes = 0;
        messages = 0;
    }
}
