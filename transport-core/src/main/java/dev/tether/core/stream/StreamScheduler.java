package dev.tether.core.stream;

import dev.tether.core.flow.ReceiveCredit;
import dev.tether.core.flow.SendCredit;
import dev.tether.core.frame.FrameRecord;
import dev.tether.core.frame.FrameType;
import dev.tether.core.frame.FrameWriter;
import dev.tether.core.wire.WireWriter;

/**
 * Decides which frames of the streams go into the next packet: what lets the peer go on first, then what was lost, then new
 * bytes, the streams in turn. Not thread-safe.
 */
final class StreamScheduler {

    private static final int IN_CONTROL = 1 << 16;
    private static final int IN_RETRANSMISSIONS = 1 << 17;
    private static final int IN_UNSENT = 1 << 18;

    /** The size of a MAX_* or *_BLOCKED frame of the connection whose number takes the most room. */
    private static final int NUMBER_FRAME_SIZE = 1 + Long.BYTES;

    private final StreamContext context;
    private final StreamTable table;
    private final StreamQueue control = new StreamQueue(IN_CONTROL);
    private final StreamQueue retransmissions = new StreamQueue(IN_RETRANSMISSIONS);
    private final StreamQueue unsent = new StreamQueue(IN_UNSENT);

    StreamScheduler(StreamContext context, StreamTable table) {
        this.context = context;
        this.table = table;
    }

    /** Queues the stream for all that it has to send now. To be called after every change of a stream. */
    void schedule(Stream stream) {
        SendStream send = stream.send;
        if (send != null) {
            if (send.hasUnsent()) {
                unsent.add(stream);
            }
            if (send.hasRetransmissions()) {
                retransmissions.add(stream);
            }
            if (send.isResetDue() || send.isBlockedFrameDue()) {
                control.add(stream);
            }
        }
        ReceiveStream receive = stream.receive;
        if (receive != null && (receive.isStopDue() || receive.isUpdateDue())) {
            control.add(stream);
        }
    }

    /** Whether {@link #writeFrames} has something to write; it may find in rare cases that there is no need any more. */
    boolean hasFrames() {
        return !control.isEmpty()
                || !retransmissions.isEmpty()
                || !unsent.isEmpty() && context.sendCredit.available() > 0
                || hasConnectionFrames();
    }

    /**
     * Fills the room of {@code out}.
     *
     * @return whether a frame was written
     */
    boolean writeFrames(WireWriter out, FrameRecord record, long nowNs, long smoothedRttNs) {
        int before = out.written();
        if (hasConnectionFrames()) {
            writeConnectionFrames(out, record, nowNs, smoothedRttNs);
        }
        writeControl(out, record, nowNs, smoothedRttNs);
        writeRetransmissions(out, record);
        writeUnsent(out, record);
        return out.written() > before;
    }

    /** A frame was lost: what still matters of it becomes due again. RFC 9000 §13.3. */
    void onFrameLost(int frameType, long id, long offset, long length) {
        switch (frameType) {
            case FrameType.MAX_DATA -> context.receiveCredit.onUpdateLost(offset);
            case FrameType.DATA_BLOCKED -> context.sendCredit.onBlockedLost(offset);
            case FrameType.MAX_STREAMS_BIDI -> table.counts(true).onUpdateLost(offset);
            case FrameType.MAX_STREAMS_UNI -> table.counts(false).onUpdateLost(offset);
            case FrameType.STREAMS_BLOCKED_BIDI -> table.counts(true).onBlockedLost(offset);
            case FrameType.STREAMS_BLOCKED_UNI -> table.counts(false).onBlockedLost(offset);
            default -> {
                Stream stream = table.find(id);
                if (stream != null) {
                    onStreamFrameLost(stream, frameType, offset, length);
                    schedule(stream);
                }
            }
        }
    }

    private static void onStreamFrameLost(Stream stream, int frameType, long offset, long length) {
        SendStream send = stream.send;
        if (send != null) {
            switch (frameType) {
                case FrameType.STREAM, SendStream.STREAM_WITH_FIN ->
                    send.onStreamLost(offset, length, frameType == SendStream.STREAM_WITH_FIN);
                case FrameType.RESET_STREAM -> send.onResetLost();
                case FrameType.STREAM_DATA_BLOCKED -> send.credit().onBlockedLost(offset);
                default -> {
                    // a frame of the receiving part
                }
            }
        }
        ReceiveStream receive = stream.receive;
        if (receive != null && frameType == FrameType.MAX_STREAM_DATA) {
            receive.credit().onUpdateLost(offset);
        } else if (receive != null && frameType == FrameType.STOP_SENDING) {
            receive.onStopLost();
        }
    }

    void clear() {
        control.clear();
        retransmissions.clear();
        unsent.clear();
    }

    private boolean hasConnectionFrames() {
        return context.receiveCredit.isUpdateDue()
                || isBlockedFrameDue()
                || isCountFrameDue(true)
                || isCountFrameDue(false);
    }

    private boolean isBlockedFrameDue() {
        return !unsent.isEmpty() && context.sendCredit.isBlockedFrameDue();
    }

