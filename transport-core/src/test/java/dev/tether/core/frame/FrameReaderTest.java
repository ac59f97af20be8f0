package dev.tether.core.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tether.core.wire.WireWriter;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9000 §12.4 and §19. */
class FrameReaderTest {

    private final FrameRecorder recorder = new FrameRecorder(0, 4096);

    // RFC 9002 §2
    @ParameterizedTest
    @CsvSource({
        "00, false",
        "01, true",
        "0205000000, false",
        "0305000000010203, false",
        "04000000, true",
        "050000, true",
        "0800, true",
        "1000, true",
        "110000, true",
        "1200, true",
        "1300, true",
        "1400, true",
        "150000, true",
        "1600, true",
        "1700, true",
        "1a0000000000000000, true",
        "1b0000000000000000, true",
        "1c000000, false",
        "1d0000, false",
        "30, true",
        "3100, true",
        "40420000, true",
        "4046000000000000000000000000000000000000000000, true",
        "00020500000000, false",
        "0100, true"
    })
    void allButAckPaddingAndCloseElicitAnAck(String hex, boolean ackEliciting) throws FrameFormatException {
        assertThat(read(hex)).isEqualTo(ackEliciting);
    }

    // RFC 9000 §12.4
    @Test
    void aPacketWithoutFramesIsMalformed() {
        assertThatThrownBy(() -> read("")).isInstanceOf(FrameFormatException.class);
    }

    @Test
    void theFramesBeforeAMalformedOneAreHandled() {
        FrameFormatException e = fault("01100505");
        assertThat(recorder.lines()).containsExactly("PING", "MAX_DATA 5");
        assertThat(e.frameType()).isEqualTo(FrameType.STOP_SENDING);
        assertThat(e).hasMessage("frame 0x5: 1 bytes expected, 0 left");
    }

    // RFC 9000 §12.4: an unknown type is an error of encoding
    @ParameterizedTest
    @ValueSource(
            longs = {
                0x06,
                0x07,
                0x18,
                0x19,
                0x1e,
                0x1f,
                0x20,
                0x2f,
                0x32,
                0x3f,
                0x40,
                0x41,
                0x48,
                0x1_0000_0001L,
                (1L << 62) - 1
            })
    void aTypeThatTetherDoesNotHaveIsMalformed(long type) {
        byte[] packet = new byte[8];
        new WireWriter().wrap(packet, 0, 8).writeVarInt(type);
        FrameFormatException e = fault(HexFormat.of().formatHex(packet));
        assertThat(e.frameType()).isEqualTo(type);
        assertThat(e).hasMessage("unknown frame type 0x" + Long.toHexString(type));
    }

    // docs/PROTOCOL.md, section 8.12
    @Test
    void anObservedAddressIsOneOfIpv4OrIpv6() throws Exception {
        read("4043 2c 06 c0000201 1151");
        read("4043 01 12 20010db8000000000000000000000001 0001");
        assertThat(recorder.lines())
                .containsExactly("OBSERVED_ADDRESS 44 /192.0.2.1:4433", "OBSERVED_ADDRESS 1 /[2001:db8:0:0:0:0:0:1]:1");

        assertThat(fault("4043 01 07 c0000201 1151 00"))
                .hasMessage("frame 0x43: an address and port of 7 bytes, not 6 or 18");
        assertThat(fault("4043 01 06 c0000201 11")).hasMessageStartingWith("frame 0x43: ");
    }

    // docs/PROTOCOL.md, section 8.13
    @Test
    void moreThanEightCandidatesAreMalformed() throws Exception {
        String offer = "4044 05" + "11".repeat(32) + "22".repeat(16) + "03";
        String candidate = "06 c0000201 1151";
        read(offer + "08" + candidate.repeat(8));
        assertThat(recorder.lines()).hasSize(1);

        assertThat(fault(offer + "09" + candidate.repeat(9)))
                .hasMessage("frame 0x44: 9 candidates, at most 8 are allowed");
        assertThat(fault(offer + "ffffffffffffffff"))
                .hasMessage("frame 0x44: 4611686018427387903 candidates, at most 8 are allowed");
    }

