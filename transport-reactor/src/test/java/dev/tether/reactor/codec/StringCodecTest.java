package dev.tether.reactor.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StringCodecTest {

    private static final Codec CODEC = Codec.strings();

    @Test
    void everyStringOfWholeCharactersComesBack() throws Exception {
        for (long seed = 0; seed < 500; seed++) {
            String text = RandomText.draw(new SplittableRandom(seed));

            ByteBuf message = encoded(text);
            assertThat(message.toString(UTF_8)).as("seed %d", seed).isEqualTo(text);
            assertThat(CODEC.decode(message, String.class)).as("seed %d", seed).isEqualTo(text);
        }
    }

    @Test
    void anyCharSequenceIsEncoded() throws Exception {
        assertThat(encoded(new StringBuilder("größer")).toString(UTF_8)).isEqualTo("größer");
        assertThat(encoded(AsciiString.of("ascii")).toString(UTF_8)).isEqualTo("ascii");
    }

    @Test
    void whatAStringIsCanBeReceived() throws Exception {
        assertThat(CODEC.decode(encoded("text"), CharSequence.class)).isEqualTo("text");
        assertThat(CODEC.decode(encoded("text"), Object.class)).isEqualTo("text");
    }

    @Test
    void partOfAnyBufferIsDecoded() throws Exception {
        ByteBuf direct = Unpooled.directBuffer().writeBytes("<ä>".getBytes(UTF_8));
        ByteBuf composite = Unpooled.wrappedBuffer(new byte[] {'<', (byte) 0xc3}, new byte[] {(byte) 0xa4, '>'});

        for (ByteBuf message : new ByteBuf[] {direct, composite, composite.asReadOnly()}) {
            assertThat(CODEC.decode(message.slice(1, 2), String.class)).isEqualTo("ä");
        }
        direct.release();
        composite.release();
    }

    /** RFC 3629 §3: truncated, stray and overlong sequences, surrogates, and what is beyond U+10FFFF. */
    @ParameterizedTest
    @CsvSource({
        "61ff,1",
        "80,0",
        "6162c3,2",
        "e282,0",
        "61f09f98,1",
        "c0af,0",
        "c1bf,0",
        "e08080,0",
        "f0808080,0",
        "eda080,0",
        "edbfbf,0",
        "f4908080,0",
        "f888808080,0",
        "616263e2286164,3"
    })
    void malformedUtf8IsAnErrorAtItsFirstByte(String hex, int index) {
        // An offset that is not 0, so that it is not counted.
        ByteBuf message = Unpooled.wrappedBuffer(HexFormat.of().parseHex("2020" + hex));
        message.skipBytes(2);

        assertThatThrownBy(() -> CODEC.decode(message, String.class))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("malformed UTF-8 at byte " + index + ";")
                .hasMessageContaining("Codec.byteArrays()");
        assertThat(message.refCnt()).isEqualTo(1);
    }

    @Test
    void aReplacementCharacterThatWasSentIsNoError() throws Exception {
        assertThat(CODEC.decode(encoded("\ufffd"), String.class)).isEqualTo("\ufffd");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ab\ud83d", "ab\ude00", "ab\ud83dc", "ab\ude00\ud83d", "ab\ud83d\ud83d\ude00"})
    void halfASurrogatePairIsAnErrorAtItsIndex(String text) {
        assertThatThrownBy(() -> encoded(text))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("at index 2;");
    }

    @Test
    void otherTypesAreRefusedWithTheWayOut() {
        assertThatThrownBy(() -> encoded(7))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("encodes strings; map it to one, or use another codec");
        assertThatThrownBy(() -> CODEC.decode(Unpooled.EMPTY_BUFFER, Integer.class))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("decodes to java.lang.String; receive that, or use another codec");
    }

    private static ByteBuf encoded(Object value) throws Exception {
        ByteBuf target = Unpooled.buffer();
        CODEC.encode(value, target);
        return target;
    }
}
