package dev.tether.core.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.frame.FrameType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams that nobody reads do not stop those that are read. RFC 9000 §4.1. */
class UnreadStreamsTest {

    private static final int STREAM_WINDOW = 1 << 20;

    private final StreamPair pair =
            new StreamPair(StreamLimits.defaults(), new StreamBounds(64 << 20, STREAM_WINDOW, 64 << 20, 1000));

    @AfterEach
    void everythingIsReleased() {
        pair.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10, 63})
    void aSiblingOfStreamsWithoutReaderTransfersMegabytes(int unread) throws StreamViolation {
        fill(unread, STREAM_WINDOW);

        assertThat(transferOnSibling(8 << 20)).isEqualTo(8 << 20);
        assertThat(pair.accepting.connectionWindow()).isLessThanOrEqualTo(64 << 20);
    }

    @Test
    void nextToNothingOfTheConnectionsWindowIsEnoughForASibling() throws StreamViolation {
        fill(63, STREAM_WINDOW);
        fill(1, STREAM_WINDOW - 3000);

        assertThat(transferOnSibling(1 << 20)).isEqualTo(1 << 20);
    }

    @Test
    void streamsThatHoldTheWholeWindowStopTheOthersUntilOneIsRead() throws StreamViolation {
        fill(64, STREAM_WINDOW);
        assertThat(transferOnSibling(STREAM_WINDOW)).isZero();

        assertThat(StreamPair.readAll(pair.accepting, 4)).isEqualTo(STREAM_WINDOW);
        assertThat(pair.accepting.connectionWindow()).isEqualTo(64 << 20);
        pair.exchange();
        assertThat(pair.accepting.readable(sibling)).isPositive();
    }

    @Test
    void theWindowIsTwiceWhatIsNotRead() throws StreamViolation {
        fill(2, STREAM_WINDOW);
        assertThat(pair.accepting.connectionWindow()).isEqualTo(4 * STREAM_WINDOW);
        fill(1, STREAM_WINDOW);
        assertThat(pair.accepting.connectionWindow()).isEqualTo(8 * STREAM_WINDOW);
        fill(1, STREAM_WINDOW);
        assertThat(pair.accepting.connectionWindow()).isEqualTo(8 * STREAM_WINDOW);
    }

    @Test
    void theLargerWindowIsAnnouncedBeforeTheOldOneIsFull() throws StreamViolation {
        pair.accepting.frames().onStream(4, STREAM_WINDOW - 1, new byte[1], 0, 1, false);
        assertThat(pair.accepting.frames().hasFramesToSend()).isFalse();
        pair.accepting.frames().onStream(8, 0, new byte[1], 0, 1, false);

        assertThat(Sent.by(pair.accepting).notes().get(0)).containsExactly(FrameType.MAX_DATA, 0, 4 * STREAM_WINDOW, 0);
    }

    private long sibling = -1;

    private void fill(int streams, int bytes) throws StreamViolation {
        for (int i = 0; i < streams; i++) {
            long id = pair.dialing.openStream(true);
            assertThat(StreamPair.write(pair.dialing, id, bytes)).isEqualTo(bytes);
            pair.exchange();
            assertThat(pair.accepting.readable(id)).isEqualTo(bytes);
        }
    }

    /** Writes to a stream that is read at once; returns how many bytes have arrived when nothing moves any more. */
    private int transferOnSibling(int bytes) throws StreamViolation {
        sibling = pair.dialing.openStream(true);
        int written = 0;
        int read = 0;
        int moved = 1;
        while (moved > 0) {
            moved = StreamPair.write(pair.dialing, sibling, Math.min(bytes - written, 50_000));
            written += moved;
            pair.exchange();
            int more = StreamPair.readAll(pair.accepting, sibling);
            read += more;
            moved += more;
            pair.exchange();
        }
        return read;
    }
}
