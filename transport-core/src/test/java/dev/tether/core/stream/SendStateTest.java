package dev.tether.core.stream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 9000 §3.1, figure 2: the whole table. A dash is an event that must not happen. */
class SendStateTest {

    @ParameterizedTest
    @CsvSource({
        // state,    SEND_DATA, SEND_FIN,  SEND_RESET, ALL_ACKED,  RESET_ACKED
        "READY,      SEND,      DATA_SENT, RESET_SENT, -,          -",
        "SEND,       SEND,      DATA_SENT, RESET_SENT, -,          -",
        "DATA_SENT,  DATA_SENT, DATA_SENT, RESET_SENT, DATA_RECVD, -",
        "RESET_SENT, -,         -,         -,          -,          RESET_RECVD",
        "DATA_RECVD, -,         -,         -,          -,          -",
        "RESET_RECVD,-,         -,         -,          -,          -",
    })
    void everyEventInEveryState(
            SendState state, String sendData, String sendFin, String sendReset, String allAcked, String resetAcked) {
        assertThat(next(state, SendState.Event.SEND_DATA)).isEqualTo(sendData);
        assertThat(next(state, SendState.Event.SEND_FIN)).isEqualTo(sendFin);
        assertThat(next(state, SendState.Event.SEND_RESET)).isEqualTo(sendReset);
        assertThat(next(state, SendState.Event.ALL_ACKED)).isEqualTo(allAcked);
        assertThat(next(state, SendState.Event.RESET_ACKED)).isEqualTo(resetAcked);
    }

    private static String next(SendState state, SendState.Event event) {
        SendState after = state.after(event);
        return after == null ? "-" : after.name();
    }
}
