package dev.tether.reactor;

import dev.tether.core.connection.Connection;
import dev.tether.core.connection.ConnectionEnd;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The received datagrams of a connection. Until they are asked for, they wait in the engine, which drops the oldest when
 * there are too many. After the connection's end, a subscriber still gets those that had arrived; without one, they are
 * dropped.
 */
final class DatagramInbox extends DemandFlux<ByteBuf> {

    private final ConnectionDriver driver;
    private final ReactorNode node;
    private final Connection connection;
    private @Nullable ConnectionEnd end;

    DatagramInbox(ConnectionDriver driver, ReactorNode node, Connection connection) {
        super(driver, node, "receiveDatagrams()");
        this.driver = driver;
        this.node = node;
        this.connection = connection;
    }

    @Override
    @Nullable
    ByteBuf next(long nowNs) {
        return connection.datagrams().poll();
    }

    @Override
    void onDelivered(ByteBuf datagram) {
        datagram.release();
    }

    @Override
    boolean isOver(long nowNs) {
        return end != null && !connection.datagrams().hasNext();
    }

    @Override
    @Nullable
    Throwable failure() {
        return end == null || end.isOrderly() ? null : end.pendingFailure();
    }

    /** After the end, what it leaves is to be dropped; that is done on the event loop. */
    @Override
    void onCancelled() {
        node.execute(() -> {
            if (end != null) {
                driver.markDirty();
            }
        });
    }

    void onEnd(ConnectionEnd end, long nowNs) {
        this.end = end;
        markDue();
        drainRest(nowNs);
    }

    /** After the end: delivers what is left as far as it was asked for, and drops it if nobody is there for it. */
    void drainRest(long nowNs) {
        try {
            drainIfDue(nowNs);
        } finally {
            if (!hasSubscriber()) {
                connection.datagrams().release();
            }
        }
    }
}
