package dev.tether.reactor;

import dev.tether.core.connection.Connection;
import dev.tether.core.connection.ConnectionEnd;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** The received messages of a connection. After its end, those that had arrived are still given out. */
final class MessageInbox extends DemandFlux<ByteBuf> {

    private final ReactorNode node;
    private final Connection connection;
    private final Runnable onExhausted;
    private @Nullable ConnectionEnd end;

    /** After the end: there is nothing more that anybody will get. */
    private boolean exhausted;

    /** @param onExhausted is called once, after the end of the connection, when all its messages were taken or discarded */
    MessageInbox(ConnectionDriver driver, ReactorNode node, Connection connection, Runnable onExhausted) {
        super(driver, node, "receive()");
        this.node = node;
        this.connection = connection;
        this.onExhausted = onExhausted;
    }

    @Override
    @Nullable
    ByteBuf next(long nowNs) {
        return exhausted ? null : connection.messages().poll(nowNs);
    }

    @Override
    void onDelivered(ByteBuf message) {
        message.release();
    }

    @Override
    boolean isOver(long nowNs) {
        return end != null && isExhausted(nowNs);
    }

    @Override
    @Nullable
    Throwable failure() {
        return end == null || end.isOrderly() ? null : end.pendingFailure();
    }

    void onEnd(ConnectionEnd end, long nowNs) {
        this.end = end;
        markDue();
        isExhausted(nowNs);
    }

    /** Whether the connection has ended, and all its messages were taken. */
    boolean isExhausted() {
        return end != null && isExhausted(node.nowNs());
    }

    /** After the end: nobody will ask for what was not taken. */
    void discard() {
        if (!exhausted) {
            exhausted = true;
            onExhausted.run();
        }
    }

    /** After the end: gives back what was not taken, unless a subscriber is about to; returns whether it did. */
    boolean discardUnread() {
        if (hasSubscriber()) {
            return false;
        }
        discard();
        return true;
    }

    private boolean isExhausted(long nowNs) {
        if (!exhausted && !connection.messages().hasNext(nowNs)) {
            discard();
        }
        return exhausted;
    }
}
