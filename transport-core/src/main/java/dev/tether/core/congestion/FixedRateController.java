package dev.tether.core.congestion;

import dev.tether.core.recovery.RttEstimator;

/**
 * Sends at a given rate, whatever happens: for tests, simulations and links of known capacity. It does not react to
 * congestion and must not be used on a shared network.
 */
public final class FixedRateController implements CongestionController {

    private final long rateBytesPerSecond;
    private int mtu;

    /**
     * A controller with this rate.
     *
     * @param rateBytesPerSecond the rate; positive
     * @param mtu the largest size of a datagram, in bytes; at least 1200
     */
    public FixedRateController(long rateBytesPerSecond, int mtu) {
        if (rateBytesPerSecond <= 0) {
            throw new IllegalArgumentException("the rate must be positive, not " + rateBytesPerSecond);
        }
        this.rateBytesPerSecond = rateBytesPerSecond;
        this.mtu = mtu;
    }

    @Override
    public String name() {
        return "fixed rate";
    }

    /** What the rate sends in one second: longer than a round trip, so that only the pacer holds the sender back. */
    @Override
    public long window() {
        return Math.max(rateBytesPerSecond, WindowBounds.minimumWindow(mtu));
    }

    @Override
    public long pacingRateBytesPerSecond(long smoothedRttNs) {
        return rateBytesPerSecond;
    }

    @Override
    public void onMtuChanged(int newMtu) {
        mtu = newMtu;
    }

    @Override
    public void onPacketSent(int bytes, long nowNs) {}

    @Override
    public void onAck(
            long ackedBytes,
            long largestAckedSentNs,
            RttEstimator rtt,
            long bytesInFlight,
            boolean appLimited,
            long nowNs) {}

    @Override
    public void onCongestionEvent(long largestLostSentNs, long lostBytes, boolean persistent, long nowNs) {}

    @Override
    public void onSpuriousCongestionEvent() {}
}
