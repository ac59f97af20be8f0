package dev.tether.reactor;

import dev.tether.core.connection.Connection;
import dev.tether.core.connection.ConnectionEnd;
import dev.tether.core.error.MessageTooLargeException;
import dev.tether.core.error.TransportException;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The running {@code send} calls of a connection: takes messages from each in turn as the send buffer has room, and
 * completes each when the peer has acknowledged its last byte. Everything here runs on the event loop.
 */
final class MessageOutbox {

    /** How many messages of one send go out before it is the next one's turn. */
    private static final int MESSAGES_PER_TURN = 64;

    private final ConnectionDriver driver;
    private final Connection connection;

    /** All that have not ended. */
    private final Set<MessageSource> running = new LinkedHashSet<>(2);

    /** Those that may have messages, in the order of their turns. */
    private final ArrayDeque<MessageSource> ready = new ArrayDeque<>(2);

    /** Those whose messages are all in the send buffer, by the offset of the last byte. */
    private final PriorityQueue<MessageSource> unacknowledged =
            new PriorityQueue<>(2, Comparator.comparingLong(MessageSource::endOffset));

    /** The message of the first in {@link #ready} of which a part is in the send buffer; its rest has to follow it. */
    private @Nullable ByteBuf partial;

    /** The whole size of the message that is taken, or was last. */
    private int size;

    /** How many messages of the first in {@link #ready} were taken in its turn, which goes on when the buffer has room. */
    private int takenInTurn;

    private boolean blocked;
    private boolean due;
    private @Nullable TransportException refusal;
    private @Nullable ConnectionEnd end;

    MessageOutbox(ConnectionDriver driver, Connection connection) {
        this.driver = driver;
        this.connection = connection;
    }

    /** A send has begun; it may be over already, as its subscriber may have cancelled it before. */
    void add(MessageSource send) {
        if (end != null) {
            send.fail(end.pendingFailure(), 0);
            return;
        }
        if (refusal != null) {
            send.fail(refusal, 0);
            return;
        }
        running.add(send);
        send.requestMore(connection.sendBufferSize());
        if (!send.isIdle()) {
            onReady(send);
        }
    }

    /** A send has messages, or has ended. */
    void onReady(MessageSource send) {
        if (!running.contains(send)) {
            send.discard();
        } else if (send.enterReady()) {
            ready.add(send);
            due = true;
        }
    }

    boolean isDue() {
        return due && !blocked && !ready.isEmpty();
    }

    void onWritable() {
        blocked = false;
        due = true;
    }

    /** The peer has acknowledged more: completes what is delivered whole. */
    void onAcknowledged() {
        long acknowledged = connection.messages().acknowledgedBytes();
        for (MessageSource first = unacknowledged.peek();
                first != null && first.endOffset() <= acknowledged;
                first = unacknowledged.peek()) {
            unacknowledged.remove();
            running.remove(first);
            first.complete();
        }
    }

    /**
     * Takes nothing more from any publisher. What was taken is delivered, and a send whose publisher has completed
     * completes then; the others wait for the end of the connection.
     *
     * @param refusal what a send that begins later errors with
     */
    void stop(TransportException refusal) {
        this.refusal = refusal;
        List.copyOf(running).forEach(MessageSource::stop);
    }

    /** Whether the peer has acknowledged all that was taken from publishers, and each send that this completes has completed. */
    boolean isSettled() {
        return ready.isEmpty()
                && connection.messages().acknowledgedBytes()
                        >= connection.messages().offeredBytes()
                && running.stream().allMatch(MessageSource::isIdle);
    }

    /** Nothing will be sent any more. */
    void onEnd(ConnectionEnd end) {
        this.end = end;
        ready.clear();
        unacknowledged.clear();
        if (partial != null) {
            partial.release();
            partial = null;
        }
        List<MessageSource> failed = List.copyOf(running);
        running.clear();
        long acknowledged = connection.messages().acknowledgedBytes();
        failed.forEach(send -> driver.signal(() -> send.fail(end.pendingFailure(), acknowledged)));
    }

    /** Moves messages into the send buffer until it is full or there are no more. */
    void drainIfDue() {
        if (!due) {
            return;
        }
        due = false;
        for (MessageSource send = ready.peek(); send != null && !blocked; send = ready.peek()) {
            takeTurn(send);
        }
    }

    private void takeTurn(MessageSource send) {
        while (takenInTurn < MESSAGES_PER_TURN) {
            ByteBuf message = partial != null ? partial : send.poll();
            if (message == null) {
                leaveReady(send);
                return;
            }
            if (partial == null
                    && message.readableBytes() > connection.messages().maxSize()) {
                refuse(send, message);
                return;
            }
            if (partial == null) {
                size = message.readableBytes();
            }
            if (!connection.messages().offer(message, send.linkId(), send.number())) {
                partial = message;
                blocked = true;
                return;
            }
            partial = null;
            takenInTurn++;
            message.release();
            send.onTaken(
                    size,
                    connection.messages().offeredBytes(),
                    connection.messages().acknowledgedBytes());
            send.requestMore(connection.sendBufferSize());
        }
        ready.add(endTurn());
    }

    private MessageSource endTurn() {
        takenInTurn = 0;
        return ready.remove();
    }

    /** The send has no message now: it is over, or it comes again. */
    private void leaveReady(MessageSource send) {
        endTurn();
        if (!send.leaveReady()) {
            return;
        }
        Throwable error = send.error();
        if (error != null) {
            running.remove(send);
            send.fail(error);
        } else if (send.endOffset() <= connection.messages().acknowledgedBytes()) {
            running.remove(send);
            send.complete();
        } else {
            unacknowledged.add(send);
        }
    }

    private void refuse(MessageSource send, ByteBuf message) {
        MessageTooLargeException failure = new MessageTooLargeException(
                message.readableBytes(), connection.messages().maxSize(), connection.context());
        message.release();
        endTurn();
        running.remove(send);
        send.fail(failure, connection.messages().acknowledgedBytes());
    }
}
