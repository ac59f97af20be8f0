package dev.tether.core.stream;

import dev.tether.core.flow.SendCredit;
import dev.tether.core.frame.FrameRecord;
import dev.tether.core.frame.FrameType;
import dev.tether.core.frame.FrameWriter;
import dev.tether.core.wire.WireWriter;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The sending part of a stream. Not thread-safe. Source: RFC 9000 §3.1.
 *
 * <p>Bytes are accepted only within the peer's limit for this stream, so that a stream whose reader has stopped never holds
 * the connection's send buffer for bytes that cannot be sent. The connection's credit is consumed when bytes are sent for
 * the first time.
 */
final class SendStream {

    /** The STREAM type that a {@link FrameRecord} is given for a frame with FIN. */
    static final int STREAM_WITH_FIN = FrameType.STREAM | 0x01;

    /** Fewer bytes than this are put into a packet only if no more are there to be sent: headers would outweigh them. */
    private static final int LEAST_FRAGMENT = 32;

    private static final long NONE = -1;

    /** Where the stream stands among those that wait for room, and since when; for {@link WaitingStreams} alone. */
    int waitingPlace = WaitingStreams.NOWHERE;

    long waitingTurn;

    private final long id;
    private final StreamContext context;
    private final SendCredit credit;
    private @Nullable SendBuffer buffer;
    private SendState state = SendState.READY;
    private long sentOffset;
    private long ackedOffset;
    private boolean finished;
    private boolean finLost;
    private boolean finAcked;
    private boolean resetDue;
    private boolean waiting;
    private boolean closed;
    private long resetCode = NONE;
    private long stopCode = NONE;

    SendStream(long id, long peerLimit, StreamContext context) {
        this.id = id;
        this.context = context;
        this.credit = new SendCredit(peerLimit);
    }

    long id() {
        return id;
    }

    SendState state() {
        return state;
    }

    SendCredit credit() {
        return credit;
    }

    /** How many bytes the application has written since the start of the stream. */
    long writtenOffset() {
        return credit.used();
    }

    /** How many bytes of the send buffer the stream takes: those from the first that is not acknowledged on. */
    long held() {
        return buffer == null ? 0 : buffer.endOffset() - buffer.ackedOffset();
    }

    /** How many bytes were sent at least once: the final size if the stream is reset now. */
    long sentOffset() {
        return sentOffset;
    }

    /** All bytes before this offset are acknowledged. */
    long ackedOffset() {
        return ackedOffset;
    }

    /** The code of the STOP_SENDING frame that the peer sent, or -1. */
    long stopCode() {
        return stopCode;
    }

    /** How many bytes would be accepted now. */
    long free() {
        return isWritable() ? Math.min(credit.available(), context.budget.room(held())) : 0;
    }

    /** Whether a write was refused, wholly or in part, and the application waits for room. */
    boolean isWaiting() {
        return waiting;
    }

    /** The application is told that there is room. */
    void onWritableReported() {
        waiting = false;
    }

    /** Takes over the peer's limit; a writer that had used up the old one waits only for the send buffer now. */
    void raiseLimit(long limit) {
        if (credit.raise(limit) && waiting) {
            context.budget.await(this);
        }
    }

    /** Takes as much of {@code source} as is free, at most {@code maxBytes}; returns how many bytes. */
    int write(ByteBuf source, int maxBytes) {
        int wanted = Math.min(maxBytes, source.readableBytes());
        int length = (int) Math.min(wanted, free());
        if (length > 0) {
            buffer().write(source, length);
            onWritten(length);
        }
        setWaiting(length < wanted && isWritable());
        return length;
    }

    /** Copies as much of {@code source} as is free; returns how many bytes. */
    int write(byte[] source, int offset, int length) {
        int accepted = (int) Math.min(length, free());
        if (accepted > 0) {
            buffer().write(source, offset, accepted);
            onWritten(accepted);
        }
        setWaiting(accepted < length && isWritable());
        return accepted;
    }

    /** Nothing will be written any more: the end is sent after what was written. */
    void finish() {
        finished |= state.isOpen();
        setWaiting(false);
    }

    /** Abandons the stream: what is not delivered is not sent any more. Without effect when all was delivered. */
    void reset(long errorCode) {
        if (!state.isOpen() && state != SendState.DATA_SENT) {
            return;
        }
        move(SendState.Event.SEND_RESET);
        resetCode = errorCode;
        resetDue = true;
        release();
    }

    /**
     * The peer does not want the rest. RFC 9000 §3.5: answered with a reset of the same code.
     *
     * @return whether that was news
     */
    boolean onStopSending(long errorCode) {
        if (!state.isOpen() && state != SendState.DATA_SENT) {
            return false;
        }
        stopCode = errorCode;
        reset(errorCode);
        return true;
    }

    /** Whether there is something to send that the connection's credit does not limit: lost bytes, or a bare end. */
    boolean hasRetransmissions() {
        return finLost || buffer != null && buffer.hasLost() || isBareFinDue();
    }

    /** Whether there are bytes that were never sent. */
    boolean hasUnsent() {
        return buffer != null && sentOffset < buffer.endOffset();
    }

    boolean isResetDue() {
        return resetDue;
    }

