package dev.tether.core.frame;

import dev.tether.core.wire.WireWriter;
import java.net.InetSocketAddress;

/** Writes every frame that is read with {@link FrameWriter} again. */
final class FrameRewriter implements FrameHandler {

    private final WireWriter out;

    FrameRewriter(WireWriter out) {
        this.out = out;
    }

    @Override
    public void onPing() {
        FrameWriter.writeEmpty(out, FrameType.PING);
    }

    @Override
    public void onAck(long[] ranges, int rangeCount, long ackDelay) {
        if (!FrameWriter.writeAck(out, ranges, rangeCount, ackDelay)) {
            throw new AssertionError("no room for an ACK frame");
        }
    }

    @Override
    public void onResetStream(long streamId, long errorCode, long finalSize) {
        FrameWriter.writeResetStream(out, streamId, errorCode, finalSize);
    }

    @Override
    public void onStopSending(long streamId, long errorCode) {
        FrameWriter.writeNumbers(out, FrameType.STOP_SENDING, streamId, errorCode);
    }

    @Override
    public void onStream(long streamId, long streamOffset, byte[] buffer, int offset, int length, boolean fin) {
        FrameWriter.writeStreamHeader(out, streamId, streamOffset, length, fin);
        out.writeBytes(buffer, offset, length);
    }

    @Override
    public void onMaxData(long maximum) {
        FrameWriter.writeNumber(out, FrameType.MAX_DATA, maximum);
    }

    @Override
    public void onMaxStreamData(long streamId, long maximum) {
        FrameWriter.writeNumbers(out, FrameType.MAX_STREAM_DATA, streamId, maximum);
    }

    @Override
    public void onMaxStreams(boolean bidirectional, long maximum) {
        FrameWriter.writeNumber(out, bidirectional ? FrameType.MAX_STREAMS_BIDI : FrameType.MAX_STREAMS_UNI, maximum);
    }

    @Override
    public void onDataBlocked(long limit) {
        FrameWriter.writeNumber(out, FrameType.DATA_BLOCKED, limit);
    }

    @Override
    public void onStreamDataBlocked(long streamId, long limit) {
        FrameWriter.writeNumbers(out, FrameType.STREAM_DATA_BLOCKED, streamId, limit);
    }

    @Override
    public void onStreamsBlocked(boolean bidirectional, long limit) {
        FrameWriter.writeNumber(
                out, bidirectional ? FrameType.STREAMS_BLOCKED_BIDI : FrameType.STREAMS_BLOCKED_UNI, limit);
    }

    @Override
    public void onPathChallenge(long data) {
        FrameWriter.writePathData(out, FrameType.PATH_CHALLENGE, data);
    }

    @Override
    public void onPathResponse(long data) {
        FrameWriter.writePathData(out, FrameType.PATH_RESPONSE, data);
    }

    @Override
    public void onConnectionClose(boolean application, long errorCode, long frameType, String reason) {
        FrameWriter.writeConnectionClose(out, application, errorCode, frameType, FrameRecorder.utf8(reason));
    }

    @Override
    public void onDatagram(byte[] buffer, int offset, int length) {
        FrameWriter.writeDatagram(out, buffer, offset, length);
    }

    @Override
    public void onMessagesDelivered(long linkId, long number) {
        FrameWriter.writeNumbers(out, FrameType.MESSAGES_DELIVERED, linkId, number);
    }

    @Override
    public void onObservedAddress(long sequence, InetSocketAddress address) {
        FrameWriter.writeObservedAddress(out, sequence, address);
    }

    @Override
    public void onIntroduction(IntroductionFrame frame) {
        FrameWriter.writeIntroduction(out, frame);
    }
}