    private boolean isCountFrameDue(boolean bidi) {
        StreamCounts counts = table.counts(bidi);
        return counts.isUpdateDue() || counts.isBlockedFrameDue();
    }

    private void writeConnectionFrames(WireWriter out, FrameRecord record, long nowNs, long smoothedRttNs) {
        ReceiveCredit receiveCredit = context.receiveCredit;
        if (receiveCredit.isUpdateDue() && fits(out)) {
            writeNumber(out, record, FrameType.MAX_DATA, receiveCredit.update(nowNs, smoothedRttNs));
        }
        if (isBlockedFrameDue() && fits(out)) {
            SendCredit sendCredit = context.sendCredit;
            writeNumber(out, record, FrameType.DATA_BLOCKED, sendCredit.limit());
            sendCredit.onBlockedSent();
        }
        writeCountFrames(out, record, true);
        writeCountFrames(out, record, false);
    }

    private void writeCountFrames(WireWriter out, FrameRecord record, boolean bidi) {
        StreamCounts counts = table.counts(bidi);
        if (counts.isUpdateDue() && fits(out)) {
            int type = bidi ? FrameType.MAX_STREAMS_BIDI : FrameType.MAX_STREAMS_UNI;
            writeNumber(out, record, type, counts.update());
        }
        if (counts.isBlockedFrameDue() && fits(out)) {
            int type = bidi ? FrameType.STREAMS_BLOCKED_BIDI : FrameType.STREAMS_BLOCKED_UNI;
            writeNumber(out, record, type, counts.onBlockedSent());
        }
    }

    private void writeControl(WireWriter out, FrameRecord record, long nowNs, long smoothedRttNs) {
        for (Stream stream = control.peek(); stream != null; stream = control.peek()) {
            if (stream.send != null && !writeControl(stream.id, stream.send, out, record)
                    || stream.receive != null
                            && !writeControl(stream.id, stream.receive, out, record, nowNs, smoothedRttNs)) {
                return;
            }
            control.poll();
        }
    }

    /** Writes what the sending part has to tell; false if there is no room for all of it. */
    private static boolean writeControl(long id, SendStream send, WireWriter out, FrameRecord record) {
        if (send.isResetDue() && !send.writeReset(out, record)) {
            return false;
        }
        if (send.isBlockedFrameDue()) {
            if (!writeNumbers(
                    out,
                    record,
                    FrameType.STREAM_DATA_BLOCKED,
                    id,
                    send.credit().limit())) {
                return false;
            }
            send.credit().onBlockedSent();
        }
        return true;
    }

    /** Writes what the receiving part has to tell; false if there is no room for all of it. */
    private boolean writeControl(
            long id, ReceiveStream receive, WireWriter out, FrameRecord record, long nowNs, long smoothedRttNs) {
        if (receive.isStopDue()) {
            if (!writeNumbers(out, record, FrameType.STOP_SENDING, id, receive.stopCode())) {
                return false;
            }
            receive.onStopSent();
        }
        if (receive.isUpdateDue()) {
            if (FrameWriter.numbersSize(FrameType.MAX_STREAM_DATA, id, Long.MAX_VALUE) > out.remaining()) {
                return false;
            }
            ReceiveCredit credit = receive.credit();
            writeNumbers(out, record, FrameType.MAX_STREAM_DATA, id, credit.update(nowNs, smoothedRttNs));
            // one stalled stream must not hold the window of all
            context.receiveCredit.growTo(2 * credit.window());
        }
        return true;
    }

    private void writeRetransmissions(WireWriter out, FrameRecord record) {
        for (Stream stream = retransmissions.peek(); stream != null; stream = retransmissions.peek()) {
            SendStream send = stream.send;
            while (send != null && send.hasRetransmissions()) {
                if (!send.writeRetransmission(out, record)) {
                    return;
                }
            }
            retransmissions.poll();
        }
    }

    private void writeUnsent(WireWriter out, FrameRecord record) {
        SendCredit credit = context.sendCredit;
        for (Stream stream = unsent.peek(); stream != null && credit.available() > 0; stream = unsent.peek()) {
            SendStream send = stream.send;
            if (send != null && send.hasUnsent()) {
                int written = send.writeUnsent(out, record, credit.available());
                if (written == 0) {
                    return;
                }
                credit.consume(written);
            }
            unsent.poll();
            schedule(stream);
        }
    }

    private static boolean fits(WireWriter out) {
        return out.remaining() >= NUMBER_FRAME_SIZE;
    }

    private static void writeNumber(WireWriter out, FrameRecord record, int type, long number) {
        FrameWriter.writeNumber(out, type, number);
        record.addFrame(type, 0, number, 0);
    }

    private static boolean writeNumbers(WireWriter out, FrameRecord record, int type, long id, long number) {
        if (FrameWriter.numbersSize(type, id, number) > out.remaining()) {
            return false;
        }
        FrameWriter.writeNumbers(out, type, id, number);
        record.addFrame(type, id, number, 0);
        return true;
    }
}
