package dev.tether.reactor.codec;

import io.netty.buffer.ByteBuf;

/**
 * Turns values into messages and back, for {@link dev.tether.reactor.PeerConnection#as}.
 *
 * <p>Has to be thread-safe: {@code encode} is called on whatever threads the publishers of values signal on, and
 * {@code decode} on the event loop of the node, several at the same time if there are several sends or connections. It must
 * not block.
 *
 * <p>Both methods may throw anything. What they throw reaches the application as a {@link CodecException}; a codec that
 * throws one itself has its text in the message of that. The others are named by their class only, as their text may quote a
 * message.
 */
public interface Codec {

    /**
     * Strings in UTF-8, with no prefix: what {@link dev.tether.reactor.PeerConnection#sendString} sends. Encodes any {@link
     * CharSequence}, and decodes to {@code String} and what a {@code String} is. Strict: malformed UTF-8 and surrogates
     * without their other half are errors, and are not replaced.
     */
    static Codec strings() {
        return StringCodec.INSTANCE;
    }

    /** Messages as they are, in arrays of their own: {@code byte[]} and nothing else. */
    static Codec byteArrays() {
        return ByteArrayCodec.INSTANCE;
    }

    /**
     * Writes one value as one message, whole.
     *
     * @param target an empty buffer that grows; what is readable in it afterwards is the message. It stays the caller's: an
     *     encoder that throws may leave it half written. Not to be kept
     */
    void encode(Object value, ByteBuf target) throws Exception;

    /**
     * Reads the value that is one message, whole. The value is not null.
     *
     * @param message its readable bytes are the message, perhaps none. It stays the caller's, who releases it: what the value
     *     is to keep has to be copied or retained. The indices may be moved
     * @param type what the value has to be
     */
    <T> T decode(ByteBuf message, Class<T> type) throws Exception;
}
