package dev.tether.core.stream;

import dev.tether.core.wire.VarInt;
import io.netty.buffer.ByteBuf;

/**
 * Puts messages on a stream, each preceded by its length in bytes, a variable-length integer (RFC 9000 §16). Not
 * thread-safe; nothing else may write to the stream.
 */
public final class MessageWriter {

    private final StreamSet streams;
    private final long streamId;
    private final byte[] prefix = new byte[Long.BYTES];
    private int prefixLength;
    private int prefixWritten;
    private int contentLeft;
    private boolean inside;
    private long endOffset;

    /** A writer at the start of a stream. */
    public MessageWriter(StreamSet streams, long streamId) {
        this.streams = streams;
        this.streamId = streamId;
    }

    /**
     * Copies as much of a message to the stream as there is room for, and moves the reader index of {@code message}, which
     * stays the caller's. When there is no room for all of it, {@link StreamSet#pollWritable} tells when there is, and the
     * method must be called again with the same buffer.
     *
     * @return whether the message is on the stream to its end
     * @throws IllegalArgumentException if the rest of another message is expected
     */
    public boolean offer(ByteBuf message) {
        if (!inside) {
            start(message.readableBytes());
        } else if (message.readableBytes() != contentLeft) {
            throw new IllegalArgumentException("the rest of a message has " + contentLeft + " bytes, not "
                    + message.readableBytes() + ": is it the same message?");
        }
        if (prefixWritten < prefixLength) {
            prefixWritten += streams.write(streamId, prefix, prefixWritten, prefixLength - prefixWritten);
            if (prefixWritten < prefixLength) {
                return false;
            }
        }
        if (contentLeft > 0) {
            contentLeft -= streams.write(streamId, message, contentLeft);
        }
        inside = contentLeft > 0;
        return !inside;
    }

    /**
     * The stream offset of the end of the message that was offered last. The message is delivered when
     * {@link StreamSet#ackedOffset} has reached it.
     */
    public long endOffset() {
        return endOffset;
    }

    /** Whether the rest of a message must be offered next. */
    public boolean isInsideMessage() {
        return inside;
    }

    private void start(int length) {
        inside = true;
        contentLeft = length;
        prefixWritten = 0;
        prefixLength = VarInt.size(length);
        encodeLength(length);
        endOffset += prefixLength + length;
    }

    // RFC 9000 §16; in place, as every message passes here
    private void encodeLength(int length) {
        for (int i = prefixLength - 1, rest = length; i >= 0; i--, rest >>>= Byte.SIZE) {
            prefix[i] = (byte) rest;
        }
        prefix[0] |= (byte) (Integer.numberOfTrailingZeros(prefixLength) << 6);
    }
}
