package dev.tether.reactor.simulation.swarm;

/**
 * What has become of streams.
 *
 * @param opened how many were opened
 * @param finished how many of their directions were received to the end
 * @param reset how many directions were abandoned by the one who sent, as the one who received has learned
 * @param cancelled how many directions were given up by the one who received, before the end
 * @param bytes how many bytes were received on them
 */
public record StreamTotals(long opened, long finished, long reset, long cancelled, long bytes) {

    /** Nothing. */
    public static final StreamTotals NONE = new StreamTotals(0, 0, 0, 0, 0);

    /** The sum of two. */
    public StreamTotals plus(StreamTotals other) {
        return new StreamTotals(
                opened + other.opened,
                finished + other.finished,
                reset + other.reset,
                cancelled + other.cancelled,
                bytes + other.bytes);
    }
}
