package dev.tether.core.connection;

import dev.tether.core.stream.StreamId;
import dev.tether.core.stream.StreamSet;
import io.netty.buffer.ByteBuf;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** The messages of a connection, both ways. Not thread-safe. */
public final class ConnectionMessages {

    private final Lifecycle lifecycle;
    private final StreamSet streams;
    private final ConnectionCounters counters;
    private final LongConsumer closeForViolation;
    private @Nullable Session session;

    /**
     * @param closeForViolation closes the connection at the time it is given, if the peer has sent what is no message
     */
    ConnectionMessages(
            Lifecycle lifecycle, StreamSet streams, ConnectionCounters counters, LongConsumer closeForViolation) {
        this.lifecycle = lifecycle;
        this.streams = streams;
        this.counters = counters;
        this.closeForViolation = closeForViolation;
    }

    /** The handshake has ended. */
    void start(Session started) {
        session = started;
    }

    /** The largest message that the peer accepts, in bytes; 0 before the handshake has ended. */
    public long maxSize() {
        return session == null ? 0 : session.maxMessageSize;
    }

    /**
     * Takes a message into the send buffer, or as much of it as there is room for; the rest is to be offered again, with
     * the same buffer, after {@link StreamSet#pollWritable} has named the message stream, and before any other message.
     *
     * @param message its reader index moves on; not released. Large parts are not copied but retained until the peer has
     *     acknowledged them or the connection has ended: what was taken must not be changed
     * @param linkId the link that it belongs to, 1 to 2^62 - 1; 0 for none
     * @param number its number within the link, from 1 and not below that of the one before; 0 without a link
     * @return whether the whole message was taken; never, if the connection is not open
     * @throws IllegalArgumentException if the link and the number are out of their ranges
     */
    public boolean offer(ByteBuf message, long linkId, long number) {
        if (session == null || !lifecycle.phase().isOpen()) {
            return false;
        }
        if (linkId != 0) {
            session.delivered.onSent(linkId);
        }
        if (!session.messagesOut.offer(message, linkId, number)) {
            return false;
        }
        counters.messagesSent++;
        return true;
    }

    /** How many bytes of messages, their lengths included, were taken by {@link #offer}. */
    public long offeredBytes() {
        return Math.max(0, streams.writtenOffset(StreamId.MESSAGES));
    }

    /** How many bytes of the messages, their lengths included, the peer has acknowledged without a gap. */
    public long acknowledgedBytes() {
        return Math.max(0, streams.ackedOffset(StreamId.MESSAGES));
    }

    /**
     * The next complete message, or null if there is none. To be called only while the application wants one: taking a
     * message is what gives the peer credit for more. Also after the end, for what had arrived before it.
     *
     * @return a message that the caller has to release
     */
    public @Nullable ByteBuf poll(long nowNs) {
        ByteBuf message = session == null ? null : session.pollMessage();
        if (message != null) {
            counters.messagesReceived++;
        } else {
            closeForViolation.accept(nowNs);
        }
        return message;
    }

    /**
     * Whether {@link #poll} has one; it stays there. Like it, this may give the peer credit for one message. What has one
     * now may have none later, when another connection of the peer has handed the message out meanwhile.
     */
    public boolean hasNext(long nowNs) {
        boolean has = session != null && session.hasMessage();
        if (!has) {
            closeForViolation.accept(nowNs);
        }
        return has;
    }
}
