package dev.tether.reactor;

import java.util.concurrent.TimeUnit;

/**
 * Decides which of many like occurrences are worth a line in the log: at most one in ten seconds of the node's clock, which
 * stands for all since the line before. What a remote sender causes cannot fill a log with it.
 */
final class LogLimit {

    static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(10);

    private long unwritten;
    private long nextNs = Long.MIN_VALUE;

    /**
     * It has happened.
     *
     * @param times how often
     * @return how often it has happened since the last line, if a line is to be written now; 0 otherwise
     */
    long add(long times, long nowNs) {
        unwritten += times;
        if (nowNs < nextNs) {
            return 0;
        }
        nextNs = nowNs + INTERVAL_NS;
        long written = unwritten;
        unwritten = 0;
        return written;
    }
}
