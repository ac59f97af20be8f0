package dev.tether.reactor;

import dev.tether.core.connection.Connection;
import dev.tether.core.connection.ConnectionEnd;
import dev.tether.core.error.StreamResetException;
import dev.tether.core.stream.StreamId;
import dev.tether.core.stream.StreamSet;
import dev.tether.core.stream.Urgency;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;

/** A stream as the application sees it. Its two directions know nothing of each other. */
final class ReactivePeerStream implements PeerStream {

    private static final long NONE = -1;

    private final PeerStreams streams;
    private final Connection connection;
    private final long id;
    private final @Nullable StreamInbox inbox;
    private final @Nullable StreamOutbox outbox;

    /** What the application has asked for, and the event loop may not have seen. */
    private final AtomicLong cancelCode = new AtomicLong(NONE);

    private final AtomicLong resetCode = new AtomicLong(NONE);
    private volatile int priority = Urgency.DEFAULT;
    private final LoopSignal commands;

    /** Whether it stands in the queue of those that have something to do. */
    private boolean queued;

    ReactivePeerStream(PeerStreams streams, ConnectionDriver driver, ReactorNode node, long id) {
        this.streams = streams;
        this.connection = driver.connection();
        this.id = id;
        boolean bothWays = StreamId.isBidirectional(id);
        this.inbox = bothWays || isOpenedByPeer() ? new StreamInbox(this, driver, node) : null;
        this.outbox = bothWays || !isOpenedByPeer() ? new StreamOutbox(this, node) : null;
        this.commands = new LoopSignal(node::execute, this::onCommands);
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public boolean isBidirectional() {
        return StreamId.isBidirectional(id);
    }

    @Override
    public boolean isOpenedByPeer() {
        return StreamId.isOpenedByDialingSide(id) != connection.isDialing();
    }

    @Override
    public PeerConnection connection() {
        return streams.peer();
    }

    @Override
    public ByteBufFlux receive() {
        return ByteBufFlux.fromInbound(
                inbox != null
                        ? inbox
                        : Flux.error(() -> new IllegalStateException(
                                this + " carries bytes to the peer only; receive from those of streams()")));
    }

    @Override
    public Mono<Void> send(Publisher<? extends ByteBuf> bytes) {
        return outbox != null
                ? outbox.send(bytes)
                : Mono.error(() -> new IllegalStateException(
                        this + " carries bytes from the peer only; send on one of openStream() or openUniStream()"));
    }

    @Override
    public void cancel(long code) {
        command(cancelCode, "cancel", code);
    }

    @Override
    public void reset(long code) {
        command(resetCode, "reset", code);
    }

    @Override
    public PeerStream priority(int urgency) {
        if (urgency < Urgency.MOST || urgency > Urgency.LEAST) {
            throw new IllegalArgumentException("the priority of a stream is " + urgency + ", it must be from "
                    + Urgency.MOST + ", the most urgent, to " + Urgency.LEAST);
        }
        priority = urgency;
        commands.raise();
        return this;
    }

    @Override
    public String toString() {
        return "stream " + id + " of " + streams.peer();
    }

    private void command(AtomicLong code, String name, long value) {
        if (value < 0 || value > MAX_CODE) {
            throw new IllegalArgumentException(name + " code " + value + ", it must be from 0 to " + MAX_CODE);
        }
        // The first counts, as at the peer. Without a loop all has ended already.
        if (code.compareAndSet(NONE, value)) {
            commands.raise();
        }
    }

    // On the event loop

    private void onCommands() {
        engine().setPriority(id, priority);
        long code = cancelCode.get();
        if (code != NONE && inbox != null) {
            inbox.cancelled(code);
        }
        code = resetCode.get();
        if (code != NONE && outbox != null) {
            outbox.reset(code, new CancellationException(this + " was reset by this side with code " + code));
        }
        markDue();
    }

    StreamSet engine() {
        return connection.streams();
    }

    int sendBufferSize() {
        return connection.sendBufferSize();
    }

    @Nullable
    RuntimeException enqueue(Runnable command) {
        return streams.peer().enqueue(command);
    }

    /** Has it drained in the pass that runs, or in the next one. */
    void markDue() {
        if (!queued) {
            queued = true;
            streams.addDue(this);
        }
    }

    void onReadable() {
        if (inbox != null) {
            inbox.onReadable();
            markDue();
        }
    }

    void onWritable() {
        if (outbox != null) {
            outbox.onWritable();
            drainOutbox(outbox);
        }
    }

    void onAcknowledged() {
        if (outbox != null) {
            outbox.onAcknowledged();
        }
    }

    void onReset() {
        if (inbox != null) {
            inbox.fail(StreamResetException.reset(id, engine().resetCode(id), connection.context()));
            markDue();
        }
    }

    void onStopped() {
        if (outbox != null) {
            outbox.fail(StreamResetException.stopped(id, engine().stopCode(id), connection.context()));
        }
    }

    /** In a pass: delivers what has arrived, and moves what is to be sent into the send buffer. */
    void drain(long nowNs) {
        queued = false;
        if (inbox != null) {
            inbox.drainIfDue(nowNs);
        }
        if (outbox != null) {
            drainOutbox(outbox);
        }
    }

    private void drainOutbox(StreamOutbox outbox) {
        if (outbox.drainIfDue()) {
            markDue();
        }
    }

    /** Nothing more is taken from its publisher. */
    void stopSending() {
        if (outbox != null) {
            outbox.stop();
        }
    }

    /** Whether the peer has all that was taken from a publisher. */
    boolean isSettled() {
        return outbox == null || outbox.isSettled();
    }

    /** Nothing will be sent any more. */
    void failSending(ConnectionEnd end) {
        if (outbox != null) {
            outbox.fail(end.pendingFailure());
        }
    }

    /** Nothing will arrive any more; what has arrived is still delivered. */
    void onEnd(ConnectionEnd end) {
        if (inbox != null) {
            inbox.onEnd(end);
            markDue();
        }
    }

    /** After the end: whether there are bytes that somebody may ask for. */
    boolean hasUnread() {
        return inbox != null && inbox.hasUnread();
    }
}
