package dev.tether.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class WireReaderTest {

    private static final byte[] BYTES = HexFormat.of().parseHex("ff0102030405060708f0f1f2f3f4f5f6f7");

    private final WireReader in = new WireReader();

    @Test
    void integersAreBigEndianAndBytesAndShortsUnsigned() throws WireFormatException {
        in.wrap(BYTES, 0, BYTES.length);
        assertThat(in.readByte()).isEqualTo(0xff);
        assertThat(in.readShort()).isEqualTo(0x0102);
        assertThat(in.readInt()).isEqualTo(0x03040506);
        in.skip(2);
        assertThat(in.readLong()).isEqualTo(0xf0f1f2f3f4f5f6f7L);
        assertThat(in.remaining()).isZero();
    }

    @Test
    void aShortWithItsHighestBitIsPositive() throws WireFormatException {
        assertThat(in.wrap(BYTES, 9, 2).readShort()).isEqualTo(0xf0f1);
    }

    @Test
    void bytesAreCopied() throws WireFormatException {
        byte[] copy = in.wrap(BYTES, 1, 4).readBytes(3);
        assertThat(copy).containsExactly(1, 2, 3);
        assertThat(in.position()).isEqualTo(4);
        assertThat(in.array()).isSameAs(BYTES);
    }

    @Test
    void noReadGoesBeyondTheRangeAndAFailedOneMovesNothing() {
        record Read(int needed, Reading reading) {}
        List<Read> reads = List.of(
                new Read(1, WireReader::readByte),
                new Read(2, WireReader::readShort),
                new Read(4, WireReader::readInt),
                new Read(8, WireReader::readLong),
                new Read(5, reader -> reader.readBytes(5)),
                new Read(5, reader -> reader.skip(5)));
        for (Read read : reads) {
            in.wrap(BYTES, 3, read.needed - 1);
            assertThatThrownBy(() -> read.reading.on(in))
                    .isInstanceOf(WireFormatException.class)
                    .hasMessage(read.needed + " bytes expected, " + (read.needed - 1) + " left");
            assertThat(in.position()).isEqualTo(3);
        }
    }

    @Test
    void aNegativeLengthIsMalformed() {
        in.wrap(BYTES, 3, 5);
        assertThatThrownBy(() -> in.readBytes(-1)).isInstanceOf(WireFormatException.class);
        assertThatThrownBy(() -> in.skip(-1)).isInstanceOf(WireFormatException.class);
        assertThat(in.position()).isEqualTo(3);
    }

    @Test
    void aLengthIsCheckedAgainstWhatIsLeftAfterIt() throws WireFormatException {
        byte[] bytes = {2, 0, 0, 0};
        assertThat(in.wrap(bytes, 0, 3).readLength()).isEqualTo(2);
        assertThatThrownBy(() -> in.wrap(bytes, 0, 2).readLength())
                .isInstanceOf(WireFormatException.class)
                .hasMessage("a length of 2 where 1 bytes are left");
    }

    @Test
    void aLengthBeyondAnIntIsMalformedAndNotCut() {
        // 2^32 + 1: as an int it would be 1
        byte[] bytes = HexFormat.of().parseHex("c000000100000001ff");
        assertThatThrownBy(() -> in.wrap(bytes, 0, bytes.length).readLength()).isInstanceOf(WireFormatException.class);
    }

    @Test
    void aRangeOutsideTheArrayIsABug() {
        assertThatThrownBy(() -> in.wrap(new byte[4], 2, 3)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> in.wrap(new byte[4], -1, 3)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> in.wrap(new byte[4], 3, Integer.MAX_VALUE))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void aReaderThatWasNeverWrappedIsEmpty() {
        assertThat(in.remaining()).isZero();
        assertThatThrownBy(in::readByte).isInstanceOf(WireFormatException.class);
    }

    private interface Reading {
        void on(WireReader reader) throws WireFormatException;
    }
}
