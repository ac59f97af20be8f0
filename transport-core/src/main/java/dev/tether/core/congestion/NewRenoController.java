package dev.tether.core.congestion;

import dev.tether.core.recovery.RttEstimator;

/** NewReno as RFC 9002, section 7 and appendix B, describes it. */
public final class NewRenoController implements CongestionController {

    private static final long UNDEFINED = 0;

    private final RecoveryPeriod recovery = new RecoveryPeriod();
    private final RoundTripCounter rounds = new RoundTripCounter();
    private final WindowUsage usage = new WindowUsage();

    private int mtu;
    private long window;
    private long slowStartThreshold = Long.MAX_VALUE;

    /** The bytes acknowledged since the window last grew in congestion avoidance. */
    private long ackedSinceGrowth;

    private long undoWindow = UNDEFINED;
    private long undoSlowStartThreshold;

    /**
     * A controller for a new path.
     *
     * @param mtu the largest size of a datagram, in bytes; at least 1200
     */
    public NewRenoController(int mtu) {
        this.mtu = mtu;
        window = WindowBounds.initialWindow(mtu);
    }

    @Override
    public String name() {
        return "NewReno";
    }

    @Override
    public long window() {
        return window;
    }

    @Override
    public long pacingRateBytesPerSecond(long smoothedRttNs) {
        return WindowBounds.pacingRate(window, isSlowStart(), smoothedRttNs);
    }

    @Override
    public void onPacketSent(int bytes, long nowNs) {
        usage.onPacketSent(bytes);
    }

    /** RFC 9002, appendix B.5. */
    @Override
    public void onAck(
            long ackedBytes,
            long largestAckedSentNs,
            RttEstimator rtt,
            long bytesInFlight,
            boolean appLimited,
            long nowNs) {
        usage.onAck(bytesInFlight, rounds.onAck(largestAckedSentNs, nowNs));
        if (recovery.covers(largestAckedSentNs) || usage.isUnderused(window, isSlowStart(), appLimited, mtu)) {
            return;
        }
        if (isSlowStart()) {
            window += ackedBytes;
            return;
        }
        ackedSinceGrowth += ackedBytes;
        if (ackedSinceGrowth >= window) {
            ackedSinceGrowth -= window;
            window += mtu;
        }
    }

    /** RFC 9002, appendices B.6 and B.8. */
    @Override
    public void onCongestionEvent(long largestLostSentNs, long lostBytes, boolean persistent, long nowNs) {
        usage.onLost(lostBytes);
        if (!recovery.covers(largestLostSentNs)) {
            recovery.begin(nowNs);
            undoWindow = window;
            undoSlowStartThreshold = slowStartThreshold;
            window = Math.max(window / 2, WindowBounds.minimumWindow(mtu));
            slowStartThreshold = window;
            ackedSinceGrowth = 0;
        }
        if (persistent) {
            recovery.end();
            undoWindow = UNDEFINED;
            window = WindowBounds.minimumWindow(mtu);
        }
    }

    @Override
    public void onSpuriousCongestionEvent() {
        if (undoWindow == UNDEFINED) {
            return;
        }
        recovery.end();
        if (undoWindow > window) {
            window = undoWindow;
            slowStartThreshold = undoSlowStartThreshold;
        }
        undoWindow = UNDEFINED;
    }

    @Override
    public void onMtuChanged(int newMtu) {
        boolean untouched = slowStartThreshold == Long.MAX_VALUE && window == WindowBounds.initialWindow(mtu);
        mtu = newMtu;
        window = untouched ? WindowBounds.initialWindow(newMtu) : Math.max(window, WindowBounds.minimumWindow(newMtu));
    }

    private boolean isSlowStart() {
        return window < slowStartThreshold;
    }
}
