package dev.tether.core.congestion;

/**
 * The window of CUBIC as functions of time (RFC 9438, sections 4.2 and 4.3). Windows are in segments, times in seconds.
 */
final class CubicCurve {

    /** How aggressively the window grows (section 5.1). */
    static final double C = 0.4;

    /** The multiplicative decrease (section 4.6). */
    static final double BETA = 0.7;

    /** The additive increase that is as fast as Reno's on average with this decrease (section 4.3). */
    static final double RENO_FRIENDLY_ALPHA = 3 * (1 - BETA) / (1 + BETA);

    private CubicCurve() {}

    /** K: how long the window takes to get back to {@code maxWindow}, not below {@code epochWindow} (figure 2). */
    static double secondsToMax(double maxWindow, double epochWindow) {
        // StrictMath gives the same digits on every machine: one seed has to give one history.
        return StrictMath.cbrt((maxWindow - epochWindow) / C);
    }

    /** W_cubic(t): the window {@code seconds} after the epoch began (figure 1). */
    static double window(double seconds, double secondsToMax, double maxWindow) {
        double distance = seconds - secondsToMax;
        return C * distance * distance * distance + maxWindow;
    }
}
