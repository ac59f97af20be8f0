package dev.tether.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** docs/PROTOCOL.md, "Datagrams". Each datagram lies at an offset in a larger array. */
class DatagramsTest {

    private static final int OFFSET = 7;
    private static final long SENDER = 0xf1f2f3f4f5f6f7f8L;
    private static final long RECEIVER = 0x0102030405060708L;

    private final byte[] array = new byte[2000];
    private final WireWriter out = new WireWriter().wrap(array, OFFSET, array.length - OFFSET);

    @Test
    void anInitiationStartsWithTypeVersionAndSender() {
        InitiationDatagram.writeHeader(out, SENDER);
        assertThat(written()).isEqualTo("0100000001f1f2f3f4f5f6f7f8");
        assertThat(out.written()).isEqualTo(InitiationDatagram.NOISE_OFFSET);
        assertThat(InitiationDatagram.isWellFormed(array, OFFSET, 1200)).isTrue();
        assertThat(InitiationDatagram.version(array, OFFSET)).isEqualTo(1);
        assertThat(InitiationDatagram.senderConnectionId(array, OFFSET)).isEqualTo(SENDER);
    }

    @Test
    void anInitiationEndsWithItsMacs() {
        assertThat(InitiationDatagram.noiseOffset(OFFSET)).isEqualTo(OFFSET + 13);
        assertThat(InitiationDatagram.noiseLength(1200)).isEqualTo(1200 - 13 - 32);
        assertThat(InitiationDatagram.mac1Offset(OFFSET, 1200)).isEqualTo(OFFSET + 1168);
        assertThat(InitiationDatagram.mac2Offset(OFFSET, 1200)).isEqualTo(OFFSET + 1184);
        assertThat(InitiationDatagram.payloadLength(1200)).isEqualTo(1200 - 93 - 16 - 32);
    }

    @Test
    void anInitiationThatIsShortOrOfAnotherTypeOrVersionIsNotWellFormed() {
        InitiationDatagram.writeHeader(out, SENDER);
        assertThat(InitiationDatagram.isWellFormed(array, OFFSET, 1199)).isFalse();
        array[OFFSET + 1] = (byte) 0x80;
        assertThat(InitiationDatagram.isWellFormed(array, OFFSET, 1200)).isFalse();
        assertThat(InitiationDatagram.version(array, OFFSET)).isEqualTo(0x8000_0001L);
        array[OFFSET + 1] = 0;
        array[OFFSET] = DatagramType.RESPONSE;
        assertThat(InitiationDatagram.isWellFormed(array, OFFSET, 1200)).isFalse();
    }

    @Test
    void aResponseStartsWithTypeSenderAndReceiver() {
        ResponseDatagram.writeHeader(out, SENDER, RECEIVER);
        assertThat(written()).isEqualTo("02f1f2f3f4f5f6f7f80102030405060708");
        assertThat(out.written()).isEqualTo(ResponseDatagram.NOISE_OFFSET);
        assertThat(ResponseDatagram.senderConnectionId(array, OFFSET)).isEqualTo(SENDER);
        assertThat(ResponseDatagram.receiverConnectionId(array, OFFSET)).isEqualTo(RECEIVER);
    }

    @Test
    void aResponseEndsWithItsMacs() {
        assertThat(ResponseDatagram.length(100)).isEqualTo(17 + 32 + 100 + 16 + 32);
        assertThat(ResponseDatagram.noiseOffset(OFFSET)).isEqualTo(OFFSET + 17);
        assertThat(ResponseDatagram.noiseLength(197)).isEqualTo(32 + 100 + 16);
        assertThat(ResponseDatagram.mac1Offset(OFFSET, 197)).isEqualTo(OFFSET + 165);
        assertThat(ResponseDatagram.mac2Offset(OFFSET, 197)).isEqualTo(OFFSET + 181);
    }

