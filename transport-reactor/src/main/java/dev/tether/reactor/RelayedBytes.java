package dev.tether.reactor;

import dev.tether.core.error.TransportException;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * What was received, on its way to a {@code send}, which has each buffer retained and uncopied. Nothing is kept here: what was
 * asked for is passed on, one for one, but no more than one at a time, and none as long as {@value #MAX_AHEAD} bytes wait for
 * room in the send buffer. So the bound is one of bytes, although demand counts buffers, which may be large after small ones.
 * For one subscriber; its signals and those of the source may come on two event loops.
 */
final class RelayedBytes extends Flux<ByteBuf> {

    /** How many bytes may wait for room in the send buffer before nothing more is asked for; one buffer may exceed it. */
    static final int MAX_AHEAD = 256 * 1024;

    private final Flux<ByteBuf> source;
    private final boolean cancelling;

    /** The source has come to its end by itself. */
    private volatile boolean ended;

    private RelayedBytes(Flux<ByteBuf> source, boolean cancelling) {
        this.source = source;
        this.cancelling = cancelling;
    }

    /**
     * The bytes of a stream. Who cancels this cancels the stream afterwards: the code is known only when the send has ended,
     * which cancels first.
     */
    static RelayedBytes of(PeerStream stream) {
        return new RelayedBytes(stream.receive(), false);
    }

    /**
     * The messages of a connection, complete with its end, whatever end that is: what it had received is then still sent,
     * where an error would drop it. What else fails remains an error.
     */
    static RelayedBytes of(PeerConnection connection) {
        return new RelayedBytes(connection.receive().onErrorComplete(TransportException.class), true);
    }

    /** Whether there is nothing left to cancel. */
    boolean hasEnded() {
        return ended;
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        Inner inner = new Inner(this, actual);
        if (actual instanceof SendSubscriber send) {
            inner.measured = true;
            send.onTaken(inner::onTaken);
        }
        source.subscribe(inner);
    }

    private static final class Inner implements CoreSubscriber<ByteBuf>, Subscription {

        private static final AtomicLongFieldUpdater<Inner> REQUESTED =
                AtomicLongFieldUpdater.newUpdater(Inner.class, "requested");
        private static final AtomicLongFieldUpdater<Inner> AHEAD =
                AtomicLongFieldUpdater.newUpdater(Inner.class, "ahead");
        private static final AtomicIntegerFieldUpdater<Inner> TURNS =
                AtomicIntegerFieldUpdater.newUpdater(Inner.class, "turns");

        private final RelayedBytes parent;
        private final CoreSubscriber<? super ByteBuf> actual;
        private @Nullable Subscription upstream;

        /** Whether it is told of what was taken: only the subscriber of a send tells. */
        private boolean measured;

        /** What was asked for, and not yet of the source. */
        private volatile long requested;

        /** The bytes that were given and not taken. */
        private volatile long ahead;

        /** Whether the source was asked for one that has not come. */
        private volatile boolean asked;

        private volatile boolean cancelled;

        /** Above 0 while a thread asks; it looks again when others have raised it meanwhile. */
        @SuppressWarnings("unused") // through TURNS
        private volatile int turns;

        private Inner(RelayedBytes parent, CoreSubscriber<? super ByteBuf> actual) {
            this.parent = parent;
            this.actual = actual;
        }

        @Override
        public Context currentContext() {
            return actual.currentContext();
        }

        // From the source

        @Override
        public void onSubscribe(Subscription subscription) {
            upstream = subscription;
            actual.onSubscribe(this);
        }

        @Override
        public void onNext(ByteBuf bytes) {
            if (cancelled) {
                return;
            }
            if (measured) {
                AHEAD.addAndGet(this, bytes.readableBytes());
            }
            asked = false;
            actual.onNext(bytes.retain());
            ask();
        }

        @Override
        public void onError(Throwable failure) {
            parent.ended = true;
            if (!cancelled) {
                actual.onError(failure);
            }
        }

        @Override
        public void onComplete() {
            parent.ended = true;
            if (!cancelled) {
                actual.onComplete();
            }
        }

        // From the send

        @Override
        public void request(long n) {
            if (Operators.validate(n)) {
                Operators.addCap(REQUESTED, this, n);
                ask();
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
            if (parent.cancelling && upstream != null) {
                upstream.cancel();
            }
        }

        private void onTaken(int bytes) {
            AHEAD.addAndGet(this, -bytes);
            ask();
        }

        /** Asks the source for one more, if that is wanted. It may give it at once, which comes back here. */
        private void ask() {
            if (TURNS.getAndIncrement(this) != 0) {
                return;
            }
            Subscription source = upstream;
            int seen = 1;
            do {
                if (source != null && !asked && !cancelled && requested > 0 && ahead < MAX_AHEAD) {
                    if (requested != Long.MAX_VALUE) {
                        REQUESTED.decrementAndGet(this);
                    }
                    asked = true;
                    source.request(1);
                }
                seen = TURNS.addAndGet(this, -seen);
            } while (seen != 0);
        }
    }
}
