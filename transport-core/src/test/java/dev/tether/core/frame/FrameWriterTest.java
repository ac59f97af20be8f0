package dev.tether.core.frame;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.wire.WireWriter;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** RFC 9000 §19. What is written for every frame is checked by {@link FrameSamplesTest} and {@link FrameFuzzTest}. */
class FrameWriterTest {

    private final byte[] target = new byte[128];

    @Test
    void aReasonIsCutToTheRoomBetweenItsCharacters() throws FrameFormatException {
        byte[] reason = FrameRecorder.utf8("€".repeat(30));
        for (int room = 7; room <= target.length; room++) {
            WireWriter out = new WireWriter().wrap(target, 0, room);
            FrameWriter.writeConnectionClose(out, false, 1, 2, reason);
            FrameRecorder recorder = new FrameRecorder(0, out.written());
            new FrameReader().read(target, 0, out.written(), recorder);
            int fitting = Math.min(30, (room - 7) / 3);
            assertThat(recorder.lines())
                    .as("in %d bytes", room)
                    .containsExactly(FrameRecorder.connectionClose(false, 1, 2, "€".repeat(fitting)));
        }
    }

    @Test
    void aCloseWithoutAReasonFitsItsThreeNumbersAndALength() {
        WireWriter out = new WireWriter().wrap(target, 0, 4);
        FrameWriter.writeConnectionClose(out, false, 1, 2, FrameRecorder.utf8("reason"));
        assertThat(HexFormat.of().formatHex(target, 0, out.written())).isEqualTo("1c010200");
    }

    // RFC 9000 §19.8
    @Test
    void anOffsetOfZeroIsLeftOut() {
        WireWriter out = new WireWriter().wrap(target, 0, target.length);
        FrameWriter.writeStreamHeader(out, 4, 0, 300, true);
        assertThat(HexFormat.of().formatHex(target, 0, out.written())).isEqualTo("0b04412c");
    }
}
