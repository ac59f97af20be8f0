package dev.tether.reactor;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/**
 * The accepted connections that wait for the application, a limited number, as a flux for one subscriber at a time. A
 * connection leaves the queue for a subscriber that has asked for it, so that one who cancels leaves the rest to the next.
 * Subscriptions come on any thread; everything else is the event loop's.
 */
final class AcceptedQueue extends Flux<PeerConnection> {

    private final int capacity;

    /** Runs a task on the event loop; false if that is gone. */
    private final Predicate<Runnable> loop;

    private final ArrayDeque<PeerConnection> waiting = new ArrayDeque<>(0);
    private final AtomicReference<@Nullable Inner> current = new AtomicReference<>();
    private boolean draining;
    private volatile boolean closed;
    private volatile @Nullable Throwable failure;

    AcceptedQueue(int capacity, Predicate<Runnable> loop) {
        this.capacity = capacity;
        this.loop = loop;
    }

    @Override
    public void subscribe(CoreSubscriber<? super PeerConnection> actual) {
        Inner inner = new Inner(actual);
        if (current.compareAndSet(null, inner)) {
            actual.onSubscribe(inner);
            inner.start();
        } else {
            Operators.error(
                    actual,
                    new IllegalStateException("connections() has a subscriber already, and allows one at a time"));
        }
    }

    boolean hasSubscriber() {
        return current.get() != null;
    }

    int room() {
        return capacity - waiting.size();
    }

    /** Takes a connection in; false if there is no room. */
    boolean offer(PeerConnection connection) {
        if (waiting.size() >= capacity) {
            return false;
        }
        waiting.add(connection);
        drain();
        return true;
    }

    /** There will be no more; the flux ends behind those that wait. */
    void close(@Nullable Throwable failure) {
        this.failure = failure;
        closed = true;
        drain();
    }

    private void drain() {
        if (draining) {
            return;
        }
        draining = true;
        try {
            while (deliverNext()) {}
        } finally {
            draining = false;
        }
    }

    /** Returns whether there may be another one to deliver, to this or to another subscriber. */
    private boolean deliverNext() {
        Inner inner = current.get();
        if (inner == null || !inner.started) {
            return false;
        }
        if (waiting.isEmpty()) {
            if (closed) {
                inner.terminate();
            }
            return false;
        }
        if (inner.requested == 0) {
            return false;
        }
        Operators.produced(Inner.REQUESTED, inner, 1);
        inner.actual.onNext(waiting.remove());
        return true;
    }

    private final class Inner implements Subscription {

        private static final AtomicLongFieldUpdater<Inner> REQUESTED =
                AtomicLongFieldUpdater.newUpdater(Inner.class, "requested");

        private final CoreSubscriber<? super PeerConnection> actual;
        private final Runnable drainTask = AcceptedQueue.this::drain;
        private volatile long requested;
        private volatile boolean started;

        Inner(CoreSubscriber<? super PeerConnection> actual) {
            this.actual = actual;
        }

        @Override
        public void request(long n) {
            if (Operators.validate(n)) {
                Operators.addCap(REQUESTED, this, n);
                wake();
            }
        }

        @Override
        public void cancel() {
            current.compareAndSet(this, null);
        }

        /** From now on it may be signalled: {@code onSubscribe} has returned. */
        private void start() {
            started = true;
            wake();
        }

        private void wake() {
            if (!loop.test(drainTask)) {
                terminate();
            }
        }

        private void terminate() {
            if (!current.compareAndSet(this, null)) {
                return;
            }
            Throwable cause = failure;
            if (cause == null) {
                actual.onComplete();
            } else {
                actual.onError(cause);
            }
        }
    }
}