    @Test
    void aResponseHasRoomForItsKeysAndTags() {
        ResponseDatagram.writeHeader(out, SENDER, RECEIVER);
        assertThat(ResponseDatagram.isWellFormed(array, OFFSET, 97)).isTrue();
        assertThat(ResponseDatagram.isWellFormed(array, OFFSET, 96)).isFalse();
        array[OFFSET] = DatagramType.DATA;
        assertThat(ResponseDatagram.isWellFormed(array, OFFSET, 97)).isFalse();
    }

    @Test
    void aCookieReplyHasOneLength() {
        CookieReplyDatagram.write(out, RECEIVER, filled(12, 0xaa), filled(32, 0xbb));
        assertThat(written()).isEqualTo("030102030405060708" + "aa".repeat(12) + "bb".repeat(32));
        assertThat(out.written()).isEqualTo(53).isEqualTo(CookieReplyDatagram.LENGTH);
        assertThat(CookieReplyDatagram.isWellFormed(array, OFFSET, 53)).isTrue();
        assertThat(CookieReplyDatagram.isWellFormed(array, OFFSET, 52)).isFalse();
        assertThat(CookieReplyDatagram.isWellFormed(array, OFFSET, 54)).isFalse();
        assertThat(CookieReplyDatagram.receiverConnectionId(array, OFFSET)).isEqualTo(RECEIVER);
        assertThat(CookieReplyDatagram.nonceOffset(OFFSET)).isEqualTo(OFFSET + 9);
        assertThat(CookieReplyDatagram.sealedCookieOffset(OFFSET)).isEqualTo(OFFSET + 21);
    }

