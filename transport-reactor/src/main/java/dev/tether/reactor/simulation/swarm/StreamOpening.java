package dev.tether.reactor.simulation.swarm;

import dev.tether.core.error.StreamLimitException;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.PeerStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** One call of {@code openStream} or {@code openUniStream}, and the place of the stream that it gives. */
final class StreamOpening {

    private final Streamer streamer;
    private final Session session;
    private final boolean bidirectional;
    private final long startNs;
    private @Nullable Disposable subscription;
    private @Nullable PeerStream stream;
    private @Nullable Throwable failure;
    private boolean cancelled;
    private boolean over;

    StreamOpening(Streamer streamer, Session session, boolean bidirectional) {
        this.streamer = streamer;
        this.session = session;
        this.bidirectional = bidirectional;
        this.startNs = streamer.nowNs();
    }

    void begin() {
        PeerConnection connection = session.connection();
        Mono<PeerStream> opened = bidirectional ? connection.openStream() : connection.openUniStream();
        subscription = opened.subscribe(this::onOpened, this::onFailed);
    }

    /** Cancels it, unless it is over; another one takes its place. */
    void cancel() {
        if (!hasEnded() && subscription != null) {
            cancelled = true;
            subscription.dispose();
            streamer.onNotOpened(this);
        }
    }

    /** Makes room for another one, once, if the stream that was opened is over. */
    void free() {
        if (!over && stream != null && streamer.isOver(stream)) {
            over = true;
            streamer.onFreed();
        }
    }

    boolean isBidirectional() {
        return bidirectional;
    }

    boolean hasOpened() {
        return stream != null;
    }

    boolean wasCancelled() {
        return cancelled;
    }

    boolean hasFailed() {
        return failure != null;
    }

    /** Whether the peer did not allow it in time. */
    boolean wasLimited() {
        return failure instanceof StreamLimitException;
    }

    private boolean hasEnded() {
        return stream != null || failure != null || cancelled;
    }

    private void onOpened(PeerStream opened) {
        stream = opened;
        if (cancelled) {
            session.violation("a cancelled openStream() gives " + opened);
        }
        if (opened.isOpenedByPeer()
                || opened.isBidirectional() != bidirectional
                || opened.connection() != session.connection()) {
            session.violation("an openStream() gives " + opened);
        }
        streamer.onOpened(opened);
    }

    private void onFailed(Throwable cause) {
        failure = cause;
        if (wasLimited()) {
            checkLimit();
        }
        streamer.onNotOpened(this);
    }

    private void checkLimit() {
        Duration waited = Duration.ofNanos(streamer.nowNs() - startNs);
        Duration limit = session.owner().plan().settings().openStreamTimeout();
        if (streamer.openedBefore(bidirectional) < streamer.maxOpen() || waited.compareTo(limit) < 0) {
            session.violation("an openStream() fails after " + waited + ", with " + streamer.openedBefore(bidirectional)
                    + " streams opened before: " + failure);
        }
    }

    /** What must hold when the connection is over. */
    void checkEnd() {
        if (!hasEnded()) {
            session.violation("has ended, but not its openStream()");
        } else if (failure != null && !wasLimited() && !session.isEnding(failure)) {
            session.violation("its openStream() has ended with " + failure);
        }
    }
}
