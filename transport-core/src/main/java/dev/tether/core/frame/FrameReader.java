package dev.tether.core.frame;

import dev.tether.core.wire.SocketAddressCodec;
import dev.tether.core.wire.Utf8;
import dev.tether.core.wire.VarInt;
import dev.tether.core.wire.WireFormatException;
import dev.tether.core.wire.WireReader;
import java.nio.charset.StandardCharsets;

/**
 * Reads the frames of a packet's plaintext and hands each to a {@link FrameHandler}. Allocates nothing for the frames of
 * the hot path. One instance serves any number of connections of one event loop.
 */
public final class FrameReader {

    /** The most ack ranges that are taken from one frame; further, older ones are skipped. */
    public static final int MAX_ACK_RANGES = 256;

    private static final int MAX_REASON_LENGTH = 1024;

    private final WireReader in = new WireReader();
    private final long[] ackRanges = new long[2 * MAX_ACK_RANGES];

    /**
     * Reads all frames from {@code length} bytes of {@code plaintext} at {@code offset}.
     *
     * @return whether any frame was ack-eliciting (RFC 9002 §2: all but ACK, PADDING and CONNECTION_CLOSE)
     * @throws FrameFormatException at the first malformed frame, those before it having been handled; also for a packet
     *     without any frame (RFC 9000 §12.4)
     */
    public boolean read(byte[] plaintext, int offset, int length, FrameHandler handler) throws FrameFormatException {
        if (length == 0) {
            throw new FrameFormatException(FrameType.PADDING, "a packet without frames");
        }
        in.wrap(plaintext, offset, length);
        boolean ackEliciting = false;
        while (in.remaining() > 0) {
            long type = readType();
            try {
                ackEliciting |= readFrame(type, handler);
            } catch (WireFormatException e) {
                throw new FrameFormatException(type, "frame 0x" + Long.toHexString(type) + ": " + e.getMessage());
            }
        }
        return ackEliciting;
    }

    private long readType() throws FrameFormatException {
        try {
            return in.readVarInt();
        } catch (WireFormatException e) {
            // RFC 9000 §19.19: 0 stands for an unknown type.
            throw new FrameFormatException(0, "a frame type: " + e.getMessage());
        }
    }

    private boolean readFrame(long type, FrameHandler handler) throws WireFormatException, FrameFormatException {
        if (type >= FrameType.STREAM && type <= FrameType.STREAM + 7) {
            readStream((int) type, handler);
            return true;
        }
        if (type > FrameType.INTRODUCED) {
            throw new FrameFormatException(type, "unknown frame type 0x" + Long.toHexString(type));
        }
        switch ((int) type) {
            case FrameType.PADDING -> {
                return false;
            }
            case FrameType.PING -> handler.onPing();
            case FrameType.ACK, FrameType.ACK_ECN -> {
                readAck((int) type, handler);
                return false;
            }
            case FrameType.RESET_STREAM -> handler.onResetStream(in.readVarInt(), in.readVarInt(), in.readVarInt());
            case FrameType.STOP_SENDING -> handler.onStopSending(in.readVarInt(), in.readVarInt());
            case FrameType.MAX_DATA -> handler.onMaxData(in.readVarInt());
            case FrameType.MAX_STREAM_DATA -> handler.onMaxStreamData(in.readVarInt(), in.readVarInt());
            case FrameType.MAX_STREAMS_BIDI -> handler.onMaxStreams(true, readStreamCount(type));
            case FrameType.MAX_STREAMS_UNI -> handler.onMaxStreams(false, readStreamCount(type));
            case FrameType.DATA_BLOCKED -> handler.onDataBlocked(in.readVarInt());
            case FrameType.STREAM_DATA_BLOCKED -> handler.onStreamDataBlocked(in.readVarInt(), in.readVarInt());
            case FrameType.STREAMS_BLOCKED_BIDI -> handler.onStreamsBlocked(true, readStreamCount(type));
            case FrameType.STREAMS_BLOCKED_UNI -> handler.onStreamsBlocked(false, readStreamCount(type));
            case FrameType.PATH_CHALLENGE -> handler.onPathChallenge(in.readLong());
            case FrameType.PATH_RESPONSE -> handler.onPathResponse(in.readLong());
            case FrameType.CONNECTION_CLOSE, FrameType.CONNECTION_CLOSE_APPLICATION -> {
                readConnectionClose((int) type, handler);
                return false;
            }
            case FrameType.DATAGRAM -> readDatagram(in.remaining(), handler);
            case FrameType.DATAGRAM_WITH_LENGTH -> readDatagram(in.readLength(), handler);
            case FrameType.MESSAGES_DELIVERED -> handler.onMessagesDelivered(in.readVarInt(), in.readVarInt());
            case FrameType.OBSERVED_ADDRESS ->
                handler.onObservedAddress(in.readVarInt(), SocketAddressCodec.read(in, in.readLength()));
            case FrameType.INTRODUCE, FrameType.INTRODUCTION, FrameType.INTRODUCTION_ANSWER, FrameType.INTRODUCED ->
                handler.onIntroduction(IntroductionCodec.read((int) type, in));
            default -> throw new FrameFormatException(type, "unknown frame type 0x" + Long.toHexString(type));
        }
        return true;
    }

