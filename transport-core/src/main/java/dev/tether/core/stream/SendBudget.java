package dev.tether.core.stream;

/** Bounds how many bytes all streams of a connection may have written and not yet acknowledged. Not thread-safe. */
final class SendBudget {

    private final int bound;
    private long used;

    SendBudget(int bound) {
        this.bound = bound;
    }

    /** How many bytes may still be written. */
    long free() {
        return bound - used;
    }

    /** Whether so much is free that it is worth to wake writers: 1/16. */
    boolean isWorthWaking() {
        return free() >= bound >> 4;
    }

    void take(long bytes) {
        used += bytes;
    }

    void giveBack(long bytes) {
        used -= bytes;
    }
}
