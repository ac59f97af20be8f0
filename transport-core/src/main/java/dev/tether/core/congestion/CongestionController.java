package dev.tether.core.congestion;

import dev.tether.core.recovery.RttEstimator;

/**
 * Decides how many bytes may be in flight, and how fast they should leave. One controller serves one path of one
 * connection; a connection that moves to another path starts with a new one (RFC 9000, section 9.4).
 *
 * <p>After an acknowledgment or timeout, tell it about losses first and about acknowledged bytes second (RFC 9002,
 * appendix A.7). Sizes are in bytes, times in nanoseconds. Implementations are not thread-safe, and allocate nothing per
 * packet or acknowledgment.
 */
public interface CongestionController {

    /** The algorithm's name, for statistics and logs. */
    String name();

    /** A packet that counts toward the bytes in flight has been sent. */
    void onPacketSent(int bytes, long nowNs);

    /**
     * Bytes in flight have been acknowledged.
     *
     * @param ackedBytes how many; positive
     * @param largestAckedSentNs when the largest of these packets was sent
     * @param rtt the round-trip estimate after this acknowledgment
     * @param bytesInFlight what is in flight after this acknowledgment and its losses
     * @param appLimited whether the sender is at present short of data or flow-control credit; false if it is the window
     *     or the pacer that holds it back. The window does not grow for a sender that has not been using it (RFC 9002,
     *     section 7.8).
     */
    void onAck(
            long ackedBytes,
            long largestAckedSentNs,
            RttEstimator rtt,
            long bytesInFlight,
            boolean appLimited,
            long nowNs);

    /**
     * Packets were lost. At most one reaction per round trip follows (RFC 9002, section 7.3.2).
     *
     * @param largestLostSentNs when the largest of the lost packets was sent
     * @param lostBytes their size
     * @param persistent whether persistent congestion was established (RFC 9002, section 7.6)
     */
    void onCongestionEvent(long largestLostSentNs, long lostBytes, boolean persistent, long nowNs);

    /** Every packet of the latest congestion event arrived after all: the reaction to it may be undone. */
    void onSpuriousCongestionEvent();

    /** The largest size of a datagram has changed; at least 1200. */
    void onMtuChanged(int mtu);

    /** The congestion window: how many bytes may be in flight. At least two datagrams of the largest size. */
    long window();

    /**
     * The rate at which packets should leave, in bytes per second, at least 1 (RFC 9002, section 7.7).
     *
     * @param smoothedRttNs the smoothed round-trip time; positive
     */
    long pacingRateBytesPerSecond(long smoothedRttNs);
}
