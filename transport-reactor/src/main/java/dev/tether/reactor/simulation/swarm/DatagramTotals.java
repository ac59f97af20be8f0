package dev.tether.reactor.simulation.swarm;

/**
 * What has become of unreliable datagrams.
 *
 * @param sent how many publishers gave
 * @param received how many were received
 * @param bytes the bytes of these
 */
public record DatagramTotals(long sent, long received, long bytes) {

    /** Nothing. */
    public static final DatagramTotals NONE = new DatagramTotals(0, 0, 0);

    /** The sum of two. */
    public DatagramTotals plus(DatagramTotals other) {
        return new DatagramTotals(sent + other.sent, received + other.received, bytes + other.bytes);
    }
}
