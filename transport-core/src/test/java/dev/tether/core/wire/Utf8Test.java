package dev.tether.core.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** RFC 3629 §3. */
class Utf8Test {

    @Test
    void aTextIsCutBeforeTheCharacterThatDoesNotFit() {
        byte[] text = "aü€😀z".getBytes(UTF_8); // characters of 1, 2, 3, 4 and 1 bytes
        int[] kept = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};
        for (int limit = 0; limit < kept.length; limit++) {
            assertThat(Utf8.boundary(text, 0, text.length, limit))
                    .as("limit %d", limit)
                    .isEqualTo(kept[limit]);
        }
    }

    @Test
    void theOffsetIsHonoured() {
        byte[] text = "üüü".getBytes(UTF_8);
        assertThat(Utf8.boundary(text, 2, 4, 3)).isEqualTo(2);
    }

    @Test
    void aNegativeLimitKeepsNothing() {
        assertThat(Utf8.boundary(new byte[] {'a'}, 0, 1, -3)).isZero();
    }

    @Test
    void bytesThatAreNoTextAreCutAtTheLimit() {
        byte[] continuations = new byte[20];
        Arrays.fill(continuations, (byte) 0x80);
        assertThat(Utf8.boundary(continuations, 0, 20, 10)).isEqualTo(10);
        assertThat(Utf8.boundary(continuations, 0, 20, 2)).isEqualTo(2);
    }
}
