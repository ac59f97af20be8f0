package dev.tether.reactor.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ByteArrayCodecTest {

    private static final Codec CODEC = Codec.byteArrays();

    @Test
    void everyArrayComesBack() throws Exception {
        for (long seed = 0; seed < 100; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] bytes = new byte[random.nextInt(300)];
            random.nextBytes(bytes);
            ByteBuf message = Unpooled.buffer();

            CODEC.encode(bytes, message);
            assertThat(CODEC.decode(message, byte[].class)).as("seed %d", seed).isEqualTo(bytes);
        }
    }

    @Test
    void whatIsDecodedIsACopy() throws Exception {
        byte[] received = {1, 2, 3};
        byte[] decoded = CODEC.decode(Unpooled.wrappedBuffer(received), byte[].class);
        received[0] = 9;

        assertThat(decoded).containsExactly(1, 2, 3);
    }

    @Test
    void whatIsEncodedIsACopy() throws Exception {
        byte[] value = {1, 2, 3};
        ByteBuf message = Unpooled.buffer();
        CODEC.encode(value, message);
        value[0] = 9;

        assertThat(message.getByte(0)).isEqualTo((byte) 1);
    }

    @Test
    void otherTypesAreRefusedWithTheWayOut() {
        assertThatThrownBy(() -> CODEC.encode("text", Unpooled.buffer()))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("encodes byte[]; map it to that, or use another codec");
        assertThatThrownBy(() -> CODEC.decode(Unpooled.EMPTY_BUFFER, String.class))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("decodes to byte[]; receive that, or use another codec");
    }
}