    /** Whether the application waits for the peer to raise the limit, and the peer was not told. RFC 9000 §4.1. */
    boolean isBlockedFrameDue() {
        return waiting && credit.isBlockedFrameDue();
    }

    /** Writes a STREAM frame with lost bytes or a bare end; false if it does not fit, or there is nothing. */
    boolean writeRetransmission(WireWriter out, FrameRecord record) {
        if (buffer != null && buffer.hasLost()) {
            long offset = buffer.lostOffset();
            int length = writeStream(out, record, offset, buffer.lostLength());
            if (length > 0) {
                buffer.onLostSent(offset, length);
            }
            return length > 0;
        }
        return (finLost || isBareFinDue()) && writeStream(out, record, writtenOffset(), 0) == 0;
    }

    /**
     * Writes a STREAM frame with bytes that were never sent.
     *
     * @param connectionCredit how many bytes the connection's limit allows, above 0
     * @return how many bytes it has; 0 if it does not fit
     */
    int writeUnsent(WireWriter out, FrameRecord record, long connectionCredit) {
        long length = Math.min(connectionCredit, writtenOffset() - sentOffset);
        int written = Math.max(0, writeStream(out, record, sentOffset, length));
        sentOffset += written;
        return written;
    }

    /** Writes the RESET_STREAM frame; false if it does not fit. */
    boolean writeReset(WireWriter out, FrameRecord record) {
        if (FrameWriter.resetStreamSize(id, resetCode, sentOffset) > out.remaining()) {
            return false;
        }
        FrameWriter.writeResetStream(out, id, resetCode, sentOffset);
        record.addFrame(FrameType.RESET_STREAM, id, resetCode, sentOffset);
        resetDue = false;
        return true;
    }

    /**
     * A STREAM frame was acknowledged.
     *
     * @return whether the application has something to learn: {@link #ackedOffset()} advanced, or all is delivered
     */
    boolean onStreamAcked(long offset, long length, boolean fin) {
        if (buffer == null && !fin || state == SendState.RESET_SENT || state.isTerminal()) {
            return false;
        }
        long advanced = buffer == null ? 0 : buffer.ack(offset, length);
        ackedOffset += advanced;
        context.budget.giveBack(this, advanced);
        if (fin) {
            finAcked = true;
            finLost = false;
        }
        if (finAcked && ackedOffset == writtenOffset()) {
            move(SendState.Event.ALL_ACKED);
            release();
            return true;
        }
        return advanced > 0;
    }

    void onStreamLost(long offset, long length, boolean fin) {
        if (state == SendState.RESET_SENT || state.isTerminal()) {
            return;
        }
        if (buffer != null) {
            buffer.lost(offset, length);
        }
        finLost |= fin && !finAcked;
    }

    void onResetAcked() {
        if (state == SendState.RESET_SENT) {
            resetDue = false;
            move(SendState.Event.RESET_ACKED);
        }
    }

    void onResetLost() {
        resetDue = state == SendState.RESET_SENT;
    }

    /** The connection is over: nothing is written or sent any more. */
    void close() {
        closed = true;
        release();
    }

    /** Gives all memory back. */
    void release() {
        setWaiting(false);
        SendBuffer present = buffer;
        if (present != null) {
            long held = held();
            buffer = null;
            context.budget.giveBack(this, held);
            present.close();
        }
        finLost = false;
    }

    private boolean isWritable() {
        return state.isOpen() && !finished && !closed;
    }

    /** A writer that waits for the peer to raise the limit does not wait for room in the send buffer yet. */
    private void setWaiting(boolean waiting) {
        if (!waiting && !this.waiting) {
            return;
        }
        this.waiting = waiting;
        if (waiting && credit.available() > 0) {
            context.budget.await(this);
        } else {
            context.budget.stopWaiting(this);
        }
    }

    private boolean isBareFinDue() {
        return finished && state.isOpen() && !hasUnsent();
    }

    /** Writes up to {@code available} bytes as one frame, with FIN if they are the last; returns how many, or -1. */
    private int writeStream(WireWriter out, FrameRecord record, long offset, long available) {
        int most = (int) Math.min(available, out.remaining());
        int room = out.remaining() - FrameWriter.streamHeaderSize(id, offset, most);
        if (room < Math.min(available, LEAST_FRAGMENT)) {
            return -1;
        }
        int length = (int) Math.min(available, room);
        boolean fin = finished && offset + length == writtenOffset();
        FrameWriter.writeStreamHeader(out, id, offset, length, fin);
        if (length > 0) {
            buffer().copyTo(offset, out.array(), out.position(), length);
            out.advance(length);
        }
        record.addFrame(fin ? STREAM_WITH_FIN : FrameType.STREAM, id, offset, length);
        move(fin ? SendState.Event.SEND_FIN : SendState.Event.SEND_DATA);
        finLost &= !fin;
        return length;
    }

    private void onWritten(int length) {
        credit.consume(length);
        context.budget.take(length);
    }

    private SendBuffer buffer() {
        SendBuffer present = buffer;
        if (present == null) {
            present = new SendBuffer(context.chunks);
            buffer = present;
        }
        return present;
    }

    private void move(SendState.Event event) {
        SendState next = state.after(event);
        if (next == null) {
            throw new IllegalStateException("stream " + id + ": " + event + " in " + state);
        }
        state = next;
    }
}
