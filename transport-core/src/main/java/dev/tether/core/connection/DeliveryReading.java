package dev.tether.core.connection;

/**
 * How the sending side of a connection stands at one moment.
 *
 * @param smoothedRttNs the smoothed round-trip time, RFC 9002 §5.3
 * @param minRttNs the lowest round-trip time seen; 0 before the first sample
 * @param congestionWindow how many bytes may be in flight
 * @param bytesInFlight how many are
 * @param datagramSize the size of a full datagram, in bytes
 */
public record DeliveryReading(
        long smoothedRttNs, long minRttNs, long congestionWindow, long bytesInFlight, int datagramSize) {

    static final DeliveryReading NONE = new DeliveryReading(0, 0, 0, 0, 0);
}
