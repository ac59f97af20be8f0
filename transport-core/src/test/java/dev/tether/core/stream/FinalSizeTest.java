package dev.tether.core.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.frame.TransportErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 9000 §4.5, and §3.2 where it says what ends the receiving part. */
class FinalSizeTest {

    private static final long ID = 2;
    private static final int WINDOW = 1000;

    private final StreamPair pair = new StreamPair(
            new StreamLimits(2 * WINDOW, WINDOW, 4, 4), new StreamBounds(2 * WINDOW, WINDOW, 1024, 1000));
    private final StreamSet set = pair.accepting;

    @AfterEach
    void everythingIsReleased() {
        pair.close();
    }

    /** {@code data a-b} is a STREAM frame, {@code fin a-b} one with FIN, {@code reset n} a RESET_STREAM frame. */
    @ParameterizedTest
    @CsvSource({
        // frames before,            last frame, error
        "'',                         fin 0-0,    ",
        "'',                         fin 5-5,    ",
        "'',                         reset 0,    ",
        "'',                         reset 1000, ",
        "'',                         reset 1001, FLOW_CONTROL_ERROR",
        "'',                         fin 999-1001, FLOW_CONTROL_ERROR",
        "'',                         fin 1001-1001, FLOW_CONTROL_ERROR",
        "'',                         data 1001-1001, FLOW_CONTROL_ERROR",
        "data 0-10,                  fin 10-10,  ",
        "data 0-10,                  fin 0-10,   ",
        "data 0-10,                  fin 0-9,    FINAL_SIZE_ERROR",
        "data 0-10,                  fin 9-9,    FINAL_SIZE_ERROR",
        "data 0-10,                  reset 10,   ",
        "data 0-10,                  reset 9,    FINAL_SIZE_ERROR",
        "data 20-30,                 fin 0-10,   FINAL_SIZE_ERROR",
        "data 20-30,                 reset 29,   FINAL_SIZE_ERROR",
        // the size is known, bytes are missing
        "fin 10-20,                  fin 10-20,  ",
        "fin 10-20,                  fin 20-20,  ",
        "fin 10-20,                  data 0-10,  ",
        "fin 10-20,                  data 20-20, ",
        "fin 10-20,                  data 19-21, FINAL_SIZE_ERROR",
        "fin 10-20,                  data 21-21, FINAL_SIZE_ERROR",
        "fin 10-20,                  fin 10-21,  FINAL_SIZE_ERROR",
        "fin 10-20,                  fin 10-19,  FINAL_SIZE_ERROR",
        "fin 10-20,                  reset 20,   ",
        "fin 10-20,                  reset 21,   FINAL_SIZE_ERROR",
        "fin 10-20,                  reset 19,   FINAL_SIZE_ERROR",
        // all bytes are there
        "fin 0-20,                   data 0-20,  ",
        "fin 0-20,                   reset 20,   ",
        "fin 0-20,                   reset 19,   FINAL_SIZE_ERROR",
        "fin 0-20,                   data 20-21, FINAL_SIZE_ERROR",
        // all bytes were read
        "fin 0-20 read,              fin 0-20,   ",
        "fin 0-20 read,              fin 0-19,   FINAL_SIZE_ERROR",
        "fin 0-20 read,              reset 20,   ",
        "fin 0-20 read,              reset 21,   FINAL_SIZE_ERROR",
        // the stream was reset
        "data 0-10 reset 20,         data 10-20, ",
        "data 0-10 reset 20,         fin 10-20,  ",
        "data 0-10 reset 20,         reset 20,   ",
        "data 0-10 reset 20,         data 20-21, FINAL_SIZE_ERROR",
        "data 0-10 reset 20,         fin 10-19,  FINAL_SIZE_ERROR",
        "data 0-10 reset 20,         reset 19,   FINAL_SIZE_ERROR",
        "data 0-10 reset 20,         reset 21,   FINAL_SIZE_ERROR",
        // the application wants no more
        "data 0-10 stop,             fin 10-20,  ",
        "data 0-10 stop,             reset 10,   ",
        "data 0-10 stop,             fin 9-9,    FINAL_SIZE_ERROR",
        "data 0-10 stop,             reset 9,    FINAL_SIZE_ERROR",
        "data 0-10 stop fin 20-20,   data 20-21, FINAL_SIZE_ERROR",
        "data 0-10 stop fin 20-20,   reset 19,   FINAL_SIZE_ERROR",
        "data 0-10 stop,             data 1000-1001, FLOW_CONTROL_ERROR",
    })
    void theFinalSizeNeverChangesAndNothingLiesBeyondIt(String before, String last, String error)
            throws StreamViolation {
        List<String> words = new ArrayList<>(List.of(before.split(" ")));
        while (!words.isEmpty() && !words.get(0).isEmpty()) {
            String verb = words.remove(0);
            switch (verb) {
                case "read" -> StreamPair.readAll(set, ID);
                case "stop" -> set.stopSending(ID, 1);
                default -> frame(verb, words.remove(0));
            }
        }

        assertThat(errorOf(last)).isEqualTo(error);
    }

