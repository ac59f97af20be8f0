package dev.tether.core.stream;

import dev.tether.core.frame.FrameRecord;
import dev.tether.core.frame.FrameType;
import dev.tether.core.wire.WireWriter;

/**
 * All streams of one connection, as the network sees them: the peer's frames go in through the {@code on…} methods, this
 * side's come out of {@link #writeFrames}. Not thread-safe.
 */
public final class StreamFrames {

    private final StreamContext context;
    private final StreamTable table;
    private final StreamScheduler scheduler;
    private final StreamEvents events;

    StreamFrames(StreamContext context, StreamTable table, StreamScheduler scheduler, StreamEvents events) {
        this.context = context;
        this.table = table;
        this.scheduler = scheduler;
        this.events = events;
    }

    /** Takes over what the peer announced in its transport parameters. RFC 9000 §7.4. */
    public void setPeerLimits(StreamLimits peer) {
        scheduler.start();
        table.setPeerLimits(peer);
        context.sendCredit.raise(peer.initialMaxData());
        Stream messages = table.find(StreamId.MESSAGES);
        if (messages != null) {
            raiseLimit(messages, peer.initialMaxStreamData());
        }
    }

    /**
     * Bounds how many bytes of all streams may be written and not yet acknowledged, beside the little that each may hold in
     * any case. What is held stays, also beyond it.
     *
     * @param bytes at least 1024
     */
    public void setSendBuffer(int bytes) {
        context.budget.setBound(bytes);
    }

    // ---- the peer's frames

    /** RFC 9000 §19.8. The bytes are copied. */
    public void onStream(long id, long streamOffset, byte[] buffer, int offset, int length, boolean fin)
            throws StreamViolation {
        Stream stream = table.receiving(id, FrameType.STREAM);
        if (stream == null || stream.receive == null) {
            return;
        }
        if (stream.receive.onStream(streamOffset, buffer, offset, length, fin)) {
            events.add(StreamEvent.READABLE, stream);
        }
        table.finishIfOver(stream);
    }

    /** RFC 9000 §19.4. */
    public void onResetStream(long id, long errorCode, long finalSize) throws StreamViolation {
        Stream stream = table.receiving(id, FrameType.RESET_STREAM);
        if (stream != null && stream.receive != null && stream.receive.onReset(errorCode, finalSize)) {
            events.add(StreamEvent.RESET, stream);
        }
    }

    /** RFC 9000 §19.5: the stream is reset with the same code, as §3.5 asks for. */
    public void onStopSending(long id, long errorCode) throws StreamViolation {
        Stream stream = table.sending(id, FrameType.STOP_SENDING);
        if (stream != null && stream.send != null && stream.send.onStopSending(errorCode)) {
            events.add(StreamEvent.STOPPED, stream);
            scheduler.schedule(stream);
        }
    }

    /** RFC 9000 §19.9. */
    public void onMaxData(long maximum) {
        context.sendCredit.raise(maximum);
    }

    /** RFC 9000 §19.10. */
    public void onMaxStreamData(long id, long maximum) throws StreamViolation {
        Stream stream = table.sending(id, FrameType.MAX_STREAM_DATA);
        if (stream != null) {
            raiseLimit(stream, maximum);
        }
    }

    /** RFC 9000 §19.11. */
    public void onMaxStreams(boolean bidirectional, long maximum) {
        table.counts(bidirectional).raise(maximum);
    }

    /** RFC 9000 §19.13: it may be the first frame of a stream; otherwise it tells nothing that is not known. */
    public void onStreamDataBlocked(long id) throws StreamViolation {
        table.receiving(id, FrameType.STREAM_DATA_BLOCKED);
    }

    // ---- this side's frames

    /** Whether {@link #writeFrames} has something to write. Cheap. */
    public boolean hasFramesToSend() {
        return scheduler.hasFrames();
    }

    /**
     * Fills the room of {@code out} with frames and notes each in {@code record}: first what lets the peer go on, then, the
     * most urgent streams first, lost bytes and new ones, streams of one urgency in turn.
     *
     * @param smoothedRttNs the path's round-trip time, which the growth of receive windows is measured by
     * @return whether a frame was written; false also if none fits the room
     */
    public boolean writeFrames(WireWriter out, FrameRecord record, long nowNs, long smoothedRttNs) {
        return scheduler.writeFrames(out, record, nowNs, smoothedRttNs);
    }

    /**
     * A frame noted in a {@link FrameRecord} was acknowledged; the arguments are those of the note. Types that are not a
     * stream's are ignored.
     */
    public void onFrameAcked(int frameType, long id, long offset, long length) {
        switch (frameType) {
            case FrameType.STREAM, SendStream.STREAM_WITH_FIN -> {
                Stream stream = table.find(id);
                if (stream != null
                        && stream.send != null
                        && stream.send.onStreamAcked(offset, length, frameType == SendStream.STREAM_WITH_FIN)) {
                    events.add(StreamEvent.ACKED, stream);
                    table.finishIfOver(stream);
                }
            }
            case FrameType.RESET_STREAM -> {
                Stream stream = table.find(id);
                if (stream != null && stream.send != null) {
                    stream.send.onResetAcked();
                    table.finishIfOver(stream);
                }
            }
            default -> {
                // limits and their likes need no settling
            }
        }
    }

    /**
     * A frame noted in a {@link FrameRecord} was lost; the arguments are those of the note. What still matters is sent again
     * with its present value. RFC 9000 §13.3.
     */
    public void onFrameLost(int frameType, long id, long offset, long length) {
        scheduler.onFrameLost(frameType, id, offset, length);
    }

    private static void raiseLimit(Stream stream, long limit) {
        if (stream.send != null) {
            stream.send.raiseLimit(limit);
        }
    }
}
