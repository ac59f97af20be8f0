package dev.tether.core.stream;

import dev.tether.core.wire.VarInt;
import io.netty.buffer.ByteBuf;

/**
 * Puts messages on a stream, each preceded by its length in bytes, a variable-length integer (RFC 9000 §16), and by a mark
 * where its number is not the one after that of the message before. docs/PROTOCOL.md, "Messages". Not thread-safe; nothing
 * else may write to the stream.
 */
public final class MessageWriter {

    /** In place of a length: the number of a link follows, and that of the next message within it. */
    static final long MARK = VarInt.MAX;

    private final StreamSet streams;
    private final long streamId;

    /** A mark with its two numbers, and a length. */
    private final byte[] prefix = new byte[4 * Long.BYTES];

    private int prefixLength;
    private int prefixWritten;
    private int contentLeft;
    private boolean inside;
    private long endOffset;
    private long linkId;
    private long nextNumber;

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
     * @param linkId which link the message belongs to, 1 to 2^62 - 1; 0 for none
     * @param number its number within the link, 1 to 2^62 - 1; 0 without a link
     * @return whether the message is on the stream to its end
     * @throws IllegalArgumentException if the rest of another message is expected, or the link and the number are out of
     *     their ranges
     */
    public boolean offer(ByteBuf message, long linkId, long number) {
        if (!inside) {
            start(message.readableBytes(), linkId, number);
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

    /** Without a link. */
    public boolean offer(ByteBuf message) {
        return offer(message, 0, MessageReader.NOT_NUMBERED);
    }

    private void start(int length, long linkId, long number) {
        requireNumbering(linkId, number);
        inside = true;
        contentLeft = length;
        prefixWritten = 0;
        prefixLength = 0;
        if (linkId != this.linkId || linkId != 0 && number != nextNumber) {
            encode(MARK);
            encode(linkId);
            encode(number);
            this.linkId = linkId;
        }
        nextNumber = number + 1;
        encode(length);
        endOffset += prefixLength + length;
    }

    private static void requireNumbering(long linkId, long number) {
        if (linkId < 0 || linkId > VarInt.MAX) {
            throw new IllegalArgumentException("the link is " + linkId + ", not in 1 to 2^62 - 1, or 0 for none");
        }
        if (linkId == 0 ? number != 0 : number < 1 || number > VarInt.MAX) {
            throw new IllegalArgumentException("the number of the message is " + number + ", it must be "
                    + (linkId == 0 ? "0 without a link" : "in 1 to 2^62 - 1"));
        }
    }

    // RFC 9000 §16; in place, as every message passes here
    private void encode(long value) {
        int size = VarInt.size(value);
        long rest = value;
        for (int i = prefixLength + size - 1; i >= prefixLength; i--, rest >>>= Byte.SIZE) {
            prefix[i] = (byte) rest;
        }
        prefix[prefixLength] |= (byte) (Integer.numberOfTrailingZeros(size) << 6);
        prefixLength += size;
    }
}
