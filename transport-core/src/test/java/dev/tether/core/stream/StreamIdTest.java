package dev.tether.core.stream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 9000 §2.1, table 1. */
class StreamIdTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0, true, true",
        "1, 0, false, true",
        "2, 0, true, false",
        "3, 0, false, false",
        "4, 1, true, true",
        "1023, 255, false, false",
        "4611686018427387903, 1152921504606846975, false, false"
    })
    void theTwoLowBitsTellSideAndDirections(long id, long index, boolean openedByDialingSide, boolean bidirectional) {
        assertThat(StreamId.of(index, openedByDialingSide, bidirectional)).isEqualTo(id);
        assertThat(StreamId.index(id)).isEqualTo(index);
        assertThat(StreamId.isOpenedByDialingSide(id)).isEqualTo(openedByDialingSide);
        assertThat(StreamId.isBidirectional(id)).isEqualTo(bidirectional);
    }
}
