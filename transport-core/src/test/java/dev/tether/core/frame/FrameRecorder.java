package dev.tether.core.frame;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Writes every frame down as a line of text, and checks that byte ranges lie inside the packet. */
final class FrameRecorder implements FrameHandler {

    private static final HexFormat HEX = HexFormat.of();

    private final List<String> lines = new ArrayList<>();
    private final int start;
    private final int end;

    /** For packets that occupy the indexes {@code start} to {@code end} (excluded) of their array. */
    FrameRecorder(int start, int end) {
        this.start = start;
        this.end = end;
    }

    List<String> lines() {
        return lines;
    }

    static String ack(long[] ranges, int rangeCount, long ackDelay) {
        StringBuilder line = new StringBuilder("ACK");
        for (int i = 0; i < rangeCount; i++) {
            line.append(' ').append(ranges[2 * i]).append('-').append(ranges[2 * i + 1]);
        }
        return line.append(" delay ").append(ackDelay).toString();
    }

    static String stream(long streamId, long streamOffset, byte[] data, boolean fin) {
        return "STREAM " + streamId + " @" + streamOffset + " " + HEX.formatHex(data) + (fin ? " fin" : "");
    }

    static String connectionClose(boolean application, long errorCode, long frameType, String reason) {
        return "CONNECTION_CLOSE " + (application ? "application " : "transport ") + errorCode + " frame " + frameType
                + " '" + reason + "'";
    }

    @Override
    public void onPing() {
        lines.add("PING");
    }

    @Override
    public void onAck(long[] ranges, int rangeCount, long ackDelay) {
        lines.add(ack(ranges, rangeCount, ackDelay));
    }

    @Override
    public void onResetStream(long streamId, long errorCode, long finalSize) {
        lines.add("RESET_STREAM " + streamId + " error " + errorCode + " final " + finalSize);
    }

    @Override
    public void onStopSending(long streamId, long errorCode) {
        lines.add("STOP_SENDING " + streamId + " error " + errorCode);
    }

    @Override
    public void onStream(long streamId, long streamOffset, byte[] buffer, int offset, int length, boolean fin) {
        lines.add(stream(streamId, streamOffset, range(buffer, offset, length), fin));
    }

    @Override
    public void onMaxData(long maximum) {
        lines.add("MAX_DATA " + maximum);
    }

    @Override
    public void onMaxStreamData(long streamId, long maximum) {
        lines.add("MAX_STREAM_DATA " + streamId + " " + maximum);
    }

    @Override
    public void onMaxStreams(boolean bidirectional, long maximum) {
        lines.add("MAX_STREAMS " + (bidirectional ? "bidi " : "uni ") + maximum);
    }

    @Override
    public void onDataBlocked(long limit) {
        lines.add("DATA_BLOCKED " + limit);
    }

    @Override
    public void onStreamDataBlocked(long streamId, long limit) {
        lines.add("STREAM_DATA_BLOCKED " + streamId + " " + limit);
    }

    @Override
    public void onStreamsBlocked(boolean bidirectional, long limit) {
        lines.add("STREAMS_BLOCKED " + (bidirectional ? "bidi " : "uni ") + limit);
    }

    @Override
    public void onPathChallenge(long data) {
        lines.add("PATH_CHALLENGE " + HEX.toHexDigits(data));
    }

    @Override
    public void onPathResponse(long data) {
        lines.add("PATH_RESPONSE " + HEX.toHexDigits(data));
    }

    @Override
    public void onConnectionClose(boolean application, long errorCode, long frameType, String reason) {
        lines.add(connectionClose(application, errorCode, frameType, reason));
    }

    @Override
    public void onDatagram(byte[] buffer, int offset, int length) {
        lines.add("DATAGRAM " + HEX.formatHex(range(buffer, offset, length)));
    }

    @Override
    public void onMessagesDelivered(long linkId, long number) {
        lines.add("MESSAGES_DELIVERED link=" + linkId + " number=" + number);
    }

    @Override
    public void onObservedAddress(long sequence, InetSocketAddress address) {
        lines.add("OBSERVED_ADDRESS " + sequence + " " + address);
    }

    @Override
    public void onIntroduction(IntroductionFrame frame) {
        lines.add(frame.toString());
    }

    private byte[] range(byte[] buffer, int offset, int length) {
        if (offset < start || length < 0 || offset + length > end) {
            throw new AssertionError(
                    length + " bytes at " + offset + " are not inside the packet from " + start + " to " + end);
        }
        byte[] data = new byte[length];
        System.arraycopy(buffer, offset, data, 0, length);
        return data;
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