    @Test
    void theFinalSizeOfAResetCountsForTheConnection() throws StreamViolation {
        set.frames().onResetStream(ID, 7, WINDOW);
        assertThat(Sent.by(set).notes().get(0)[2]).isEqualTo(2 * WINDOW + WINDOW);
    }

    @Test
    void bytesThatAResetSkipsAreWithinTheConnectionsLimit() throws StreamViolation {
        set.frames().onStream(6, WINDOW - 1, new byte[1], 0, 1, false);
        set.frames().onStream(10, WINDOW - 2, new byte[1], 0, 1, false);
        set.frames().onResetStream(ID, 7, 1);
        set.frames().onStream(10, WINDOW - 1, new byte[0], 0, 0, false);

        assertThat(errorOf("reset 2")).isEqualTo("FINAL_SIZE_ERROR");
    }

    @Test
    void aResetAfterAllBytesHaveArrivedLeavesThemToTheReader() throws StreamViolation {
        set.frames().onStream(ID, 0, new byte[20], 0, 20, true);
        set.frames().onResetStream(ID, 7, 20);

        assertThat(set.pollReset()).isEqualTo(-1);
        assertThat(StreamPair.readAll(set, ID)).isEqualTo(20);
        assertThat(set.isAtEnd(ID)).isTrue();
    }

    @Test
    void aResetBeforeAllBytesHaveArrivedTakesThemFromTheReader() throws StreamViolation {
        set.frames().onStream(ID, 0, new byte[19], 0, 19, false);
        set.frames().onStream(ID, 20, new byte[0], 0, 0, true);
        set.frames().onResetStream(ID, 7, 20);

        assertThat(set.readable(ID)).isZero();
        assertThat(set.pollReset()).isEqualTo(ID);
        assertThat(set.resetCode(ID)).isEqualTo(7);
        assertThat(set.pollFinished()).isEqualTo(ID);
    }

    @Test
    void afterAResetNothingChangesItsCode() throws StreamViolation {
        set.frames().onResetStream(ID, 7, 20);
        set.frames().onResetStream(ID, 8, 20);
        set.frames().onStream(ID, 0, new byte[20], 0, 20, true);

        assertThat(set.readable(ID)).isZero();
        assertThat(set.resetCode(ID)).isEqualTo(7);
    }

    private void frame(String verb, String range) throws StreamViolation {
        int dash = range.indexOf('-');
        if (verb.equals("reset")) {
            set.frames().onResetStream(ID, 7, Long.parseLong(range));
        } else {
            int start = Integer.parseInt(range.substring(0, dash));
            int length = Integer.parseInt(range.substring(dash + 1)) - start;
            set.frames().onStream(ID, start, new byte[length], 0, length, verb.equals("fin"));
        }
    }

    private String errorOf(String frame) {
        String[] words = frame.split(" ");
        try {
            frame(words[0], words[1]);
            return null;
        } catch (StreamViolation violation) {
            if (violation.errorCode() == TransportErrorCode.FINAL_SIZE_ERROR) {
                return "FINAL_SIZE_ERROR";
            }
            return violation.errorCode() == TransportErrorCode.FLOW_CONTROL_ERROR ? "FLOW_CONTROL_ERROR" : "another";
        }
    }
}
