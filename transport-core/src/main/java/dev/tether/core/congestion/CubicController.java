package dev.tether.core.congestion;

import dev.tether.core.recovery.RttEstimator;
import org.jspecify.annotations.Nullable;

/**
 * CUBIC (RFC 9438) with HyStart++ (RFC 9406) in the first slow start. Windows are kept as fractions of bytes: on a path
 * with a round trip of microseconds, one acknowledgment moves the window by less than a byte.
 */
public final class CubicController implements CongestionController {

    private static final long NONE = Long.MIN_VALUE;
    private static final double UNKNOWN = 0;

    private final RecoveryPeriod recovery = new RecoveryPeriod();
    private final RoundTripCounter rounds = new RoundTripCounter();
    private final WindowUsage usage = new WindowUsage();
    private final HyStartPlusPlus hyStart = new HyStartPlusPlus();

    private int mtu;
    private double window;
    private double slowStartThreshold = Double.POSITIVE_INFINITY;

    /** {@code W_max}: where the window was when it was last reduced, corrected by fast convergence. */
    private double maxWindow = UNKNOWN;

    /** {@code cwnd_prior}: where it really was. */
    private double priorWindow = UNKNOWN;

    /** {@code t_epoch}: when this stage of congestion avoidance began, pushed back while the window was not used. */
    private long epochStartNs = NONE;

    private double epochWindow;
    private double secondsToMax;

    /** {@code W_est}: the window that Reno would have. */
    private double renoWindow;

    private long lastAckNs;
    private @Nullable Undo undo;

    /**
     * A controller for a new path.
     *
     * @param mtu the largest size of a datagram, in bytes; at least 1200
     */
    public CubicController(int mtu) {
        this.mtu = mtu;
        window = WindowBounds.initialWindow(mtu);
    }

    @Override
    public String name() {
        return "CUBIC";
    }

    @Override
    public long window() {
        return (long) window;
    }

    @Override
    public long pacingRateBytesPerSecond(long smoothedRttNs) {
        return WindowBounds.pacingRate(window(), isSlowStart(), smoothedRttNs);
    }

    @Override
    public void onPacketSent(int bytes, long nowNs) {
        if (usage.isIdle()) {
            pauseEpoch(nowNs);
        }
        usage.onPacketSent(bytes);
    }

    @Override
    public void onAck(
            long ackedBytes,
            long largestAckedSentNs,
            RttEstimator rtt,
            long bytesInFlight,
            boolean appLimited,
            long nowNs) {
        boolean newRound = rounds.onAck(largestAckedSentNs, nowNs);
        usage.onAck(bytesInFlight, newRound);
        if (isFirstSlowStart()) {
            hyStart.onAck(newRound, rtt);
            if (hyStart.phase() == HyStartPlusPlus.Phase.DONE) {
                slowStartThreshold = window;
            }
        }
        if (recovery.covers(largestAckedSentNs)) {
            lastAckNs = nowNs;
        } else if (usage.isUnderused(window(), isSlowStart(), appLimited, mtu)) {
            pauseEpoch(nowNs);
        } else if (isSlowStart()) {
            lastAckNs = nowNs;
            window += isFirstSlowStart() ? hyStart.growth(ackedBytes) : ackedBytes;
        } else {
            lastAckNs = nowNs;
            avoidCongestion(ackedBytes, rtt.smoothedNs(), nowNs);
        }
    }

    @Override
    public void onCongestionEvent(long largestLostSentNs, long lostBytes, boolean persistent, long nowNs) {
        usage.onLost(lostBytes);
        if (!recovery.covers(largestLostSentNs)) {
            recovery.begin(nowNs);
            undo = new Undo(window, slowStartThreshold, maxWindow, priorWindow, epochStartNs, epochWindow, renoWindow);
            reduce();
        }
        if (persistent) {
            // RFC 9002, section 7.6.2, and RFC 9438, section 4.8.
            recovery.end();
            undo = null;
            window = WindowBounds.minimumWindow(mtu);
            maxWindow = UNKNOWN;
            epochStartNs = NONE;
        }
    }

