package dev.tether.examples.simulate.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.connection.DeliveryReading;
import org.junit.jupiter.api.Test;

/** Series of one connection, in a history of 1000 s: a bucket is one second. */
class ConnectionTrackTest {

    private static final long SECOND = 1_000_000_000L;

    private final ConnectionTrack track = new ConnectionTrack("a", "b", Buckets.of(1000 * SECOND));

    @Test
    void ratesAreDifferencesOfCounters() {
        track.sample(2 * SECOND, 500, 100, 0, reading(0));
        track.sample(3 * SECOND, 900, 100, 2, reading(0));
        track.sample(5 * SECOND, 1000, 400, 3, reading(0));

        History.Series series = track.series(1, 6 * SECOND);

        assertThat(series.first()).isEqualTo(2);
        assertThat(series.sent()).containsExactly(500, 400, 0, 100, 0);
        assertThat(series.received()).containsExactly(100, 0, 0, 300, 0);
        assertThat(series.lost()).containsExactly(0, 2, 0, 1, 0);
    }

    @Test
    void inFlightIsTheMostInABucketAndThenWhatIsLeft() {
        track.sample(SECOND, 0, 0, 0, reading(80_000));
        track.sample(SECOND + 1, 0, 0, 0, reading(1_200));

        assertThat(track.series(1, 3 * SECOND).inFlight()).containsExactly(80_000, 1_200, 1_200);
    }

    @Test
    void aRoundTripBeforeTheFirstSampleIsNone() {
        track.sample(0, 0, 0, 0, new DeliveryReading(333_000_000, 0, 12_000, 0, 1200));
        track.sample(SECOND, 0, 0, 0, new DeliveryReading(40_000_000, 39_000_000, 12_000, 0, 1200));

        assertThat(track.series(1, SECOND).rttMs()).containsExactly(0, 40);
    }

    @Test
    void aSeriesEndsWithItsConnection() {
        track.sample(0, 10, 0, 0, reading(0));
        track.end(4 * SECOND, "gone");
        track.end(5 * SECOND, null);

        History.Series series = track.series(1, 900 * SECOND);

        assertThat(series.sent()).hasSize(5);
        assertThat(series.end()).isEqualTo(new ConnectionTrack.End(4, true, "gone"));
    }

    @Test
    void whatWasNeverSampledHasNoPoints() {
        track.enter("Establishing", 0);

        assertThat(track.series(1, SECOND).sent()).isEmpty();
    }

    @Test
    void repeatedStatesAreOneBand() {
        track.enter("Establishing", 0);
        track.enter("Establishing", SECOND);
        track.enter("Established", 2 * SECOND);

        assertThat(track.series(1, 3 * SECOND).states())
                .containsExactly(
                        new ConnectionTrack.Span("Establishing", 0), new ConnectionTrack.Span("Established", 2));
    }

    @Test
    void bandsBeyondTheLimitAreCut() {
        for (int i = 0; i < 300; i++) {
            track.enter("Established", 2 * i);
            track.enter("Unresponsive", 2 * i + 1);
        }

        History.Series series = track.series(1, SECOND);

        assertThat(series.states()).hasSize(500);
        assertThat(series.spansCut()).isTrue();
    }

    private static DeliveryReading reading(long inFlight) {
        return new DeliveryReading(40_000_000, 40_000_000, 90_000, inFlight, 1200);
    }
}
