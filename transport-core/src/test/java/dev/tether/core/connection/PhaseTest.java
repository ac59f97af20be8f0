package dev.tether.core.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.connection.Phase.Input;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The state machine, every cell of it. */
class PhaseTest {

    @ParameterizedTest
    @CsvSource({
        // CONFIRMED, PROBES_UNANSWERED, HEARD, CLOSE, PEER_CLOSE, GIVE_UP, CLOSE_DONE, FAIL
        "ESTABLISHING, ESTABLISHED, ESTABLISHING, ESTABLISHING, ENDED, ENDED, ESTABLISHING, ESTABLISHING, ENDED",
        "ESTABLISHED, ESTABLISHED, UNRESPONSIVE, ESTABLISHED, CLOSING, DRAINING, DRAINING, ESTABLISHED, ENDED",
        "UNRESPONSIVE, UNRESPONSIVE, UNRESPONSIVE, ESTABLISHED, CLOSING, DRAINING, DRAINING, UNRESPONSIVE, ENDED",
        "CLOSING, CLOSING, CLOSING, CLOSING, CLOSING, ENDED, CLOSING, ENDED, ENDED",
        "DRAINING, DRAINING, DRAINING, DRAINING, DRAINING, DRAINING, DRAINING, ENDED, ENDED",
        "ENDED, ENDED, ENDED, ENDED, ENDED, ENDED, ENDED, ENDED, ENDED",
    })
    void thePhaseAfterEachInput(
            Phase phase,
            Phase afterConfirmed,
            Phase afterProbesUnanswered,
            Phase afterHeard,
            Phase afterClose,
            Phase afterPeerClose,
            Phase afterGiveUp,
            Phase afterCloseDone,
            Phase afterFail) {
        assertThat(phase.after(Input.CONFIRMED)).isEqualTo(afterConfirmed);
        assertThat(phase.after(Input.PROBES_UNANSWERED)).isEqualTo(afterProbesUnanswered);
        assertThat(phase.after(Input.HEARD)).isEqualTo(afterHeard);
        assertThat(phase.after(Input.CLOSE)).isEqualTo(afterClose);
        assertThat(phase.after(Input.PEER_CLOSE)).isEqualTo(afterPeerClose);
        assertThat(phase.after(Input.GIVE_UP)).isEqualTo(afterGiveUp);
        assertThat(phase.after(Input.CLOSE_DONE)).isEqualTo(afterCloseDone);
        assertThat(phase.after(Input.FAIL)).isEqualTo(afterFail);
    }
}
