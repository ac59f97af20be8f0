package dev.tether.core.stream;

/** What can happen to a stream that the application should learn. */
enum StreamEvent {
    /** The peer opened the stream. */
    ACCEPTED(1 << 0),
    /** There are more bytes to read than before, or the end was reached. */
    READABLE(1 << 1),
    /** More is acknowledged than before. */
    ACKED(1 << 3),
    /** The peer abandoned its sending part. */
    RESET(1 << 4),
    /** The peer does not want what this side sends. */
    STOPPED(1 << 5),
    /** Both parts are over. */
    FINISHED(1 << 6);

    private final int bit;

    StreamEvent(int bit) {
        this.bit = bit;
    }

    /** The mark of a stream for which this event waits to be polled. */
    int bit() {
        return bit;
    }
}