    // RFC 9000 §19.8
    private void readStream(int type, FrameHandler handler) throws WireFormatException, FrameFormatException {
        long streamId = in.readVarInt();
        long streamOffset = (type & FrameType.STREAM_OFF_BIT) != 0 ? in.readVarInt() : 0;
        int length = (type & FrameType.STREAM_LEN_BIT) != 0 ? in.readLength() : in.remaining();
        if (streamOffset + length > VarInt.MAX) {
            throw new FrameFormatException(type, "stream " + streamId + " would reach beyond 2^62 - 1 bytes");
        }
        int position = in.position();
        in.skip(length);
        handler.onStream(streamId, streamOffset, in.array(), position, length, (type & FrameType.STREAM_FIN_BIT) != 0);
    }

    // RFC 9000 §19.3, §19.3.1
    private void readAck(int type, FrameHandler handler) throws WireFormatException, FrameFormatException {
        long largest = in.readVarInt();
        long ackDelay = in.readVarInt();
        long furtherRanges = in.readVarInt();
        if (furtherRanges > in.remaining()) {
            throw new FrameFormatException(type, furtherRanges + " ack ranges in " + in.remaining() + " bytes");
        }
        long smallest = largest - in.readVarInt();
        int count = 0;
        for (long i = 0; ; i++) {
            if (smallest < 0) {
                throw new FrameFormatException(type, "an ack range below packet number 0");
            }
            if (count < MAX_ACK_RANGES) {
                ackRanges[2 * count] = smallest;
                ackRanges[2 * count + 1] = largest;
                count++;
            }
            if (i == furtherRanges) {
                break;
            }
            largest = smallest - in.readVarInt() - 2;
            smallest = largest - in.readVarInt();
        }
        if (type == FrameType.ACK_ECN) {
            in.readVarInt();
            in.readVarInt();
            in.readVarInt();
        }
        handler.onAck(ackRanges, count, ackDelay);
    }

    // RFC 9000 §19.11, §19.14: a stream count above 2^60 could not be expressed as a stream id
    private long readStreamCount(long type) throws WireFormatException, FrameFormatException {
        long count = in.readVarInt();
        if (count > 1L << 60) {
            throw new FrameFormatException(type, "a stream count of " + count + " above 2^60");
        }
        return count;
    }

    // RFC 9000 §19.19
    private void readConnectionClose(int type, FrameHandler handler) throws WireFormatException {
        long errorCode = in.readVarInt();
        boolean application = type == FrameType.CONNECTION_CLOSE_APPLICATION;
        long frameType = application ? 0 : in.readVarInt();
        int length = in.readLength();
        int shown = Utf8.boundary(in.array(), in.position(), length, MAX_REASON_LENGTH);
        String reason = new String(in.array(), in.position(), shown, StandardCharsets.UTF_8);
        in.skip(length);
        handler.onConnectionClose(application, errorCode, frameType, reason);
    }

    private void readDatagram(int length, FrameHandler handler) throws WireFormatException {
        int position = in.position();
        in.skip(length);
        handler.onDatagram(in.array(), position, length);
    }
}
