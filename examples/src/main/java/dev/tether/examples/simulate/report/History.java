package dev.tether.examples.simulate.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is drawn of a history; as JSON, its components are the fields. Times are in seconds.
 *
 * @param bucket how long each point of a series stands for
 * @param faultPhase when the phase with faults ended
 * @param seen how many connections there were, counted at both ends; {@code connections} are the first of them
 */
record History(
        double duration,
        double bucket,
        double faultPhase,
        int seen,
        List<Series> connections,
        List<Mark> faults,
        int faultsLeftOut) {

    /**
     * A connection at one of its ends, a point for each bucket.
     *
     * @param number tells it from others between the same two
     * @param first the bucket of the first point
     * @param sent bytes of UDP payload per second
     * @param received bytes of UDP payload per second
     * @param lost packets declared lost per second
     * @param rttMs the smoothed round trip; 0 before the first sample
     * @param window the congestion window in bytes
     * @param inFlight the most bytes in flight
     * @param spansCut whether there were more states than are kept
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Series(
            int number,
            String host,
            String peer,
            int first,
            double[] sent,
            double[] received,
            double[] lost,
            double[] rttMs,
            long[] window,
            long[] inFlight,
            List<ConnectionTrack.Span> states,
            boolean spansCut,
            ConnectionTrack.@Nullable End end) {}

    /** A fault. */
    record Mark(double at, double end, String text) {}
}
