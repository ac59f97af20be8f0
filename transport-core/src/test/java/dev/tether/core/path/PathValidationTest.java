package dev.tether.core.path;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.simulation.SeededRandom;
import org.junit.jupiter.api.Test;

/** RFC 9000 §8.2. */
class PathValidationTest {

    private static final long PTO_NS = 100_000_000;
    private static final long LIFETIME_NS = 3 * 999_000_000L;

    private final PathValidation validation = new PathValidation(new SeededRandom(1), PTO_NS, 0);

    @Test
    void theFirstChallengeIsDueAtOnceAndTheOthersAfterPausesThatDouble() {
        long[] at = new long[5];
        for (int i = 0; i < at.length; i++) {
            at[i] = validation.timeoutNs();
            assertThat(validation.isDue(at[i] - 1)).isFalse();
            assertThat(validation.isDue(at[i])).isTrue();
            validation.challenge(at[i]);
        }

        assertThat(at).containsExactly(0, PTO_NS, 3 * PTO_NS, 7 * PTO_NS, 15 * PTO_NS);
    }

    /** docs/PROTOCOL.md, section 12. */
    @Test
    void aPacketFromThereHasTheNextChallengeSentUnlessTheLastOneMayBeUnderWay() {
        PathValidation slow = new PathValidation(new SeededRandom(1), 10 * PTO_NS, 0);
        slow.challenge(0);
        slow.onPacket(2 * PTO_NS - 1);
        assertThat(slow.isDue(2 * PTO_NS - 1)).isFalse();
        assertThat(slow.timeoutNs()).isEqualTo(10 * PTO_NS);

        slow.onPacket(2 * PTO_NS);
        assertThat(slow.isDue(2 * PTO_NS)).isTrue();
        slow.challenge(2 * PTO_NS);
        assertThat(slow.isDue(4 * PTO_NS)).isFalse();
    }

    @Test
    void theAnswerToAnyChallengeValidates() {
        validation.challenge(0);
        long second = validation.challenge(PTO_NS);
        validation.challenge(3 * PTO_NS);

        assertThat(validation.onResponse(second)).isTrue();
        assertThat(validation.state()).isEqualTo(PathValidation.State.VALIDATED);
        assertThat(validation.isDue(10 * PTO_NS)).isFalse();
        assertThat(validation.timeoutNs()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void anythingElseDoesNot() {
        long challenge = validation.challenge(0);

        assertThat(validation.onResponse(challenge + 1)).isFalse();
        assertThat(validation.onResponse(0)).isFalse();
        assertThat(validation.state()).isEqualTo(PathValidation.State.PENDING);
    }

    @Test
    void itFailsAfterThreeProbeTimeoutsOfAnUnknownPath() {
        validation.challenge(0);
        validation.onTimeout(LIFETIME_NS - 1);
        assertThat(validation.state()).isEqualTo(PathValidation.State.PENDING);

        validation.onTimeout(LIFETIME_NS);
        assertThat(validation.state()).isEqualTo(PathValidation.State.FAILED);
        assertThat(validation.timeoutNs()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aSlowPathHasLonger() {
        long ptoNs = 2_000_000_000;
        PathValidation slow = new PathValidation(new SeededRandom(1), ptoNs, 5);
        slow.onTimeout(5 + 3 * ptoNs - 1);

        assertThat(slow.state()).isEqualTo(PathValidation.State.PENDING);
        assertThat(slow.deadlineNs()).isEqualTo(5 + 3 * ptoNs);
    }
}