    @Test
    void aCookieReplyOfOtherPartsIsNotWritten() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CookieReplyDatagram.write(out, 1, new byte[11], new byte[32]))
                .withMessageContaining("12 and 32 expected");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CookieReplyDatagram.write(out, 1, new byte[12], new byte[16]));
        assertThat(out.written()).isZero();
    }

    @Test
    void aDataPacketStartsWithTypeReceiverAndNumber() {
        DataHeader.write(out, SENDER, 0x0102030405060708L);
        assertThat(written()).isEqualTo("04f1f2f3f4f5f6f7f80102030405060708");
        assertThat(out.written()).isEqualTo(DataHeader.LENGTH);
        assertThat(DataHeader.receiverConnectionId(array, OFFSET)).isEqualTo(SENDER);
        assertThat(DataHeader.packetNumber(array, OFFSET)).isEqualTo(0x0102030405060708L);
    }

    @Test
    void aDataPacketHasRoomForOneByteAndATag() {
        DataHeader.write(out, SENDER, 0);
        assertThat(DataHeader.isWellFormed(array, OFFSET, 34)).isTrue();
        assertThat(DataHeader.isWellFormed(array, OFFSET, 33)).isFalse();
        array[OFFSET] = DatagramType.STATELESS_RESET;
        assertThat(DataHeader.isWellFormed(array, OFFSET, 34)).isFalse();
    }

    @Test
    void aStatelessResetHasOneLengthAndIsShorterThanAnyDataPacket() {
        StatelessResetDatagram.write(out, SENDER, filled(16, 0xcc));
        assertThat(written()).isEqualTo("05f1f2f3f4f5f6f7f8" + "cc".repeat(16));
        assertThat(out.written())
                .isEqualTo(25)
                .isEqualTo(StatelessResetDatagram.LENGTH)
                .isLessThan(DataHeader.MIN_DATAGRAM_LENGTH);
        assertThat(StatelessResetDatagram.isWellFormed(array, OFFSET, 25)).isTrue();
        assertThat(StatelessResetDatagram.isWellFormed(array, OFFSET, 24)).isFalse();
        assertThat(StatelessResetDatagram.isWellFormed(array, OFFSET, 26)).isFalse();
        assertThat(StatelessResetDatagram.isWellFormed(array, OFFSET, 0)).isFalse();
        assertThat(StatelessResetDatagram.connectionId(array, OFFSET)).isEqualTo(SENDER);
        assertThat(StatelessResetDatagram.tokenOffset(OFFSET)).isEqualTo(OFFSET + 9);
        array[OFFSET] = DatagramType.DATA;
        assertThat(StatelessResetDatagram.isWellFormed(array, OFFSET, 25)).isFalse();
    }

    @Test
    void aStatelessResetWithATokenOfAnotherLengthIsNotWritten() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StatelessResetDatagram.write(out, 1, new byte[15]))
                .withMessage("a reset token of 15 bytes, 16 expected");
        assertThat(out.written()).isZero();
    }

    @Test
    void aPunchIsKindTransactionAndMac() {
        byte[] punch = PunchDatagram.of(PunchDatagram.REPLY, 0x01020304, 0xf1f2f3f4);
        out.writeBytes(punch);
        assertThat(written()).isEqualTo("060101020304f1f2f3f4" + "00".repeat(16));
        assertThat(PunchDatagram.isWellFormed(array, OFFSET, 26)).isTrue();
        assertThat(PunchDatagram.isReply(array, OFFSET)).isTrue();
        assertThat(PunchDatagram.tag(array, OFFSET)).isEqualTo(0x01020304);
        assertThat(PunchDatagram.number(array, OFFSET)).isEqualTo(0xf1f2f3f4);
        assertThat(PunchDatagram.isReply(PunchDatagram.of(PunchDatagram.PROBE, 0, 0), 0))
                .isFalse();
    }

    @Test
    void aPunchOfAnotherLengthOrKindIsNotWellFormed() {
        out.writeBytes(PunchDatagram.of(PunchDatagram.PROBE, 1, 2));
        assertThat(PunchDatagram.isWellFormed(array, OFFSET, 25)).isFalse();
        assertThat(PunchDatagram.isWellFormed(array, OFFSET, 27)).isFalse();
        assertThat(PunchDatagram.isWellFormed(array, OFFSET, 0)).isFalse();
        for (int kind = 2; kind < 256; kind++) {
            array[OFFSET + 1] = (byte) kind;
            assertThat(PunchDatagram.isWellFormed(array, OFFSET, 26)).isFalse();
        }
        array[OFFSET + 1] = 0;
        array[OFFSET] = DatagramType.DATA;
        assertThat(PunchDatagram.isWellFormed(array, OFFSET, 26)).isFalse();
    }

    // RFC 9000 §12.3
    @Test
    void aPacketNumberThatNoAckCanNameIsNotWellFormed() {
        DataHeader.write(out, SENDER, VarInt.MAX);
        assertThat(DataHeader.isWellFormed(array, OFFSET, 34)).isTrue();
        array[OFFSET + 9] = 0x40;
        assertThat(DataHeader.isWellFormed(array, OFFSET, 34)).isFalse();
        array[OFFSET + 9] = (byte) 0x80;
        assertThat(DataHeader.isWellFormed(array, OFFSET, 34)).isFalse();
    }

    @Test
    void garbageOfAnyLengthIsJudgedWithoutAnException() {
        for (long seed = 0; seed < 5000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] garbage = new byte[random.nextInt(1400)];
            random.nextBytes(garbage);
            if (garbage.length > 0) {
                garbage[0] = (byte) random.nextInt(8);
            }
            boolean[] judgements = {
                InitiationDatagram.isWellFormed(garbage, 0, garbage.length),
                ResponseDatagram.isWellFormed(garbage, 0, garbage.length),
                CookieReplyDatagram.isWellFormed(garbage, 0, garbage.length),
                DataHeader.isWellFormed(garbage, 0, garbage.length),
                StatelessResetDatagram.isWellFormed(garbage, 0, garbage.length),
                PunchDatagram.isWellFormed(garbage, 0, garbage.length)
            };
            int accepted = 0;
            for (boolean judgement : judgements) {
                accepted += judgement ? 1 : 0;
            }
            assertThat(accepted).as("seed %d", seed).isLessThanOrEqualTo(1);
        }
    }

    private String written() {
        return HexFormat.of().formatHex(array, OFFSET, out.position());
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }
}
