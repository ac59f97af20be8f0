package dev.tether.core.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The decision table for the own connects, every cell of it. */
class ConnectRuleTest {

    @ParameterizedTest
    @CsvSource({
        // relation, any connection will do, only a new one will
        "NOTHING,      DIAL,        DIAL",
        "DIALING,      JOIN,        JOIN",
        "ANSWERING,    DIAL_PAUSED, DIAL_PAUSED",
        "UNPROVEN,     REUSE,       REFUSE",
        "ESTABLISHED,  REUSE,       REFUSE",
        "UNRESPONSIVE, PROBE,       PROBE",
        "CLOSING,      AWAIT_END,   AWAIT_END",
    })
    void whatAConnectDoes(Relation relation, ConnectRule any, ConnectRule onlyNew) {
        assertThat(ConnectRule.decide(relation, false)).isEqualTo(any);
        assertThat(ConnectRule.decide(relation, true)).isEqualTo(onlyNew);
    }
}
