package dev.tether.core.congestion;

/** The window sizes of RFC 9002, section 7.2, and the pacing rate of section 7.7, as functions. */
final class WindowBounds {

    /** What the initial window may reach with datagrams of ordinary size: ten of 1472 bytes. */
    private static final long INITIAL_WINDOW_LIMIT = 14_720;

    private static final double PACING_GAIN = 1.25;
    private static final double SLOW_START_PACING_GAIN = 2;

    private WindowBounds() {}

    /** {@code kInitialWindow}, in bytes. */
    static long initialWindow(int mtu) {
        return Math.min(10L * mtu, Math.max(INITIAL_WINDOW_LIMIT, 2L * mtu));
    }

    /** {@code kMinimumWindow}, in bytes. */
    static long minimumWindow(int mtu) {
        return 2L * mtu;
    }

    /** {@code N * congestion_window / smoothed_rtt}, in bytes per second, at least 1. N is larger in slow start. */
    static long pacingRate(long window, boolean slowStart, long smoothedRttNs) {
        double gain = slowStart ? SLOW_START_PACING_GAIN : PACING_GAIN;
        return Math.max(1, (long) (gain * window * 1e9 / smoothedRttNs));
    }
}
