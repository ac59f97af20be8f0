package dev.tether.reactor;

import dev.tether.core.error.StreamResetException;
import dev.tether.core.error.TransportException;
import dev.tether.core.stream.StreamSet;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/**
 * The sending direction of a stream: takes bytes from the publisher of its one {@code send} as the send buffer has room, and
 * completes that when the peer has acknowledged all. Everything but the subscription runs on the event loop.
 */
final class StreamOutbox {

    /** How many buffers of a stream are taken before it is the next one's turn. */
    private static final int BUFFERS_PER_TURN = 64;

    private final ReactivePeerStream stream;
    private final ReactorNode node;
    private final AtomicBoolean sent = new AtomicBoolean();
    private @Nullable SendSubscriber send;

    /** The buffer of which a part is in the send buffer, and how large it was. */
    private @Nullable ByteBuf partial;

    private int partialSize;

    private boolean blocked;
    private boolean due;
    private boolean stopped;

    /** All that the publisher gave is in the send buffer, and the end. */
    private boolean finished;

    private boolean delivered;
    private @Nullable Throwable failure;

    StreamOutbox(ReactivePeerStream stream, ReactorNode node) {
        this.stream = stream;
        this.node = node;
    }

    /** On any thread. */
    Mono<Void> send(Publisher<? extends ByteBuf> bytes) {
        Mono<Void> send = new SendMono(bytes, node, this::enqueue, this::onReady, SendSubscriber.MAX_DEMAND);
        return Mono.defer(() -> sent.compareAndSet(false, true)
                ? send
                : Mono.error(new IllegalStateException(
                        stream + " is sent already; join what is to be sent on it with Flux.concat")));
    }

    private @Nullable RuntimeException enqueue(SendSubscriber subscriber) {
        RuntimeException refusal = stream.enqueue(() -> begin(subscriber));
        if (refusal != null) {
            stream.reset(PeerStream.FAILED);
        }
        return refusal;
    }

    private void begin(SendSubscriber subscriber) {
        send = subscriber;
        if (failure instanceof TransportException cause) {
            subscriber.fail(cause, 0);
            return;
        }
        if (failure != null) {
            subscriber.fail(failure);
            return;
        }
        if (stopped) {
            subscriber.stop();
        }
        subscriber.requestMore(stream.sendBufferSize());
        onReady(subscriber);
    }

    /** The publisher has given something, or has ended. */
    private void onReady(SendSubscriber subscriber) {
        if (failure != null) {
            subscriber.discard();
        } else {
            due = true;
            stream.markDue();
        }
    }

    void onWritable() {
        blocked = false;
        due = true;
    }

    /** The peer has acknowledged more. */
    void onAcknowledged() {
        if (failure == null && stream.engine().isDelivered(stream.id())) {
            delivered = true;
            if (send != null) {
                send.complete();
            }
        }
    }

    /** Moves bytes into the send buffer; returns whether it wants another turn. */
    boolean drainIfDue() {
        SendSubscriber from = send;
        if (!due || from == null || failure != null || finished) {
            return false;
        }
        due = false;
        if (from.isCancelled()) {
            onCancelled();
        }
        for (int i = 0; i < BUFFERS_PER_TURN; i++) {
            if (blocked || failure != null || !take(from)) {
                return false;
            }
        }
        due = true;
        return true;
    }

    /** Moves one buffer; false if that is not possible now. */
    private boolean take(SendSubscriber from) {
        ByteBuf bytes = partial;
        if (bytes == null) {
            bytes = from.poll();
            if (bytes == null) {
                if (from.leaveReady()) {
                    onPublisherEnded(from);
                }
                return false;
            }
            partial = bytes;
            partialSize = bytes.readableBytes();
        }
        StreamSet engine = stream.engine();
        engine.write(stream.id(), bytes, bytes.readableBytes());
        if (bytes.isReadable()) {
            blocked = true;
            return false;
        }
        partial = null;
        bytes.release();
        from.onTaken(partialSize, engine.writtenOffset(stream.id()), engine.ackedOffset(stream.id()));
        from.requestMore(stream.sendBufferSize());
        return true;
    }

    private void onPublisherEnded(SendSubscriber from) {
        Throwable error = from.error();
        if (from.isCancelled()) {
            onCancelled();
        } else if (error == null) {
            finished = true;
            stream.engine().finish(stream.id());
        } else {
            // With the publisher's own error, also where it is one of a connection.
            from.fail(error);
            reset(error instanceof StreamResetException reset ? reset.code() : PeerStream.FAILED, error);
        }
    }

    private void onCancelled() {
        reset(PeerStream.CANCELLED, new CancellationException("the send on " + stream + " was cancelled"));
    }

    /** Abandons what the peer does not have. */
    void reset(long code, Throwable failure) {
        if (this.failure == null && !delivered) {
            stream.engine().reset(stream.id(), code);
            fail(failure);
        }
    }

    /** Nothing will be sent any more. */
    void fail(Throwable failure) {
        if (this.failure != null || delivered) {
            return;
        }
        this.failure = failure;
        if (partial != null) {
            partial.release();
            partial = null;
        }
        if (send != null && failure instanceof TransportException cause) {
            send.fail(cause, stream.engine().ackedOffset(stream.id()));
        } else if (send != null) {
            send.fail(failure);
        }
    }

    /** Takes nothing more from the publisher, unless that has ended already; what was taken is still sent. */
    void stop() {
        stopped = true;
        if (send != null) {
            send.stop();
        }
    }

    /** Whether the peer has all that was taken from the publisher. */
    boolean isSettled() {
        StreamSet engine = stream.engine();
        return send == null
                || delivered
                || failure != null
                || partial == null
                        && send.isIdle()
                        && engine.ackedOffset(stream.id()) >= engine.writtenOffset(stream.id());
    }
}