    /** RFC 9438, section 4.9. */
    @Override
    public void onSpuriousCongestionEvent() {
        Undo previous = undo;
        if (previous == null) {
            return;
        }
        undo = null;
        recovery.end();
        if (previous.window > window) {
            window = previous.window;
            slowStartThreshold = previous.slowStartThreshold;
            maxWindow = previous.maxWindow;
            priorWindow = previous.priorWindow;
            epochStartNs = previous.epochStartNs;
            epochWindow = previous.epochWindow;
            renoWindow = previous.renoWindow;
            bendCurve();
        }
    }

    @Override
    public void onMtuChanged(int newMtu) {
        boolean untouched = isFirstSlowStart() && window == WindowBounds.initialWindow(mtu);
        mtu = newMtu;
        window = untouched
                ? WindowBounds.initialWindow(newMtu)
                : Math.max(window, (double) WindowBounds.minimumWindow(newMtu));
        bendCurve();
    }

    private boolean isSlowStart() {
        return window < slowStartThreshold;
    }

    /** RFC 9406, section 4.3: HyStart++ is for the first slow start only. */
    private boolean isFirstSlowStart() {
        return slowStartThreshold == Double.POSITIVE_INFINITY;
    }

    /** The multiplicative decrease, with fast convergence (RFC 9438, sections 4.6 and 4.7). */
    private void reduce() {
        priorWindow = window;
        maxWindow = window < maxWindow ? window * (1 + CubicCurve.BETA) / 2 : window;
        window = Math.max(window * CubicCurve.BETA, (double) WindowBounds.minimumWindow(mtu));
        slowStartThreshold = window;
        epochStartNs = NONE;
    }

    /** RFC 9438, sections 4.2 to 4.5. */
    private void avoidCongestion(long ackedBytes, long smoothedRttNs, long nowNs) {
        if (epochStartNs == NONE) {
            beginEpoch(nowNs);
        }
        double seconds = (nowNs - epochStartNs) / 1e9;
        double ackedWindows = ackedBytes / window;
        // Once Reno would be back where the loss was, it grows by one segment a round trip.
        double alpha = renoWindow < priorWindow ? CubicCurve.RENO_FRIENDLY_ALPHA : 1;
        renoWindow += alpha * mtu * ackedWindows;
        if (curveWindow(seconds) < renoWindow) {
            window = Math.max(window, renoWindow);
        } else {
            double ahead = curveWindow(seconds + smoothedRttNs / 1e9);
            double target = Math.max(window, Math.min(ahead, 1.5 * window));
            window += (target - window) * ackedWindows;
        }
    }

    private void beginEpoch(long nowNs) {
        epochStartNs = nowNs;
        epochWindow = window;
        renoWindow = window;
        if (maxWindow < window) {
            // No loss led here, or persistent congestion: the curve starts at its plateau (sections 4.8 and 4.10).
            maxWindow = window;
            priorWindow = window;
        }
        bendCurve();
    }

    private void bendCurve() {
        secondsToMax = CubicCurve.secondsToMax(Math.max(0, maxWindow - epochWindow) / mtu, 0);
    }

    private double curveWindow(double seconds) {
        return CubicCurve.window(seconds, secondsToMax, maxWindow / mtu) * mtu;
    }

    /** Takes the time since the last acknowledgment out of the epoch: the window was not used (RFC 9438, section 5.8). */
    private void pauseEpoch(long nowNs) {
        if (epochStartNs != NONE) {
            epochStartNs += nowNs - lastAckNs;
        }
        lastAckNs = nowNs;
    }

    /** The state before the latest reduction. */
    private record Undo(
            double window,
            double slowStartThreshold,
            double maxWindow,
            double priorWindow,
            long epochStartNs,
            double epochWindow,
            double renoWindow) {}
}