    // docs/PROTOCOL.md, sections 8.13 to 8.16
    @ParameterizedTest
    @ValueSource(strings = {"4044 05", "4045 05", "4046 05 00", "4047 05 00"})
    void aCandidateIsOneOfIpv4OrIpv6(String head) {
        String key = head.endsWith("00") ? "" : "11".repeat(32);
        String offer = head + key + "22".repeat(16) + "03 01";

        assertThat(fault(offer + "07 c0000201 1151 00"))
                .hasMessageEndingWith("an address and port of 7 bytes, not 6 or 18");
        assertThat(fault(offer + "06 c0000201 11")).hasMessageStartingWith("frame 0x4");
    }

    // docs/PROTOCOL.md, sections 8.13, 8.15, 8.16: what a later version may add
    @Test
    void unknownNumbersHaveASaferMeaning() throws Exception {
        String rest = "22".repeat(16) + "4064 00";
        read("4046 05 4064" + rest);
        read("4047 05 4064" + rest);
        assertThat(recorder.lines())
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("Answer[introductionId=5, accepted=false"),
                        line -> assertThat(line).startsWith("Introduced[requestId=5, status=REFUSED"))
                .allMatch(line -> line.contains("natBehaviour=UNKNOWN"));
    }

    // RFC 9000 §19.19: 0 where the type is unknown
    @Test
    void aCutTypeIsReportedAsTypeZero() {
        assertThat(fault("40").frameType()).isZero();
    }

    // RFC 9000 §19.8
    @ParameterizedTest
    @CsvSource({
        "08 02 aabb,          STREAM 2 @0 aabb",
        "09 02 aabb,          STREAM 2 @0 aabb fin",
        "0a 02 01 aa,         STREAM 2 @0 aa",
        "0b 02 01 aa,         STREAM 2 @0 aa fin",
        "0c 02 05 aabb,       STREAM 2 @5 aabb",
        "0d 02 05 aabb,       STREAM 2 @5 aabb fin",
        "0e 02 05 01 aa,      STREAM 2 @5 aa",
        "0f 02 05 01 aa,      STREAM 2 @5 aa fin"
    })
    void eachOfTheEightStreamTypesHasItsFields(String hex, String line) throws FrameFormatException {
        read(hex);
        assertThat(recorder.lines()).containsExactly(line);
    }

    // RFC 9000 §19.8
    @Test
    void aStreamMayReachItsLastByteAndNotBeyond() throws FrameFormatException {
        read("0e 00 fffffffffffffffe 01 aa");
        assertThat(recorder.lines()).hasSize(1);
        assertThat(fault("0e 00 ffffffffffffffff 01 aa")).hasMessage("stream 0 would reach beyond 2^62 - 1 bytes");
    }

    // RFC 9000 §19.11, §19.14
    @ParameterizedTest
    @ValueSource(strings = {"12", "13", "16", "17"})
    void aStreamCountAbove2To60IsMalformed(String type) throws FrameFormatException {
        read(type + "d000000000000000");
        assertThat(recorder.lines()).hasSize(1);
        assertThat(fault(type + "d000000000000001")).hasMessageContaining("above 2^60");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0a0002aa", "3102aa", "1c000002aa", "1d0002aa", "0a00c000000100000001aa"})
    void aLengthBeyondThePacketIsMalformed(String hex) {
        assertThat(fault(hex)).hasMessageContaining("where 1 bytes are left");
    }

    @Test
    void aLongReasonIsCutBetweenItsCharactersAndTheNextFrameIsRead() throws FrameFormatException {
        // 1100 characters of three bytes
        read("1d 07 " + HexFormat.of().toHexDigits((short) (0x4000 | 3300)) + "e282ac".repeat(1100) + "01");
        assertThat(recorder.lines())
                .isEqualTo(List.of(FrameRecorder.connectionClose(true, 7, 0, "€".repeat(341)), "PING"));
    }

    @Test
    void aReasonThatIsNotUtf8IsReadWithReplacements() throws FrameFormatException {
        read("1d 07 02 ff61");
        assertThat(recorder.lines()).containsExactly("CONNECTION_CLOSE application 7 frame 0 '\ufffda'");
    }

    private boolean read(String hex) throws FrameFormatException {
        byte[] packet = HexFormat.of().parseHex(hex.replace(" ", ""));
        return new FrameReader().read(packet, 0, packet.length, recorder);
    }

    private FrameFormatException fault(String hex) {
        return catchThrowableOfType(FrameFormatException.class, () -> read(hex));
    }
}
