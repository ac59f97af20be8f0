package dev.tether.reactor.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** {@link Codec#strings()}. */
final class StringCodec implements Codec {

    static final Codec INSTANCE = new StringCodec();

    private StringCodec() {}

    @Override
    public void encode(Object value, ByteBuf target) {
        if (!(value instanceof CharSequence text)) {
            throw new CodecException("Codec.strings() encodes strings; map it to one, or use another codec");
        }
        int lone = loneSurrogate(text);
        if (lone >= 0) {
            throw new CodecException("UTF-8 cannot say half a surrogate pair, at index " + lone
                    + "; repair the string, or send bytes with Codec.byteArrays()");
        }
        ByteBufUtil.writeUtf8(target, text);
    }

    @Override
    public <T> T decode(ByteBuf message, Class<T> type) {
        if (!type.isAssignableFrom(String.class)) {
            throw new CodecException("Codec.strings() decodes to java.lang.String; receive that, or use another codec");
        }
        ByteBuffer bytes = message.nioBuffer();
        int start = bytes.position();
        try {
            // A new decoder reports what is malformed, instead of replacing it.
            return type.cast(StandardCharsets.UTF_8.newDecoder().decode(bytes).toString());
        } catch (CharacterCodingException malformed) {
            throw new CodecException(
                    "malformed UTF-8 at byte " + (bytes.position() - start)
                            + "; if it is not meant to be text, receive it with Codec.byteArrays()",
                    malformed);
        }
    }

    /** The index of the first surrogate without its other half; -1 if there is none. */
    private static int loneSurrogate(CharSequence text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                boolean isPair = i + 1 < text.length() && Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1));
                if (!isPair) {
                    return i;
                }
                i++;
            }
        }
        return -1;
    }
}
