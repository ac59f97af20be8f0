package dev.tether.core.stream;

import dev.tether.core.flow.ReceiveCredit;
import dev.tether.core.flow.SendCredit;
import dev.tether.core.frame.FrameRecord;
import dev.tether.core.frame.FrameType;
import dev.tether.core.frame.FrameWriter;
import dev.tether.core.wire.WireWriter;

/**
 * Decides which frames of the streams go into the next packet. What lets the peer go on is first. Then come the streams, the
 * most urgent ones strictly before the others, and of those of one urgency what was lost before new bytes (RFC 9000 §13.3).
 * Not thread-safe; allocates only to grow.
 *
 * <p>Streams of one urgency share the packets by deficit round robin (M. Shreedhar, G. Varghese, "Efficient Fair Queuing
 * using Deficit Round Robin", 1996): a turn is worth as many bytes as a packet has, and who gets only the rest of a packet
 * has the difference to its credit. As in RFC 8290 §4.2, a stream that had nothing to send is a newcomer and has its first
 * turn before all others, so that a small message does not wait for a turn of each bulk stream; then it is one of them,
 * until they have had a turn and it has nothing to send.
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

    /** The streams with lost bytes or a bare end, a level for each urgency. */
    private final LevelQueue retransmissions = new LevelQueue(IN_RETRANSMISSIONS, Urgency.COUNT);

    /** The streams with new bytes, two levels for each urgency: the newcomers, and the others. */
    private final LevelQueue unsent = new LevelQueue(IN_UNSENT, 2 * Urgency.COUNT);

    private boolean started;
    private boolean stopped;

    StreamScheduler(StreamContext context, StreamTable table) {
        this.context = context;
        this.table = table;
    }

    /** Queues the stream for all that it has to send now. To be called after every change of a stream. */
    void schedule(Stream stream) {
        if (stopped) {
            return;
        }
        SendStream send = stream.send;
        if (send != null) {
            if (send.hasUnsent()) {
                unsent.add(stream, newcomers(stream.urgency));
            }
            if (send.hasRetransmissions()) {
                retransmissions.add(stream, stream.urgency);
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

    /** Changes the urgency of a stream, also of what is queued. */
    void setUrgency(Stream stream, int urgency) {
        int before = stream.urgency;
        stream.urgency = urgency;
        retransmissions.move(stream, before, urgency);
        unsent.move(stream, newcomers(before), newcomers(urgency));
        unsent.move(stream, others(before), others(urgency));
    }

    /** Whether {@link #writeFrames} has something to write; it may find in rare cases that there is no need any more. */
    boolean hasFrames() {
        return maySend()
                && (!control.isEmpty()
                        || !retransmissions.isEmpty()
                        || !unsent.isEmpty() && context.sendCredit.available() > 0
                        || hasConnectionFrames());
    }

    /**
     * Fills the room of {@code out}.
     *
     * @return whether a frame was written
     */
    boolean writeFrames(WireWriter out, FrameRecord record, long nowNs, long smoothedRttNs) {
        if (!maySend()) {
            return false;
        }
        int before = out.written();
        if (hasConnectionFrames()) {
            writeConnectionFrames(out, record, nowNs, smoothedRttNs);
        }
        writeControl(out, record, nowNs, smoothedRttNs);
        boolean hasRoom = true;
        for (int urgency = nextUrgency(Urgency.MOST);
                urgency <= Urgency.LEAST && hasRoom;
                urgency = nextUrgency(urgency + 1)) {
            hasRoom = writeRetransmissions(out, record, urgency) && writeUnsent(out, record, urgency);
        }
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

    /** Frames may be written from now on. */
    void start() {
        started = true;
    }

    /** Nothing is written any more. */
    void stop() {
        stopped = true;
        control.clear();
        retransmissions.clear();
        unsent.clear();
    }

    private boolean maySend() {
        return started && !stopped;
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

    /** The first urgency from {@code from} on of which a stream may have something to send, or one behind the last. */
    private int nextUrgency(int from) {
        return Math.min(retransmissions.nextLevel(from), unsent.nextLevel(newcomers(from)) / 2);
    }

    /** Writes lost bytes and bare ends, a frame of each stream in turn; false if there is no room for all of them. */
    private boolean writeRetransmissions(WireWriter out, FrameRecord record, int urgency) {
        for (Stream stream = retransmissions.peek(urgency); stream != null; stream = retransmissions.peek(urgency)) {
            SendStream send = stream.send;
            if (send != null && send.hasRetransmissions() && !send.writeRetransmission(out, record)) {
                return false;
            }
            retransmissions.poll(urgency);
            if (send != null && send.hasRetransmissions()) {
                retransmissions.add(stream, urgency);
            }
        }
        return true;
    }

    /** Writes new bytes as far as the connection's credit goes; false if there is no room for all of them. */
    private boolean writeUnsent(WireWriter out, FrameRecord record, int urgency) {
        SendCredit credit = context.sendCredit;
        for (int level = unsentLevel(urgency); level >= 0 && credit.available() > 0; level = unsentLevel(urgency)) {
            Stream stream = unsent.peek(level);
            if (stream == null || stream.send == null) {
                throw new AssertionError("nothing to send on level " + level);
            }
            SendStream send = stream.send;
            int before = out.written();
            int written = send.writeUnsent(out, record, credit.available());
            if (written == 0) {
                return false;
            }
            credit.consume(written);
            stream.spent += out.written() - before;
            endTurnIfOver(stream, send, level, out.written() + out.remaining());
        }
        return true;
    }

    /** The level of the stream whose turn it is, or -1. Those that have nothing to send by now leave. */
    private int unsentLevel(int urgency) {
        for (int level = newcomers(urgency); level <= others(urgency); level++) {
            for (Stream first = unsent.peek(level); first != null; first = unsent.peek(level)) {
                if (first.send != null && first.send.hasUnsent()) {
                    return level;
                }
                unsent.poll(level);
            }
        }
        return -1;
    }

    /** A turn is over when one more packet would exceed it by more than it falls short of it now. */
    private void endTurnIfOver(Stream stream, SendStream send, int level, int packetSize) {
        if (!send.hasUnsent()) {
            stream.spent = 0;
            if (level == newcomers(stream.urgency)) {
                // It has to see the others' turns before it is a newcomer again, or it could take every packet.
                unsent.requeue(level, others(stream.urgency));
            } else {
                unsent.poll(level);
            }
        } else if (stream.spent >= packetSize / 2) {
            stream.spent = Math.max(stream.spent - packetSize, -packetSize / 2);
            unsent.requeue(level, others(stream.urgency));
        }
    }

    private static int newcomers(int urgency) {
        return 2 * urgency;
    }

    private static int others(int urgency) {
        return 2 * urgency + 1;
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
