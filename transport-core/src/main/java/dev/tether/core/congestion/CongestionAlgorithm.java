package dev.tether.core.congestion;

/** The congestion control algorithms to choose from. */
public enum CongestionAlgorithm {
    /** {@link CubicController}, the default. */
    CUBIC,
    /** {@link NewRenoController}. */
    NEW_RENO,
    /** {@link FixedRateController}: no congestion control at all. */
    FIXED_RATE
}
