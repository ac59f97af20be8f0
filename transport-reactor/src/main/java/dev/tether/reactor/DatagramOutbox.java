package dev.tether.reactor;

import dev.tether.core.connection.Connection;
import dev.tether.core.connection.ConnectionEnd;
import dev.tether.core.error.DatagramsNotSupportedException;
import dev.tether.core.error.MessageTooLargeException;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The running {@code sendDatagram} calls of a connection: takes one datagram from each in turn as the engine's queue has
 * room, and completes each when its last one was put into a packet. Everything here runs on the event loop.
 */
final class DatagramOutbox {

    private final ConnectionDriver driver;
    private final ReactorNode node;
    private final Connection connection;

    /** All that have not ended. */
    private final Set<MessageSource> running = new LinkedHashSet<>(2);

    /** Those that may have datagrams, in the order of their turns. */
    private final ArrayDeque<MessageSource> ready = new ArrayDeque<>(2);

    /** Those whose datagrams are all in the engine's queue, by the number of the last one. */
    private final PriorityQueue<MessageSource> unsent =
            new PriorityQueue<>(2, Comparator.comparingLong(MessageSource::endOffset));

    /** The datagram of the first in {@link #ready} that the engine had no room for. */
    private @Nullable ByteBuf refused;

    private boolean blocked;
    private boolean due;
    private @Nullable ConnectionEnd end;

    DatagramOutbox(ConnectionDriver driver, ReactorNode node, Connection connection) {
        this.driver = driver;
        this.node = node;
        this.connection = connection;
    }

    /** How many datagrams a send may ask its publisher for ahead: no more than wait in the engine, so that they are fresh. */
    static int maxDemand(ReactorNode node) {
        return Math.max(1, Math.min(SendSubscriber.MAX_DEMAND, node.settings().datagramQueue()));
    }

    /** A send has begun; it may be over already, as its subscriber may have cancelled it before. */
    void add(MessageSource send) {
        if (end != null) {
            send.fail(end.pendingFailure(), 0);
        } else if (connection.datagrams().maxSize() == 0) {
            boolean byPeer = node.settings().datagramQueue() > 0;
            send.fail(new DatagramsNotSupportedException(byPeer, connection.context()), 0);
        } else {
            running.add(send);
            requestMore(send);
            if (!send.isIdle()) {
                onReady(send);
            }
        }
    }

    /** A send has datagrams, or has ended. */
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

    /** Datagrams were put into packets: completes the sends of which these were the last, and goes on with the others. */
    void onSent() {
        blocked = false;
        due = true;
        for (MessageSource first = unsent.peek(); first != null && isSent(first); first = unsent.peek()) {
            unsent.remove();
            running.remove(first);
            first.complete();
        }
    }

    /** Nothing will be sent any more. */
    void onEnd(ConnectionEnd end) {
        this.end = end;
        ready.clear();
        unsent.clear();
        if (refused != null) {
            refused.release();
            refused = null;
        }
        List<MessageSource> failed = List.copyOf(running);
        running.clear();
        failed.forEach(send -> driver.signal(() -> send.fail(end.pendingFailure(), sent())));
    }

    /** Moves datagrams into the engine's queue until it is full or there are no more. */
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
        ByteBuf datagram = refused != null ? refused : send.poll();
        if (datagram == null) {
            leaveReady(send);
            return;
        }
        refused = null;
        int size = datagram.readableBytes();
        if (size > connection.datagrams().maxSize()) {
            refuse(send, datagram);
        } else if (connection.datagrams().offer(datagram)) {
            ready.add(ready.remove());
            send.onTaken(size, connection.datagrams().offered(), sent());
            requestMore(send);
        } else {
            refused = datagram;
            blocked = true;
        }
    }

    /** The send has no datagram now: it is over, or it comes again. */
    private void leaveReady(MessageSource send) {
        ready.remove();
        if (!send.leaveReady()) {
            return;
        }
        Throwable error = send.error();
        if (error != null) {
            running.remove(send);
            send.fail(error);
        } else if (isSent(send)) {
            running.remove(send);
            send.complete();
        } else {
            unsent.add(send);
        }
    }

    private void refuse(MessageSource send, ByteBuf datagram) {
        MessageTooLargeException failure = MessageTooLargeException.ofDatagram(
                datagram.readableBytes(), connection.datagrams().maxSize(), connection.context());
        datagram.release();
        ready.remove();
        running.remove(send);
        send.fail(failure, sent());
    }

    private boolean isSent(MessageSource send) {
        return send.endOffset() <= sent();
    }

    /** How many datagrams were put into packets; they are counted in the place of the bytes of a stream. */
    private long sent() {
        return connection.counters().datagramsSent;
    }

    /** As many as the bytes of a full queue are, within {@link #maxDemand}. */
    private void requestMore(MessageSource send) {
        long bytes =
                (long) node.settings().datagramQueue() * connection.datagrams().maxSize();
        send.requestMore((int) Math.min(Integer.MAX_VALUE, bytes));
    }
}
