package dev.tether.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9000 §16. */
class VarIntTest {

    private static final HexFormat HEX = HexFormat.of();

    // RFC 9000 appendix A.1
    @ParameterizedTest
    @CsvSource({
        "c2197c5eff14e88c, 151288809941952652",
        "9d7f3e7d,         494878333",
        "7bbd,             15293",
        "25,               37"
    })
    void theExamplesOfTheRfcAreReadAndWritten(String hex, long value) throws WireFormatException {
        assertThat(read(hex)).isEqualTo(value);
        assertThat(write(value)).isEqualTo(hex);
    }

    // RFC 9000 appendix A.1
    @Test
    void anEncodingLongerThanNeededIsRead() throws WireFormatException {
        assertThat(read("4025")).isEqualTo(37);
        assertThat(read("80000025")).isEqualTo(37);
        assertThat(read("c000000000000025")).isEqualTo(37);
    }

    // RFC 9000 §16, table 4
    @ParameterizedTest
    @CsvSource({
        "0,                   00",
        "63,                  3f",
        "64,                  4040",
        "16383,               7fff",
        "16384,               80004000",
        "1073741823,          bfffffff",
        "1073741824,          c000000040000000",
        "4611686018427387903, ffffffffffffffff"
    })
    void theEdgesOfEachLengthAreReadAndWritten(long value, String hex) throws WireFormatException {
        assertThat(write(value)).isEqualTo(hex);
        assertThat(read(hex)).isEqualTo(value);
        assertThat(VarInt.size(value)).isEqualTo(hex.length() / 2);
        assertThat(VarInt.sizeOfEncoding(HEX.parseHex(hex)[0])).isEqualTo(hex.length() / 2);
    }

    @Test
    void everyValueSurvives() throws WireFormatException {
        for (long seed = 0; seed < 2000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            long value = random.nextLong() >>> 2 + random.nextInt(62);
            assertThat(read(write(value))).as("seed %d", seed).isEqualTo(value);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, VarInt.MAX + 1, Long.MAX_VALUE})
    void aValueOutsideTheRangeIsNotWritten(long value) {
        WireWriter out = new WireWriter().wrap(new byte[8], 0, 8);
        assertThatIllegalArgumentException().isThrownBy(() -> out.writeVarInt(value));
        assertThat(out.written()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "40", "80", "800000", "c0", "c0000000000000"})
    void aCutEncodingIsMalformed(String hex) {
        assertThatThrownBy(() -> read(hex)).isInstanceOf(WireFormatException.class);
    }

    private static long read(String hex) throws WireFormatException {
        byte[] bytes = HEX.parseHex(hex);
        WireReader in = new WireReader().wrap(bytes, 0, bytes.length);
        long value = in.readVarInt();
        assertThat(in.remaining()).isZero();
        return value;
    }

    private static String write(long value) {
        byte[] bytes = new byte[8];
        WireWriter out = new WireWriter().wrap(bytes, 0, 8).writeVarInt(value);
        return HEX.formatHex(bytes, 0, out.written());
    }
}
