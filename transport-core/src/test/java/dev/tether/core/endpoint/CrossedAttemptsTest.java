package dev.tether.core.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two peers that dial each other agree on one connection, and lose none that was established, whichever of their first
 * datagrams are lost. docs/PROTOCOL.md, section 6.4.
 */
class CrossedAttemptsTest {

    private static final long SEED = 1;

    /** The first so many datagrams, of both sides, are lost in every combination. */
    private static final int LOSABLE = 8;

    private static final long LATENCY_MS = 50;
    private static final long[] OFFSETS_MS = {0, 30, 90, 150, 400};

    static Stream<Arguments> beginnings() {
        List<Arguments> beginnings = new ArrayList<>();
        for (boolean lowerFirst : new boolean[] {true, false}) {
            for (long offsetMs : OFFSETS_MS) {
                beginnings.add(Arguments.of(lowerFirst, LATENCY_MS, offsetMs));
            }
            // A path so short that a side whose datagrams are lost calls its peer unresponsive before the peer dials.
            beginnings.add(Arguments.of(lowerFirst, 20, 90));
        }
        return beginnings.stream();
    }

    /**
     * Section 7.1: late packets of a connection that both sides have lost cause resets in both directions, at any moment of
     * the attempts. They end nothing else.
     */
    @ParameterizedTest(name = "the lower key first: {0}, latency {1} ms, the other one {2} ms later")
    @MethodSource("beginnings")
    void resetsOfAnEarlierConnectionEndNothingWhateverIsLost(boolean lowerFirst, long latencyMs, long offsetMs) {
        List<String> broken = new ArrayList<>();
        for (int lost = 0; lost < 1 << LOSABLE; lost++) {
            CrossedAttempts history = new CrossedAttempts(SEED, lowerFirst, latencyMs, offsetMs, lost);
            try {
                history.disturbByLatePackets();
                history.run();
                assertThat(history.resets()).as("resets").isEqualTo(CrossedAttempts.LATE_PACKETS);
            } catch (AssertionError | RuntimeException e) {
                broken.add(history + "\n  " + e.toString().replace("\n", "\n  "));
            }
        }
        assertThat(broken).isEmpty();
    }

    @ParameterizedTest(name = "the lower key first: {0}, latency {1} ms, the other one {2} ms later")
    @MethodSource("beginnings")
    void bothSidesEndUpWithOneConnectionWhateverIsLost(boolean lowerFirst, long latencyMs, long offsetMs) {
        List<String> broken = new ArrayList<>();
        for (int lost = 0; lost < 1 << LOSABLE; lost++) {
            CrossedAttempts history = new CrossedAttempts(SEED, lowerFirst, latencyMs, offsetMs, lost);
            try {
                history.run();
            } catch (AssertionError | RuntimeException e) {
                broken.add(history + "\n  " + e.toString().replace("\n", "\n  "));
            }
        }
        assertThat(broken).isEmpty();
    }
}
