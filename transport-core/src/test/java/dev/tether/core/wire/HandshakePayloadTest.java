package dev.tether.core.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** docs/PROTOCOL.md, "Handshake payload". */
class HandshakePayloadTest {

    private static final HexFormat HEX = HexFormat.of();
    private static final String VERSIONS_1_TO_3 = "01020103";
    private static final String TIMESTAMP = "020818a1b2c3d4e5f607";
    private static final String CHOSEN_1 = "060101";
    private static final TransportParameters PARAMETERS =
            new TransportParameters(120_000, 1452, 2 << 20, 1 << 20, 256, 255, 26, 1200, 17 << 20, 0x1234);

    @Test
    void anInitiationHasItsBytes() {
        HandshakePayload payload = HandshakePayload.builder()
                .supportedVersions(new VersionRange(1, 3))
                .timestampNs(0x18a1b2c3d4e5f607L)
                .token(new byte[] {(byte) 0xaa, (byte) 0xbb})
                .transportParameters(PARAMETERS)
                .build();
        assertThat(HEX.formatHex(payload.encode(0)))
                .isEqualTo(VERSIONS_1_TO_3 + TIMESTAMP + "0302aabb" + "10048001d4c0" + "110245ac" + "120480200000"
                        + "130480100000" + "14024100" + "150240ff" + "16011a" + "170244b0" + "180481100000"
                        + "19025234");
    }

    @Test
    void aResponseHasItsBytes() throws UnknownHostException {
        HandshakePayload payload = HandshakePayload.builder()
                .observedAddress(address("c0000201", 4433))
                .chosenVersion(1)
                .build();
        assertThat(HEX.formatHex(payload.encode(0))).startsWith("0406c00002011151" + CHOSEN_1 + "1001");
    }

    @Test
    void anInitiationIsReadAsItWasWritten() throws WireFormatException {
        HandshakePayload payload = HandshakePayload.builder()
                .supportedVersions(new VersionRange(1, 0xffff_ffffL))
                .timestampNs(-2)
                .token(new byte[256])
                .transportParameters(PARAMETERS)
                .build();
        byte[] bytes = payload.encode(1059);
        HandshakePayload read = HandshakePayload.decodeInitiation(bytes, 0, bytes.length);
        assertThat(read.supportedVersions()).isEqualTo(new VersionRange(1, 0xffff_ffffL));
        assertThat(read.timestampNs()).hasValue(-2);
        assertThat(read.token()).isEqualTo(new byte[256]);
        assertThat(read.transportParameters()).isEqualTo(PARAMETERS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"c0000201", "20010db8000000000000000000000001"})
    void aResponseIsReadAsItWasWritten(String address) throws WireFormatException, UnknownHostException {
        HandshakePayload payload = HandshakePayload.builder()
                .observedAddress(address(address, 65_535))
                .chosenVersion(7)
                .transportParameters(PARAMETERS)
                .build();
        byte[] bytes = payload.encode(0);
        HandshakePayload read = HandshakePayload.decodeResponse(bytes, 0, bytes.length);
        assertThat(read.observedAddress()).isEqualTo(address(address, 65_535));
        assertThat(read.chosenVersion()).hasValue(7);
        assertThat(read.refusal()).isNull();
        assertThat(read.transportParameters()).isEqualTo(PARAMETERS);
    }

    @Test
    void aRefusalIsReadAsItWasWritten() throws WireFormatException {
        Refusal refusal = new Refusal(0x42, "we speak 2 to 3, ünd nothing else");
        byte[] bytes = HandshakePayload.builder()
                .supportedVersions(new VersionRange(2, 3))
                .refusal(refusal)
                .build()
                .encode(0);
        HandshakePayload read = HandshakePayload.decodeResponse(bytes, 0, bytes.length);
        assertThat(read.refusal()).isEqualTo(refusal);
        assertThat(read.supportedVersions()).isEqualTo(new VersionRange(2, 3));
        assertThat(read.chosenVersion()).isEmpty();
    }

    @Test
    void theLongestPayloadFitsTheSmallestInitiation() throws UnknownHostException {
        long max = VarInt.MAX;
        byte[] bytes = HandshakePayload.builder()
                .supportedVersions(new VersionRange(0xffff_ffffL, 0xffff_ffffL))
                .timestampNs(-1)
                .token(new byte[HandshakePayload.MAX_TOKEN_LENGTH])
                .observedAddress(address("20010db8000000000000000000000001", 1))
                .refusal(new Refusal(max, "a".repeat(Refusal.MAX_REASON_LENGTH)))
                .chosenVersion(0xffff_ffffL)
                .transportParameters(new TransportParameters(
                        0xffff_ffffL, 65_527, max, max, 1L << 60, 1L << 60, 16_383, max, max, max))
                .build()
                .encode(0);
        assertThat(bytes).hasSizeLessThan(InitiationDatagram.payloadLength(InitiationDatagram.MIN_LENGTH));
    }

