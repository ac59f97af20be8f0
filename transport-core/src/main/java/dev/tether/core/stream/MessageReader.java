package dev.tether.core.stream;

import dev.tether.core.frame.FrameType;
import dev.tether.core.frame.TransportErrorCode;
import dev.tether.core.wire.VarInt;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream into messages: each is preceded by its length in bytes, a variable-length integer (RFC 9000 §16), and may be
 * preceded by a mark that numbers it. docs/PROTOCOL.md, "Messages". Not thread-safe.
 *
 * <p>Reading is what lets the peer send more, so {@link #next()} must be called only while the application wants a message.
 * A small message is a slice of what was received; one that is larger than {@link #WHOLE_IF_UP_TO} and not yet complete is
 * collected in a buffer that grows with what arrives, never with what is announced, so that a message may be larger than
 * the receive window.
 */
public final class MessageReader {

    /** Up to this length, in bytes, a message is left in the stream until it is complete. */
    static final int WHOLE_IF_UP_TO = 4096;

    private static final int NONE = -1;

    /** The number of a message that belongs to no link. */
    public static final long NOT_NUMBERED = 0;

    private final StreamSet streams;
    private final long streamId;
    private final int maxMessageSize;
    private int length = NONE;
    private @Nullable ByteBuf partial;

    /** How many numbers of a mark are still to be read. */
    private int markLeft;

    private long linkId;
    private long nextNumber;
    private long number;

    /** What the peer has done wrong: what follows in the stream means nothing. */
    private @Nullable StreamViolation violation;

    /**
     * A reader at the start of a stream. The windows of the stream and the connection hold 8 bytes at least, so that the
     * length of a message fits.
     *
     * @param maxMessageSize the longest message that is accepted, in bytes
     */
    public MessageReader(StreamSet streams, long streamId, int maxMessageSize) {
        this.streams = streams;
        this.streamId = streamId;
        this.maxMessageSize = maxMessageSize;
    }

    /**
     * The next message.
     *
     * @return a buffer that the caller must release (empty for an empty message), or null while no message is complete
     * @throws StreamViolation if the peer announces a message that is too long, numbers it wrongly, or ends the stream inside a
     *     message; each further call throws the same one
     */
    public @Nullable ByteBuf next() throws StreamViolation {
        if (violation != null) {
            throw violation;
        }
        Stream stream = streams.stream(streamId);
        ReceiveStream in = stream == null ? null : stream.receive;
        if (stream == null || in == null || length == NONE && in.readable() == 0) {
            return null;
        }
        ByteBuf message = length != NONE || readHeader(in) ? readContent(in) : null;
        if (message == null && in.isComplete()) {
            throw violation("stream " + streamId + " ended inside a message");
        }
        if (message != null) {
            number = linkId == 0 ? NOT_NUMBERED : nextNumber++;
        }
        streams.afterRead(stream);
        return message;
    }

    /** The link that the message which {@link #next} has just returned belongs to; 0 for none. */
    public long linkId() {
        return linkId;
    }

    /** The number within its link of the message that {@link #next} has just returned, {@link #NOT_NUMBERED} without one. */
    public long number() {
        return number;
    }

    /** Whether a part of a message was taken from the stream. */
    public boolean isInsideMessage() {
        return length != NONE;
    }

    /** Releases a message that is not complete. Nothing can be read afterwards. */
    public void close() {
        length = NONE;
        if (partial != null) {
            partial.release();
            partial = null;
        }
    }

    /** Takes the length from the stream, and a mark before it, as far as they are there; returns whether all is. */
    private boolean readHeader(ReceiveStream in) throws StreamViolation {
        while (length == NONE) {
            if (in.readable() == 0 || in.readable() < VarInt.sizeOfEncoding(in.peek(0))) {
                return false;
            }
            long value = readVarInt(in);
            if (markLeft > 0) {
                readMark(value);
            } else if (value == MessageWriter.MARK) {
                markLeft = 2;
            } else if (value > maxMessageSize) {
                throw violation("a message of " + value + " bytes, the limit is " + maxMessageSize);
            } else if (linkId != 0 && nextNumber > VarInt.MAX) {
                throw violation("a message of link " + linkId + " after the one with the last number, 2^62 - 1");
            } else {
                length = (int) value;
            }
        }
        return true;
    }

    private void readMark(long value) throws StreamViolation {
        if (--markLeft > 0) {
            linkId = value;
            return;
        }
        nextNumber = value;
        if ((linkId == 0) != (value == NOT_NUMBERED)) {
            throw violation("a mark of link " + linkId + " with the number " + value);
        }
    }

    private static long readVarInt(ReceiveStream in) {
        int size = VarInt.sizeOfEncoding(in.peek(0));
        long value = in.peek(0) & 0x3f;
        for (int i = 1; i < size; i++) {
            value = value << 8 | in.peek(i) & 0xff;
        }
        in.skip(size);
        return value;
    }

    private @Nullable ByteBuf readContent(ReceiveStream in) {
        if (partial != null) {
            return collect(in, partial);
        }
        if (in.readable() >= length) {
            int complete = length;
            length = NONE;
            return in.readExactly(complete);
        }
        // half of the windows: what waits here must not keep the peer from sending the rest
        if (length <= WHOLE_IF_UP_TO && length <= Math.min(in.credit().window(), streams.connectionWindow()) / 2) {
            return null;
        }
        partial = streams.allocator().buffer(Math.min(length, Math.max(WHOLE_IF_UP_TO, in.readable())), length);
        return collect(in, partial);
    }

    private @Nullable ByteBuf collect(ReceiveStream in, ByteBuf collected) {
        in.readTo(collected, Math.min(in.readable(), length - collected.readableBytes()));
        if (collected.readableBytes() < length) {
            return null;
        }
        length = NONE;
        partial = null;
        return collected;
    }

    private StreamViolation violation(String reason) {
        StreamViolation first = new StreamViolation(TransportErrorCode.PROTOCOL_VIOLATION, FrameType.STREAM, reason);
        violation = first;
        return first;
    }
}
