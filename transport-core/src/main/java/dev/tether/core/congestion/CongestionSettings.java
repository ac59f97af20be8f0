package dev.tether.core.congestion;

/**
 * Which congestion control a connection uses. Immutable.
 *
 * @param algorithm the algorithm
 * @param fixedRateBytesPerSecond the rate of {@link CongestionAlgorithm#FIXED_RATE}, positive; otherwise 0
 */
public record CongestionSettings(CongestionAlgorithm algorithm, long fixedRateBytesPerSecond) {

    /** Checks that there is a rate if, and only if, the algorithm needs one. */
    public CongestionSettings {
        boolean valid = algorithm == CongestionAlgorithm.FIXED_RATE
                ? fixedRateBytesPerSecond > 0
                : fixedRateBytesPerSecond == 0;
        if (!valid) {
            throw new IllegalArgumentException(
                    "a fixed rate of " + fixedRateBytesPerSecond + " bytes per second does not go with " + algorithm);
        }
    }

    /** CUBIC, the default. */
    public static CongestionSettings cubic() {
        return new CongestionSettings(CongestionAlgorithm.CUBIC, 0);
    }

    /** NewReno. */
    public static CongestionSettings newReno() {
        return new CongestionSettings(CongestionAlgorithm.NEW_RENO, 0);
    }

    /** A fixed rate, in bytes per second, positive. */
    public static CongestionSettings fixedRate(long bytesPerSecond) {
        return new CongestionSettings(CongestionAlgorithm.FIXED_RATE, bytesPerSecond);
    }

    /**
     * A controller for a new path.
     *
     * @param mtu the largest size of a datagram, in bytes; at least 1200
     */
    public CongestionController newController(int mtu) {
        return switch (algorithm) {
            case CUBIC -> new CubicController(mtu);
            case NEW_RENO -> new NewRenoController(mtu);
            case FIXED_RATE -> new FixedRateController(fixedRateBytesPerSecond, mtu);
        };
    }
}