    @Test
    void paddingFillsEveryLengthButOneAboveTheParameters() throws WireFormatException {
        HandshakePayload payload = accepted();
        int bare = payload.encode(0).length;
        for (int length = 0; length <= bare + 300; length++) {
            byte[] bytes = payload.encode(length);
            int expected = length == bare + 1 ? bare + 2 : Math.max(bare, length);
            assertThat(bytes).as("padded to %d", length).hasSize(expected);
            assertThat(HandshakePayload.decodeResponse(bytes, 0, bytes.length).chosenVersion())
                    .hasValue(1);
        }
        assertThat(payload.encode(HandshakePayload.MAX_PADDED_LENGTH)).hasSize(HandshakePayload.MAX_PADDED_LENGTH);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, HandshakePayload.MAX_PADDED_LENGTH + 1})
    void aLengthThatCannotBePaddedToIsRefused(int length) {
        assertThatIllegalArgumentException().isThrownBy(() -> accepted().encode(length));
    }

    @Test
    void unknownParametersAreIgnored() throws WireFormatException {
        HandshakePayload read = response("0f03ffffff" + CHOSEN_1 + "1a00" + "0f00" + "c00000000000002602abcd");
        assertThat(read.chosenVersion()).hasValue(1);
        assertThat(read.transportParameters()).isEqualTo(TransportParameters.WHEN_ABSENT);
    }

    @Test
    void paddingMayRepeatAndStandAnywhere() throws WireFormatException {
        assertThat(response("0000" + "0003000000" + CHOSEN_1 + "000100").chosenVersion())
                .hasValue(1);
    }

    @Test
    void aKnownParameterInALongerEncodingIsRead() throws WireFormatException {
        assertThat(response("4006" + "4004" + "80000001").chosenVersion()).hasValue(1);
    }

    @ParameterizedTest
    @CsvSource({
        VERSIONS_1_TO_3,
        TIMESTAMP,
        "0300",
        "0406c00002011151",
        "050107",
        CHOSEN_1,
        "10011e",
        "110244b0",
        "120100",
        "130100",
        "140100",
        "150100",
        "160100",
        "170100",
        "180100"
    })
    void aKnownParameterThatOccursTwiceIsMalformed(String parameter) {
        assertMalformed(parameter + parameter, "handshake parameter 0x");
        assertMalformed(parameter + parameter, "occurs twice");
    }

    @ParameterizedTest
    @CsvSource({
        "000101,                     padding that is not zero",
        "0003000001,                 padding that is not zero",
        "01,                         1 bytes expected",
        "010101,                     0x1: 1 bytes expected",
        "0103010300,                 0x1 is 1 bytes too long",
        "01020001,                   0x1: versions 0 to 1",
        "01020302,                   0x1: versions 3 to 2",
        "010901c000000100000000,     0x1: versions 1 to 4294967296",
        "020700000000000000,         0x2: 8 bytes expected",
        "0209000000000000000000,     0x2 is 1 bytes too long",
        "0305aabb,                   a length of 5 where 2 bytes are left",
        "040400000000,               '0x4: an address and port of 4 bytes, not 6 or 18'",
        "0400,                       0x4: an address and port of 0 bytes",
        "0500,                       0x5: 1 bytes expected",
        "0600,                       0x6: 1 bytes expected",
        "060100,                     0x6: version 0",
        "06020101,                   0x6 is 1 bytes too long",
        "060141,                     '0x6: 2 bytes expected, 1 left'",
        "1000,                       0x10: 1 bytes expected",
        "10020000,                   0x10 is 1 bytes too long",
        "1008c000000100000000,       'idle timeout in ms (0x10) is 4294967296, not in 0 to 4294967295'",
        "110244af,                   'max UDP payload (0x11) is 1199, not in 1200 to 65527'",
        "11048000fff8,               'max UDP payload (0x11) is 65528, not in 1200 to 65527'",
        "1408d000000000000001,       'max streams bidi (0x14) is 1152921504606846977'",
        "1508d000000000000001,       'max streams uni (0x15) is 1152921504606846977'",
        "160480004000,               'max ack delay in ms (0x16) is 16384, not in 0 to 16383'",
        "2005,                       a length of 5 where 0 bytes are left"
    })
    void aBadValueIsMalformedAndNamed(String hex, String complaint) {
        assertMalformed(hex, complaint);
    }

    @Test
    void aTokenOrReasonThatIsTooLongIsMalformed() {
        assertMalformed("034101" + "00".repeat(257), "a token of 257 bytes");
        assertMalformed("05410207" + "61".repeat(257), "a reason of 257 bytes");
    }

    @ParameterizedTest
    @CsvSource({
        TIMESTAMP + ",                                       without supported versions",
        VERSIONS_1_TO_3 + ",                                 without a timestamp",
        VERSIONS_1_TO_3 + TIMESTAMP + "0406c00002011151,     with an observed address",
        VERSIONS_1_TO_3 + TIMESTAMP + "050107,               with a refusal",
        VERSIONS_1_TO_3 + TIMESTAMP + CHOSEN_1 + ",          with a chosen version"
    })
    void anInitiationHasWhatBelongsThereOnly(String hex, String complaint) {
        byte[] bytes = HEX.parseHex(hex);
        assertThatThrownBy(() -> HandshakePayload.decodeInitiation(bytes, 0, bytes.length))
                .isInstanceOf(WireFormatException.class)
                .hasMessage("an initiation " + complaint);
    }

    @ParameterizedTest
    @CsvSource({
        "'',                        with neither a chosen version nor a refusal",
        CHOSEN_1 + "050107,         with both a chosen version and a refusal",
        CHOSEN_1 + TIMESTAMP + ",   with a timestamp"
    })
    void aResponseHasWhatBelongsThereOnly(String hex, String complaint) {
        assertThatThrownBy(() -> response(hex))
                .isInstanceOf(WireFormatException.class)
                .hasMessage("a response " + complaint);
    }

    @Test
    void anEmptyPayloadHasNothingButDefaults() throws WireFormatException {
        HandshakePayload read = HandshakePayload.decode(new byte[0], 0, 0);
        assertThat(read.supportedVersions()).isNull();
        assertThat(read.timestampNs()).isEmpty();
        assertThat(read.token()).isNull();
        assertThat(read.observedAddress()).isNull();
        assertThat(read.refusal()).isNull();
        assertThat(read.chosenVersion()).isEmpty();
        assertThat(read.transportParameters()).isEqualTo(TransportParameters.WHEN_ABSENT);
    }

    @Test
    void theTokenIsCopiedOnItsWayInAndOut() {
        byte[] token = {1, 2};
        HandshakePayload payload = HandshakePayload.builder().token(token).build();
        token[0] = 9;
        byte[] copy = Objects.requireNonNull(payload.token());
        assertThat(copy).containsExactly(1, 2);
        copy[1] = 9;
        assertThat(payload.token()).containsExactly(1, 2);
    }

    @Test
    void aReasonThatIsNotUtf8IsReadWithReplacements() throws WireFormatException {
        Refusal refusal = response("050307ff61").refusal();
        assertThat(refusal).isEqualTo(new Refusal(7, "\ufffda"));
        assertThat(new String(new byte[] {(byte) 0xff}, UTF_8)).isEqualTo("\ufffd");
    }

    @Test
    void anAddressThatIsNotResolvedIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> HandshakePayload.builder().observedAddress(InetSocketAddress.createUnresolved("host", 1)))
                .withMessageContaining("not resolved");
    }

    @Test
    void valuesThatTheWireCannotCarryAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HandshakePayload.builder().token(new byte[257]));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HandshakePayload.builder().chosenVersion(0));
    }

    private static HandshakePayload accepted() {
        return HandshakePayload.builder().chosenVersion(1).build();
    }

    private static HandshakePayload response(String hex) throws WireFormatException {
        byte[] bytes = HEX.parseHex(hex);
        return HandshakePayload.decodeResponse(bytes, 0, bytes.length);
    }

    private static void assertMalformed(String hex, String complaint) {
        byte[] bytes = HEX.parseHex(hex);
        assertThatThrownBy(() -> HandshakePayload.decode(bytes, 0, bytes.length))
                .isInstanceOf(WireFormatException.class)
                .hasMessageContaining(complaint);
    }

    private static InetSocketAddress address(String hex, int port) throws UnknownHostException {
        return new InetSocketAddress(InetAddress.getByAddress(HEX.parseHex(hex)), port);
    }
}
