package dev.tether.reactor;

import dev.tether.core.connection.Connection;
import dev.tether.core.connection.ConnectionEnd;
import dev.tether.core.error.TransportException;
import dev.tether.core.stream.StreamId;
import dev.tether.core.stream.StreamSet;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * The streams of a connection: hands out those that the peer has opened, opens others, and passes the engine's events on to
 * each, and to the messages. Everything but the subscriptions runs on the event loop.
 */
final class PeerStreams {

    private final ReactivePeerConnection peer;
    private final ConnectionDriver driver;
    private final ReactorNode node;
    private final StreamSet engine;
    private final LongObjectMap<ReactivePeerStream> byId = new LongObjectHashMap<>(0);
    private final ArrayDeque<ReactivePeerStream> due = new ArrayDeque<>(0);
    private final AcceptedStreams accepted;
    private final StreamOpenings openings;
    private @Nullable TransportException refusal;

    /** Once nothing will be sent any more. */
    private @Nullable ConnectionEnd end;

    private boolean ended;

    PeerStreams(ReactivePeerConnection peer, ConnectionDriver driver, ReactorNode node, Connection connection) {
        this.peer = peer;
        this.driver = driver;
        this.node = node;
        this.engine = connection.streams();
        this.accepted = new AcceptedStreams(driver, node, engine);
        this.openings = new StreamOpenings(this, node, connection);
    }

    ReactivePeerConnection peer() {
        return peer;
    }

    /** Those that the peer has opened. */
    Flux<PeerStream> accepted() {
        return accepted;
    }

    /** Opens a stream, on subscription and as soon as the peer allows it. */
    Mono<PeerStream> open(boolean bidirectional) {
        return Mono.<PeerStream>create(sink -> {
                    RuntimeException refused = peer.enqueue(() -> open(bidirectional, sink));
                    if (refused != null) {
                        sink.error(refused);
                    }
                })
                .doOnDiscard(PeerStream.class, PeerStreams::abandon);
    }

    private void open(boolean bidirectional, MonoSink<PeerStream> sink) {
        if (refusal == null) {
            openings.open(bidirectional, sink);
        } else {
            sink.error(refusal);
        }
    }

    /** Nobody has got it. */
    private static void abandon(PeerStream stream) {
        stream.reset(PeerStream.CANCELLED);
        stream.cancel(PeerStream.CANCELLED);
    }

    // On the event loop

    ReactivePeerStream add(long id) {
        ReactivePeerStream stream = new ReactivePeerStream(this, driver, node, id);
        byId.put(id, stream);
        // The peer may have opened it with its last words.
        if (end != null) {
            stream.failSending(end);
        } else if (refusal != null) {
            stream.stopSending();
        }
        return stream;
    }

    /** Signals a subscriber of the application; if that throws, what comes after it goes on. */
    void signal(Runnable signal) {
        driver.signal(signal);
    }

    void addDue(ReactivePeerStream stream) {
        due.add(stream);
        driver.markDirty();
    }

    /** Passes on what has happened to streams since the last time. */
    void onEvents() {
        for (long id = engine.pollAccepted(); id >= 0; id = engine.pollAccepted()) {
            accepted.add(add(id));
        }
        for (long id = engine.pollReadable(); id >= 0; id = engine.pollReadable()) {
            if (id == StreamId.MESSAGES) {
                peer.inbox().markDue();
            } else {
                tell(id, ReactivePeerStream::onReadable);
            }
        }
        // Each writes at once: what it takes, the next one does not have.
        for (long id = engine.pollWritable(); id >= 0; id = engine.pollWritable()) {
            if (id == StreamId.MESSAGES) {
                peer.outbox().onWritable();
                peer.outbox().drainIfDue();
            } else {
                tell(id, ReactivePeerStream::onWritable);
            }
        }
        onAcknowledged();
        for (long id = engine.pollReset(); id >= 0; id = engine.pollReset()) {
            tell(id, ReactivePeerStream::onReset);
        }
        for (long id = engine.pollStopped(); id >= 0; id = engine.pollStopped()) {
            tell(id, ReactivePeerStream::onStopped);
        }
        for (long id = engine.pollFinished(); id >= 0; id = engine.pollFinished()) {
            byId.remove(id);
        }
        openings.onEvents();
    }

    /** Completes what the peer has acknowledged whole. */
    void onAcknowledged() {
        for (long id = engine.pollAcked(); id >= 0; id = engine.pollAcked()) {
            if (id == StreamId.MESSAGES) {
                peer.outbox().onAcknowledged();
            } else {
                tell(id, ReactivePeerStream::onAcknowledged);
            }
        }
    }

    /** A stream that is over needs to hear nothing more. */
    private void tell(long id, Consumer<ReactivePeerStream> event) {
        ReactivePeerStream stream = byId.get(id);
        if (stream != null) {
            event.accept(stream);
        }
    }

    boolean isDue() {
        return !due.isEmpty() || accepted.isDue();
    }

    /** Delivers and takes what is possible now; each stream has one turn. */
    void drainIfDue(long nowNs) {
        accepted.drainIfDue(nowNs);
        for (int i = due.size(); i > 0; i--) {
            due.remove().drain(nowNs);
        }
        releaseIfRead();
    }

    /** Takes nothing more from any publisher, and opens nothing more. */
    void stop(TransportException refusal) {
        this.refusal = refusal;
        openings.fail(refusal);
        byId.values().forEach(ReactivePeerStream::stopSending);
    }

    /** Whether the peer has all that was taken from publishers. */
    boolean isSettled() {
        for (ReactivePeerStream stream : byId.values()) {
            if (!stream.isSettled()) {
                return false;
            }
        }
        return true;
    }

    /** A close has begun, or all is over: nothing will be sent any more. */
    void failSending(ConnectionEnd end) {
        this.end = end;
        refusal = end.pendingFailure();
        openings.fail(end.pendingFailure());
        List.copyOf(byId.values()).forEach(stream -> driver.signal(() -> stream.failSending(end)));
    }

    /** Nothing will arrive any more. What has arrived is kept for those who ask for it. */
    void onEnd(ConnectionEnd end, long nowNs) {
        List<ReactivePeerStream> left = List.copyOf(byId.values());
        left.forEach(stream -> stream.onEnd(end));
        accepted.onEnd(end);
        ended = true;
        drainIfDue(nowNs);
    }

    /** After the end: whether nothing is left that somebody may ask for. */
    boolean isExhausted() {
        return ended && byId.isEmpty();
    }

    private void releaseIfRead() {
        if (ended && !byId.isEmpty()) {
            byId.values().removeIf(stream -> !stream.hasUnread());
            peer.releaseIfExhausted();
        }
    }
}
