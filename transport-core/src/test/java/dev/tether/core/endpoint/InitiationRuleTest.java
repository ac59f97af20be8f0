package dev.tether.core.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The decision table for initiations, every cell of it. */
class InitiationRuleTest {

    @ParameterizedTest
    @CsvSource({
        // relation, own key is lower, own key is higher
        "NOTHING,      ANSWER,     ANSWER",
        "DIALING,      RESEND_OWN, ANSWER_AND_PAUSE_OWN",
        "ANSWERING,    ANSWER,     ANSWER",
        "UNPROVEN,     PROBE_ESTABLISHED, PROBE_ESTABLISHED",
        "ESTABLISHED,  ANSWER,     ANSWER",
        "UNRESPONSIVE, ANSWER,     ANSWER",
        "CLOSING,      ANSWER,     ANSWER",
    })
    void whatAnInitiationGets(Relation relation, InitiationRule lower, InitiationRule higher) {
        assertThat(InitiationRule.decide(relation, true)).isEqualTo(lower);
        assertThat(InitiationRule.decide(relation, false)).isEqualTo(higher);
    }
}
