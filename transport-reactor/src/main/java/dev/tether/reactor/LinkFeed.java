package dev.tether.reactor;

import dev.tether.core.error.TransportException;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Gives one connection the messages of a link: first what an earlier connection has not delivered, then new ones. */
final class LinkFeed implements MessageSource {

    private final LinkOutbox outbox;
    private final ReactivePeerConnection connection;
    private final ArrayDeque<LinkOutbox.Entry> again;
    private long number;
    private boolean inReady;
    private boolean over;

    /** @param again what was handed to an earlier connection */
    LinkFeed(LinkOutbox outbox, ReactivePeerConnection connection, ArrayDeque<LinkOutbox.Entry> again) {
        this.outbox = outbox;
        this.connection = connection;
        this.again = again;
    }

    /** There are messages. */
    void wake() {
        connection.onReady(this);
    }

    /** The link has no use for the connection any more. */
    void end() {
        over = true;
        wake();
    }

    @Override
    public @Nullable ByteBuf poll() {
        if (over) {
            return null;
        }
        for (LinkOutbox.Entry next = next(); next != null; next = next()) {
            ByteBuf message = LinkOutbox.message(next);
            if (message != null && message.readableBytes() > connection.maxMessageSize()) {
                outbox.onTooLarge(next, connection);
            } else if (message != null) {
                number = LinkOutbox.number(next);
                return message.retainedDuplicate();
            }
        }
        return null;
    }

    private LinkOutbox.@Nullable Entry next() {
        LinkOutbox.Entry entry = again.poll();
        return entry != null ? entry : outbox.nextUnsent(connection.nowNs());
    }

    @Override
    public long linkId() {
        return outbox.linkId();
    }

    @Override
    public long number() {
        return number;
    }

    @Override
    public boolean enterReady() {
        boolean entered = !inReady;
        inReady = true;
        return entered;
    }

    @Override
    public boolean leaveReady() {
        inReady = false;
        return over;
    }

    @Override
    public @Nullable Throwable error() {
        return null;
    }

    @Override
    public long endOffset() {
        return 0;
    }

    // The link looks after its sends itself.

    @Override
    public void onTaken(int size, long endOffset, long acknowledged) {}

    @Override
    public void requestMore(int sendBufferSize) {}

    @Override
    public void stop() {}

    @Override
    public boolean isIdle() {
        return over || outbox.isSettled();
    }

    @Override
    public void complete() {}

    @Override
    public void fail(Throwable failure) {}

    @Override
    public void fail(TransportException failure, long acknowledged) {}

    @Override
    public void discard() {}
}
