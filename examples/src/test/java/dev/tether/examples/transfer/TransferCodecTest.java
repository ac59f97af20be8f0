package dev.tether.examples.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.examples.transfer.TransferMessage.Abort;
import dev.tether.examples.transfer.TransferMessage.Accept;
import dev.tether.examples.transfer.TransferMessage.Begin;
import dev.tether.examples.transfer.TransferMessage.Checking;
import dev.tether.examples.transfer.TransferMessage.Data;
import dev.tether.examples.transfer.TransferMessage.Failed;
import dev.tether.examples.transfer.TransferMessage.Offer;
import dev.tether.examples.transfer.TransferMessage.Present;
import dev.tether.examples.transfer.TransferMessage.Stored;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TransferCodecTest {

    private static final Sha256 DIGEST = Sha256.finish(Sha256.newDigest());

    static Stream<TransferMessage> messages() {
        return Stream.of(
                new Offer(7, Long.MAX_VALUE, DIGEST, "größe 🙂.txt"),
                new Begin(123_456_789_012L),
                new Abort(TransferFailure.READ_ERROR, "gone"),
                new Checking(7, 42),
                new Accept(7, 1L << 40, DIGEST),
                new Present(7, "a"),
                new Stored(-1, "a-1"),
                new Failed(7, TransferFailure.NO_SPACE, ""));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void aMessageSurvivesTheRoundTrip(TransferMessage message) {
        assertThat(TransferCodec.decode(TransferCodec.encode(message))).isEqualTo(message);
    }

    @ParameterizedTest
    @MethodSource("messages")
    void aMessageThatEndsTooEarlyIsNoMessage(TransferMessage message) {
        int fixed = fixedLength(message);
        for (int length = 0; length < fixed; length++) {
            ByteBuf cut = TransferCodec.encode(message).slice(0, length);
            assertThatThrownBy(() -> TransferCodec.decode(cut))
                    .as("%s, cut to %d bytes", message, length)
                    .isInstanceOf(TransferException.class);
        }
    }

    @Test
    void anOfferHasTheDocumentedBytes() {
        ByteBuf encoded = TransferCodec.encode(new Offer(258, 5, DIGEST, "a"));

        assertThat(ByteBufUtil.hexDump(encoded))
                .isEqualTo("01" + "01" + "00000102" + "0000000000000005" + DIGEST + "61");
    }

    @Test
    void dataIsAViewOfTheMessage() {
        ByteBuf message = Unpooled.buffer().writeByte(TransferCodec.DATA).writeBytes(new byte[] {1, 2, 3});

        TransferMessage decoded = TransferCodec.decode(message);

        assertThat(decoded).isInstanceOf(Data.class);
        assertThat(ByteBufUtil.getBytes(((Data) decoded).bytes())).containsExactly(1, 2, 3);
    }

    @Test
    void anUnknownTypeIsNoMessage() {
        assertProtocolFailure(Unpooled.copiedBuffer("hello", StandardCharsets.UTF_8));
    }

    @Test
    void anOfferOfAnotherVersionIsRefused() {
        ByteBuf offer = TransferCodec.encode(new Offer(0, 0, DIGEST, "a")).setByte(1, 2);

        assertProtocolFailure(offer);
    }

    @Test
    void aNegativeLengthIsRefused() {
        assertProtocolFailure(TransferCodec.encode(new Begin(0)).setLong(1, -1));
    }

    @Test
    void aNameThatIsNotUtf8IsRefused() {
        assertProtocolFailure(TransferCodec.encode(new Offer(0, 0, DIGEST, "")).writeByte(0xff));
    }

    @Test
    void aLongTextIsCutBetweenCharacters() {
        String text = "x".repeat(1023) + "🙂";

        TransferMessage decoded =
                TransferCodec.decode(TransferCodec.encode(new Failed(0, TransferFailure.EXISTS, text)));

        assertThat(decoded).isEqualTo(new Failed(0, TransferFailure.EXISTS, "x".repeat(1023)));
    }

    @Test
    void anUnknownFailureIsAFailure() {
        ByteBuf failed =
                TransferCodec.encode(new Failed(0, TransferFailure.EXISTS, "")).setByte(5, 200);

        assertThat(TransferCodec.decode(failed)).isEqualTo(new Failed(0, TransferFailure.PROTOCOL, ""));
    }

    private static void assertProtocolFailure(ByteBuf message) {
        assertThatThrownBy(() -> TransferCodec.decode(message))
                .isInstanceOfSatisfying(
                        TransferException.class, e -> assertThat(e.failure()).isEqualTo(TransferFailure.PROTOCOL));
    }

    /** The length without the text, which may be cut anywhere. */
    private static int fixedLength(TransferMessage message) {
        if (message instanceof Offer) {
            return 46;
        }
        if (message instanceof Begin) {
            return 9;
        }
        if (message instanceof Abort) {
            return 2;
        }
        if (message instanceof Checking) {
            return 13;
        }
        if (message instanceof Accept) {
            return 45;
        }
        return message instanceof Failed ? 6 : 5;
    }
}
