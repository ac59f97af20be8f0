package dev.tether.core.stream;

import dev.tether.core.flow.ReceiveCredit;
import dev.tether.core.frame.FrameType;
import dev.tether.core.frame.TransportErrorCode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * The receiving part of a stream. Not thread-safe. Source: RFC 9000 §3.2, §4.1, §4.5.
 *
 * <p>What the application reads, and what is discarded because it or the peer has given the stream up, becomes credit for
 * the peer again, for the stream and for the connection.
 */
final class ReceiveStream {

    private static final long NONE = -1;

    private final long id;
    private final StreamContext context;
    private final ReceiveCredit credit;
    private @Nullable Reassembler reassembler;
    private ReceiveState state = ReceiveState.RECV;
    private long highestOffset;
    /** Up to where bytes became credit again. */
    private long creditedOffset;

    private long finalSize = NONE;
    private long resetCode = NONE;
    private long stopCode = NONE;
    private boolean stopDue;

    ReceiveStream(long id, StreamContext context) {
        this.id = id;
        this.context = context;
        this.credit = new ReceiveCredit(context.local.initialMaxStreamData(), context.bounds.maxStreamWindow());
    }

    ReceiveState state() {
        return state;
    }

    ReceiveCredit credit() {
        return credit;
    }

    /** The code of the peer's RESET_STREAM frame, or -1. */
    long resetCode() {
        return resetCode;
    }

    /** How many bytes of memory are held for received bytes, see {@link ReceiveMemory}; 0 once the stream is given up. */
    long memoryHeld() {
        return reassembler == null ? 0 : reassembler.memoryHeld();
    }

    /** How many gaps there are between the received bytes. */
    int gaps() {
        return reassembler == null ? 0 : reassembler.gaps();
    }

    /** How many bytes can be read now. */
    int readable() {
        return reassembler == null ? 0 : reassembler.readable();
    }

    /** Whether all bytes before the end have arrived, and the application has read them. */
    boolean isAtEnd() {
        return state == ReceiveState.DATA_READ;
    }

    /** Whether all bytes before the end have arrived. */
    boolean isComplete() {
        return state == ReceiveState.DATA_RECVD || state == ReceiveState.DATA_READ;
    }

    /**
     * A STREAM frame. RFC 9000 §19.8.
     *
     * @return whether there is more to read than before, or the end was reached
     * @throws StreamViolation if the peer goes beyond a limit, beyond the end, or changes the end; or if its bytes have too
     *     many gaps
     */
    boolean onStream(long offset, byte[] buffer, int position, int length, boolean fin) throws StreamViolation {
        long end = offset + length;
        int frameType = fin ? SendStream.STREAM_WITH_FIN : FrameType.STREAM;
        checkFinalSize(end, fin, frameType);
        receiveUpTo(end, frameType);
        if (!state.isReceiving()) {
            return false;
        }
        if (fin) {
            finalSize = end;
            move(ReceiveState.Event.RECEIVE_FIN);
        }
        if (stopCode != NONE) {
            creditUpTo(highestOffset);
            endIfStopped();
            return false;
        }
        boolean news = length > 0 && insert(offset, buffer, position, length);
        if (state == ReceiveState.SIZE_KNOWN && contiguousEnd() == finalSize) {
            move(ReceiveState.Event.RECEIVE_ALL);
            endIfAllRead();
            return true;
        }
        return news;
    }

    /**
     * A RESET_STREAM frame. RFC 9000 §19.4. Bytes that were not read are dropped, unless all have arrived already.
     *
     * @return whether the stream is abandoned by it
     * @throws StreamViolation if its final size is beyond a limit, or is not the final size
     */
    boolean onReset(long errorCode, long size) throws StreamViolation {
        checkFinalSize(size, true, FrameType.RESET_STREAM);
        receiveUpTo(size, FrameType.RESET_STREAM);
        boolean news = state.isReceiving();
        move(ReceiveState.Event.RECEIVE_RESET);
        if (news) {
            finalSize = size;
            resetCode = errorCode;
            stopDue = false;
            discard();
        }
        return news;
    }

    /** The application was told of the reset. */
    void onResetRead() {
        if (state == ReceiveState.RESET_RECVD) {
            move(ReceiveState.Event.READ_RESET);
        }
    }

    /** The application wants no more of the stream: the peer is asked to stop, and what arrives is discarded. */
    void stopSending(long errorCode) {
        if (state.isTerminal() || state == ReceiveState.RESET_RECVD || stopCode != NONE) {
            return;
        }
        stopCode = errorCode;
        stopDue = state == ReceiveState.RECV;
        discard();
        endIfStopped();
    }

    /** The code of the STOP_SENDING frame to send. */
    long stopCode() {
        return stopCode;
    }

    /** Whether a STOP_SENDING frame should be sent. RFC 9000 §3.5. */
    boolean isStopDue() {
        return stopDue;
    }

    void onStopSent() {
        stopDue = false;
    }

    void onStopLost() {
        stopDue = state == ReceiveState.RECV;
    }

    /** Whether a MAX_STREAM_DATA frame should be sent. RFC 9000 §3.2: only as long as the end is not known. */
    boolean isUpdateDue() {
        return state == ReceiveState.RECV && stopCode == NONE && credit.isUpdateDue();
    }

