package dev.tether.reactor;

import dev.tether.core.connection.ConnectionEnd;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** The received bytes of a stream. After the end of the connection, those that had arrived are still given out. */
final class StreamInbox extends DemandFlux<ByteBuf> {

    /** How many bytes one element has at the most. */
    private static final int MAX_ELEMENT = 64 * 1024;

    private final ReactivePeerStream stream;

    /** The peer has finished, and all was taken. */
    private boolean atEnd;

    private @Nullable Throwable failure;
    private @Nullable ConnectionEnd end;

    StreamInbox(ReactivePeerStream stream, ConnectionDriver driver, ReactorNode node) {
        super(driver, node, "receive() of a stream");
        this.stream = stream;
    }

    @Override
    @Nullable
    ByteBuf next(long nowNs) {
        if (failure != null || stream.engine().readable(stream.id()) == 0) {
            return null;
        }
        ByteBuf bytes = stream.engine().read(stream.id(), MAX_ELEMENT);
        // Asked at once: the engine forgets a stream that is over.
        atEnd = stream.engine().isAtEnd(stream.id());
        return bytes;
    }

    @Override
    void onDelivered(ByteBuf bytes) {
        bytes.release();
    }

    @Override
    boolean isOver(long nowNs) {
        return atEnd || failure != null || end != null && !hasUnread();
    }

    @Override
    @Nullable
    Throwable failure() {
        return atEnd || failure != null || end == null ? failure : end.pendingFailure();
    }

    @Override
    void onDemand() {
        super.onDemand();
        stream.markDue();
    }

    @Override
    void onCancelled() {
        stream.cancel(PeerStream.CANCELLED);
    }

    void onReadable() {
        atEnd |= stream.engine().isAtEnd(stream.id());
        markDue();
    }

    /** This side wants no more. */
    void cancelled(long code) {
        if (!atEnd && failure == null) {
            stream.engine().stopSending(stream.id(), code);
            fail(new CancellationException(stream + " was cancelled by this side with code " + code));
        }
    }

    /** There will be nothing more, and what was not taken is gone. */
    void fail(Throwable failure) {
        if (!atEnd && this.failure == null) {
            this.failure = failure;
            markDue();
        }
    }

    void onEnd(ConnectionEnd end) {
        this.end = end;
        markDue();
    }

    /** Whether there are bytes to take. */
    boolean hasUnread() {
        return failure == null && stream.engine().readable(stream.id()) > 0;
    }
}
