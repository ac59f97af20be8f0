package dev.tether.core.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.wire.VarInt;
import dev.tether.core.wire.WireWriter;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9000 §19.3. */
class AckFrameTest {

    @Test
    void aRangeMayReachDownToZero() throws FrameFormatException {
        assertThat(read("02 05 00 00 05")).containsExactly("ACK 0-5 delay 0");
        assertThat(read("02 05 00 01 02 00 01")).containsExactly("ACK 3-5 0-1 delay 0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "02 05 00 00 06", // the first range ends at -1
                "02 05 00 01 02 00 02", // the second one ends at -1
                "02 05 00 01 02 02 00", // the second one starts at -1
                "02 05 00 01 05 00 00", // there is no number left below 0
                "02 05 00 02 00 00 00 01 01", // the third one starts at 0 and ends at -1
                "02 00 00 01 00 ffffffffffffffff ffffffffffffffff" // as far below 0 as can be written
            })
    void aRangeBelowZeroIsMalformed(String hex) {
        assertThatThrownBy(() -> read(hex))
                .isInstanceOf(FrameFormatException.class)
                .hasMessage("an ack range below packet number 0");
    }

    @Test
    void theGreatestNumberCanBeAcknowledgedWithAllBelowIt() throws FrameFormatException {
        assertThat(read("02 ffffffffffffffff 00 00 ffffffffffffffff"))
                .containsExactly("ACK 0-" + VarInt.MAX + " delay 0");
    }

    @Test
    void moreRangesThanBytesAreMalformedAtOnce() {
        assertThatThrownBy(() -> read("02 05 00 ffffffffffffffff 00 00 00"))
                .isInstanceOf(FrameFormatException.class)
                .hasMessage(VarInt.MAX + " ack ranges in 3 bytes");
    }

    @Test
    void rangesBeyondTheLimitAreReadOverAndTheNextFrameIsRead() throws FrameFormatException {
        int further = FrameReader.MAX_ACK_RANGES + 40;
        String hex = "02 8000ffff 00 " + HexFormat.of().toHexDigits((short) (0x4000 | further)) + " 00"
                + " 0000".repeat(further) + " 01";
        List<String> frames = read(hex);
        assertThat(frames).hasSize(2);
        assertThat(frames.get(0).split(" ", -1)).hasSize(1 + FrameReader.MAX_ACK_RANGES + 2);
        assertThat(frames.get(0)).startsWith("ACK 65535-65535 65533-65533 ");
        assertThat(frames.get(1)).isEqualTo("PING");
    }

    @Test
    void aFaultBeyondTheLimitOfRangesIsStillMalformed() {
        int further = FrameReader.MAX_ACK_RANGES + 40;
        String hex = "02 4200 00 " + HexFormat.of().toHexDigits((short) (0x4000 | further)) + " 00"
                + " 0000".repeat(further);
        assertThatThrownBy(() -> read(hex)).isInstanceOf(FrameFormatException.class);
    }

    @Test
    void theNewestRangesAreWrittenThatFitTheRoom() throws FrameFormatException {
        long[] ranges = {1000, 1100, 500, 700, 100, 100, 0, 3};
        int whole = write(ranges, 64).length;
        int lastCount = 0;
        for (int room = 0; room <= whole; room++) {
            byte[] packet = write(ranges, room);
            int count = 0;
            if (packet.length > 0) {
                List<String> frames = read(packet);
                count = frames.get(0).split(" ", -1).length - 3;
                assertThat(frames).containsExactly(FrameRecorder.ack(ranges, count, 9));
            }
            assertThat(count).as("ranges in %d bytes", room).isGreaterThanOrEqualTo(lastCount);
            lastCount = count;
        }
        assertThat(lastCount).isEqualTo(4);
    }

    @Test
    void nothingIsWrittenWhereNotEvenOneRangeFits() {
        byte[] target = new byte[16];
        WireWriter out = new WireWriter().wrap(target, 0, 5);
        assertThat(FrameWriter.writeAck(out, new long[] {1000, 1000}, 1, 9)).isFalse();
        assertThat(out.written()).isZero();
        assertThat(target).containsOnly(0);
    }

    /** The frame, or no bytes if it does not fit. */
    private static byte[] write(long[] ranges, int room) {
        byte[] target = new byte[64];
        WireWriter out = new WireWriter().wrap(target, 0, room);
        boolean written = FrameWriter.writeAck(out, ranges, ranges.length / 2, 9);
        assertThat(written).isEqualTo(out.written() > 0);
        return Arrays.copyOf(target, out.written());
    }

    private static List<String> read(String hex) throws FrameFormatException {
        return read(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    private static List<String> read(byte[] packet) throws FrameFormatException {
        FrameRecorder recorder = new FrameRecorder(0, packet.length);
        new FrameReader().read(packet, 0, packet.length, recorder);
        return recorder.lines();
    }
}
