package dev.tether.core.frame;

import dev.tether.core.wire.SocketAddressCodec;
import dev.tether.core.wire.Utf8;
import dev.tether.core.wire.VarInt;
import dev.tether.core.wire.WireWriter;
import java.net.InetSocketAddress;

/**
 * Writes frames. Every method has a sibling that says how many bytes it will write; the caller checks the room first.
 */
public final class FrameWriter {

    /** The size of an OBSERVED_ADDRESS frame whose numbers take the most room. */
    public static final int MAX_OBSERVED_ADDRESS_SIZE = 2 + Long.BYTES + 1 + SocketAddressCodec.MAX_LENGTH;

    /** What the length of a reason takes at most; a packet is shorter than 2^30 bytes. */
    private static final int MAX_LENGTH_OF_REASON_LENGTH = 4;

    private FrameWriter() {}

    /** PING or PADDING: a frame that is its type alone. */
    public static void writeEmpty(WireWriter out, int type) {
        out.writeVarInt(type);
    }

    /** A frame of a type and one number: MAX_DATA, MAX_STREAMS, DATA_BLOCKED, STREAMS_BLOCKED. */
    public static void writeNumber(WireWriter out, int type, long number) {
        out.writeVarInt(type).writeVarInt(number);
    }

    public static int numberSize(int type, long number) {
        return VarInt.size(type) + VarInt.size(number);
    }

    /** A frame of a type and two numbers: MAX_STREAM_DATA, STREAM_DATA_BLOCKED, STOP_SENDING, MESSAGES_DELIVERED. */
    public static void writeNumbers(WireWriter out, int type, long first, long second) {
        out.writeVarInt(type).writeVarInt(first).writeVarInt(second);
    }

    public static int numbersSize(int type, long first, long second) {
        return VarInt.size(type) + VarInt.size(first) + VarInt.size(second);
    }

    /** RFC 9000 §19.4. */
    public static void writeResetStream(WireWriter out, long streamId, long errorCode, long finalSize) {
        writeNumbers(out, FrameType.RESET_STREAM, streamId, errorCode);
        out.writeVarInt(finalSize);
    }

    public static int resetStreamSize(long streamId, long errorCode, long finalSize) {
        return numbersSize(FrameType.RESET_STREAM, streamId, errorCode) + VarInt.size(finalSize);
    }

    /** PATH_CHALLENGE or PATH_RESPONSE. RFC 9000 §19.17, §19.18. */
    public static void writePathData(WireWriter out, int type, long data) {
        out.writeVarInt(type).writeLong(data);
    }

    /** docs/PROTOCOL.md, "OBSERVED_ADDRESS". */
    public static void writeObservedAddress(WireWriter out, long sequence, InetSocketAddress address) {
        out.writeVarInt(FrameType.OBSERVED_ADDRESS).writeVarInt(sequence);
        out.writeVarInt(SocketAddressCodec.length(address));
        SocketAddressCodec.write(out, address);
    }

    /** One of the four frames of an introduction. docs/PROTOCOL.md, sections 8.13 to 8.16. */
    public static void writeIntroduction(WireWriter out, IntroductionFrame frame) {
        IntroductionCodec.write(out, frame);
    }

    /** At most {@link IntroductionFrame#MAX_SIZE}. */
    public static int introductionSize(IntroductionFrame frame) {
        return IntroductionCodec.size(frame);
    }

    /** The size of a PATH_CHALLENGE or PATH_RESPONSE. */
    public static int pathDataSize() {
        return 1 + Long.BYTES;
    }

    /**
     * The header of a STREAM frame with offset and length; the caller writes the {@code length} bytes after it. The offset
     * is left out when it is 0, as RFC 9000 §19.8 allows. The length is always present.
     */
    public static void writeStreamHeader(WireWriter out, long streamId, long streamOffset, int length, boolean fin) {
        int type = FrameType.STREAM | FrameType.STREAM_LEN_BIT;
        if (streamOffset > 0) {
            type |= FrameType.STREAM_OFF_BIT;
        }
        if (fin) {
            type |= FrameType.STREAM_FIN_BIT;
        }
        out.writeByte(type).writeVarInt(streamId);
        if (streamOffset > 0) {
            out.writeVarInt(streamOffset);
        }
        out.writeVarInt(length);
    }

    public static int streamHeaderSize(long streamId, long streamOffset, int length) {
        return 1 + VarInt.size(streamId) + (streamOffset > 0 ? VarInt.size(streamOffset) : 0) + VarInt.size(length);
    }

    /**
     * RFC 9000 §19.3: as many of the ranges, newest first, as fit the room of {@code out}.
     *
     * @param ranges pairs of smallest and largest packet number, in descending order
     * @param ackDelay in units of 8 µs
     * @return whether the frame was written; false when not even one range fits
     */
    public static boolean writeAck(WireWriter out, long[] ranges, int rangeCount, long ackDelay) {
        long largest = ranges[1];
        long firstLength = largest - ranges[0];
        int size =
                1 + VarInt.size(largest) + VarInt.size(ackDelay) + VarInt.size(rangeCount) + VarInt.size(firstLength);
        if (size > out.remaining()) {
            return false;
        }
        int fitting = 1;
        for (; fitting < rangeCount; fitting++) {
            size += VarInt.size(gap(ranges, fitting)) + VarInt.size(ranges[2 * fitting + 1] - ranges[2 * fitting]);
            if (size > out.remaining()) {
                break;
            }
        }
        out.writeByte(FrameType.ACK).writeVarInt(largest).writeVarInt(ackDelay);
        out.writeVarInt(fitting - 1).writeVarInt(firstLength);
        for (int i = 1; i < fitting; i++) {
            out.writeVarInt(gap(ranges, i)).writeVarInt(ranges[2 * i + 1] - ranges[2 * i]);
        }
        return true;
    }

    /** The packet numbers missing between the range {@code i} and the newer one before it, less one. RFC 9000 §19.3.1. */
    private static long gap(long[] ranges, int i) {
        return ranges[2 * i - 2] - ranges[2 * i + 1] - 2;
    }

    /**
     * RFC 9000 §19.19; the reason is cut to the room, between two characters.
     *
     * @param frameType of the frame that caused a transport's close; not written for an application's close
     * @param reason in UTF-8
     */
    public static void writeConnectionClose(
            WireWriter out, boolean application, long errorCode, long frameType, byte[] reason) {
        out.writeByte(application ? FrameType.CONNECTION_CLOSE_APPLICATION : FrameType.CONNECTION_CLOSE);
        out.writeVarInt(errorCode);
        if (!application) {
            out.writeVarInt(frameType);
        }
        int length = Utf8.boundary(reason, 0, reason.length, out.remaining() - MAX_LENGTH_OF_REASON_LENGTH);
        out.writeVarInt(length).writeBytes(reason, 0, length);
    }

    /** RFC 9221 §4, with a length. */
    public static void writeDatagram(WireWriter out, byte[] data, int offset, int length) {
        writeDatagramHeader(out, length);
        out.writeBytes(data, offset, length);
    }

    /** What comes before the {@code length} bytes of data, which the caller writes after it. RFC 9221 §4. */
    public static void writeDatagramHeader(WireWriter out, int length) {
        out.writeByte(FrameType.DATAGRAM_WITH_LENGTH).writeVarInt(length);
    }

    public static int datagramSize(int length) {
        return 1 + VarInt.size(length) + length;
    }
}
