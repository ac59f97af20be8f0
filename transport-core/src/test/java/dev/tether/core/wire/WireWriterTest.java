package dev.tether.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class WireWriterTest {

    private final WireWriter out = new WireWriter();

    @Test
    void integersAreBigEndian() {
        byte[] target = new byte[20];
        out.wrap(target, 1, 18)
                .writeByte(0x1ff)
                .writeShort(0x1_f0f1)
                .writeInt(0x01020304)
                .writeLong(0x05060708090a0b0cL)
                .writeBytes(new byte[] {9, 8, 7}, 1, 2);
        assertThat(HexFormat.of().formatHex(target)).isEqualTo("00fff0f10102030405060708090a0b0c08070000");
        assertThat(out.written()).isEqualTo(17);
        assertThat(out.remaining()).isEqualTo(1);
        assertThat(out.position()).isEqualTo(18);
        assertThat(out.array()).isSameAs(target);
    }

    @Test
    void zerosReplaceWhatWasThere() {
        byte[] target = {1, 2, 3, 4};
        out.wrap(target, 1, 3).writeZeros(2);
        assertThat(target).containsExactly(1, 0, 0, 4);
    }

    @Test
    void advancingLeavesWhatTheCallerHasPut() {
        byte[] target = {1, 2, 3, 4};
        out.wrap(target, 0, 4).advance(3).writeByte(9);
        assertThat(target).containsExactly(1, 2, 3, 9);
    }

    @Test
    void noWriteGoesBeyondTheRangeAndAFailedOneWritesNothing() {
        record Write(int needed, Consumer<WireWriter> writing) {}
        List<Write> writes = List.of(
                new Write(1, writer -> writer.writeByte(1)),
                new Write(2, writer -> writer.writeShort(0x0101)),
                new Write(4, writer -> writer.writeInt(0x01010101)),
                new Write(8, writer -> writer.writeLong(0x0101010101010101L)),
                new Write(2, writer -> writer.writeVarInt(64)),
                new Write(4, writer -> writer.writeVarInt(16384)),
                new Write(8, writer -> writer.writeVarInt(VarInt.MAX)),
                new Write(3, writer -> writer.writeBytes(new byte[] {1, 1, 1})),
                new Write(3, writer -> writer.writeZeros(3)),
                new Write(3, writer -> writer.advance(3)));
        for (Write write : writes) {
            byte[] target = new byte[16];
            Arrays.fill(target, (byte) 0x55);
            byte[] before = target.clone();
            out.wrap(target, 2, write.needed - 1);
            assertThatThrownBy(() -> write.writing.accept(out)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThat(target).isEqualTo(before);
            assertThat(out.written()).isZero();
        }
    }

    @Test
    void aNegativeLengthIsABug() {
        out.wrap(new byte[4], 0, 4);
        assertThatThrownBy(() -> out.writeZeros(-1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> out.advance(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void aRangeOutsideTheArrayIsABug() {
        assertThatThrownBy(() -> out.wrap(new byte[4], 2, 3)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> out.wrap(new byte[4], 0, -1)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