    /** Takes readable bytes that lie together in memory, at most {@code max}; the caller must release them. */
    ByteBuf read(int max) {
        if (max <= 0 || readable() == 0) {
            return Unpooled.EMPTY_BUFFER;
        }
        Reassembler source = reassembler();
        ByteBuf bytes = source.read(max);
        onRead(source);
        return bytes;
    }

    /** Takes the next {@code length} bytes, which must be readable, as one buffer; the caller must release it. */
    ByteBuf readExactly(int length) {
        if (length == 0) {
            return Unpooled.EMPTY_BUFFER;
        }
        Reassembler source = reassembler();
        if (source.readableAtOnce() >= length) {
            ByteBuf bytes = source.read(length);
            onRead(source);
            return bytes;
        }
        ByteBuf bytes = context.allocator.buffer(length, length);
        readTo(bytes, length);
        return bytes;
    }

    /** Copies the next {@code length} bytes, which must be readable, to {@code target}. */
    void readTo(ByteBuf target, int length) {
        Reassembler source = reassembler();
        source.readTo(target, length);
        onRead(source);
    }

    /** The byte {@code distance} bytes behind the next one; it must be readable. */
    byte peek(int distance) {
        return reassembler().peek(distance);
    }

    /** Goes past the next {@code length} bytes, which must be readable. */
    void skip(int length) {
        Reassembler source = reassembler();
        source.skip(length);
        onRead(source);
    }

    /** Releases all bytes. */
    void release() {
        if (reassembler != null) {
            reassembler.close();
            reassembler = null;
        }
    }

    // RFC 9000 §4.5
    private void checkFinalSize(long end, boolean fin, int frameType) throws StreamViolation {
        if (finalSize == NONE ? fin && end < highestOffset : end > finalSize || fin && end != finalSize) {
            throw new StreamViolation(
                    TransportErrorCode.FINAL_SIZE_ERROR,
                    frameType,
                    "stream " + id + " has " + (finalSize == NONE ? "at least " + highestOffset : finalSize)
                            + " bytes, not " + end);
        }
    }

    // RFC 9000 §4.1
    private void receiveUpTo(long end, int frameType) throws StreamViolation {
        if (end <= highestOffset) {
            return;
        }
        long delta = end - highestOffset;
        if (credit.onReceived(delta) == ReceiveCredit.Outcome.LIMIT_EXCEEDED) {
            throw new StreamViolation(
                    TransportErrorCode.FLOW_CONTROL_ERROR,
                    frameType,
                    "stream " + id + " sent up to " + end + ", its limit is " + credit.limit());
        }
        if (context.receiveCredit.onReceived(delta) == ReceiveCredit.Outcome.LIMIT_EXCEEDED) {
            throw new StreamViolation(
                    TransportErrorCode.FLOW_CONTROL_ERROR,
                    frameType,
                    "stream " + id + " went beyond the connection's limit of " + context.receiveCredit.limit());
        }
        highestOffset = end;
    }

    /** Puts bytes in order; returns whether more can be read than before. RFC 9000 §21.7 allows the bound on gaps. */
    private boolean insert(long offset, byte[] buffer, int position, int length) throws StreamViolation {
        Reassembler target = reassembler();
        long before = target.contiguousEnd();
        if (target.insert(offset, buffer, position, length) == Reassembler.Insertion.TOO_MANY_GAPS) {
            throw new StreamViolation(
                    TransportErrorCode.PROTOCOL_VIOLATION,
                    FrameType.STREAM,
                    "the bytes of stream " + id + " have more than " + context.bounds.maxGaps() + " gaps");
        }
        int gaps = context.receiveMemory.gaps();
        if (gaps > context.bounds.maxConnectionGaps()) {
            throw new StreamViolation(
                    TransportErrorCode.PROTOCOL_VIOLATION,
                    FrameType.STREAM,
                    "stream " + id + " brings the gaps of all streams to " + gaps + ", the limit is "
                            + context.bounds.maxConnectionGaps());
        }
        return target.contiguousEnd() > before;
    }

    private long contiguousEnd() {
        return reassembler == null ? 0 : reassembler.contiguousEnd();
    }

    private Reassembler reassembler() {
        Reassembler present = reassembler;
        if (present == null) {
            present = new Reassembler(context.allocator, context.bounds.maxGaps(), context.receiveMemory, credit);
            reassembler = present;
        }
        return present;
    }

    private void onRead(Reassembler source) {
        creditUpTo(source.readOffset());
        endIfAllRead();
    }

    private void endIfAllRead() {
        if (state == ReceiveState.DATA_RECVD && creditedOffset == finalSize) {
            move(ReceiveState.Event.READ_ALL);
            release();
        }
    }

    /** A stopped stream needs nothing from the peer but its final size, for the connection's credit. */
    private void endIfStopped() {
        if (state == ReceiveState.SIZE_KNOWN) {
            move(ReceiveState.Event.RECEIVE_ALL);
        }
        endIfAllRead();
    }

    private void discard() {
        release();
        creditUpTo(highestOffset);
    }

    private void creditUpTo(long offset) {
        long bytes = offset - creditedOffset;
        creditedOffset = offset;
        credit.onConsumed(bytes);
        context.receiveCredit.onConsumed(bytes);
    }

    private void move(ReceiveState.Event event) {
        ReceiveState next = state.after(event);
        if (next == null) {
            throw new IllegalStateException("stream " + id + ": " + event + " in " + state);
        }
        state = next;
    }
}
