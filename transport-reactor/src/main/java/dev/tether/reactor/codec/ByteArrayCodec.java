package dev.tether.reactor.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/** {@link Codec#byteArrays()}. */
final class ByteArrayCodec implements Codec {

    static final Codec INSTANCE = new ByteArrayCodec();

    private ByteArrayCodec() {}

    @Override
    public void encode(Object value, ByteBuf target) {
        if (!(value instanceof byte[] bytes)) {
            throw new CodecException("Codec.byteArrays() encodes byte[]; map it to that, or use another codec");
        }
        target.writeBytes(bytes);
    }

    @Override
    public <T> T decode(ByteBuf message, Class<T> type) {
        if (type != byte[].class) {
            throw new CodecException("Codec.byteArrays() decodes to byte[]; receive that, or use another codec");
        }
        return type.cast(ByteBufUtil.getBytes(message));
    }
}
