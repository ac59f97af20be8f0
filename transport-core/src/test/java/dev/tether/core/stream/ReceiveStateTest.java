package dev.tether.core.stream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 9000 §3.2, figure 3: the whole table. A dash is an event that must not happen. */
class ReceiveStateTest {

    @ParameterizedTest
    @CsvSource({
        // state,     RECEIVE_FIN, RECEIVE_ALL, RECEIVE_RESET, READ_ALL,  READ_RESET
        "RECV,        SIZE_KNOWN,  -,           RESET_RECVD,   -,         -",
        "SIZE_KNOWN,  SIZE_KNOWN,  DATA_RECVD,  RESET_RECVD,   -,         -",
        "DATA_RECVD,  DATA_RECVD,  -,           DATA_RECVD,    DATA_READ, -",
        "RESET_RECVD, RESET_RECVD, -,           RESET_RECVD,   -,         RESET_READ",
        "DATA_READ,   DATA_READ,   -,           DATA_READ,     -,         -",
        "RESET_READ,  RESET_READ,  -,           RESET_READ,    -,         -",
    })
    void everyEventInEveryState(
            ReceiveState state, String fin, String all, String reset, String readAll, String readReset) {
        assertThat(next(state, ReceiveState.Event.RECEIVE_FIN)).isEqualTo(fin);
        assertThat(next(state, ReceiveState.Event.RECEIVE_ALL)).isEqualTo(all);
        assertThat(next(state, ReceiveState.Event.RECEIVE_RESET)).isEqualTo(reset);
        assertThat(next(state, ReceiveState.Event.READ_ALL)).isEqualTo(readAll);
        assertThat(next(state, ReceiveState.Event.READ_RESET)).isEqualTo(readReset);
    }

    private static String next(ReceiveState state, ReceiveState.Event event) {
        ReceiveState after = state.after(event);
        return after == null ? "-" : after.name();
    }
}
