package dev.tether.reactor;

import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/**
 * The ends of connections as a hot flux. A subscriber without demand misses the event, which is counted; nothing is kept
 * for it. Events come from the event loop; subscriptions, demand and cancellations from any thread.
 */
final class EndedConnections extends Flux<EndedConnection> {

    private final Incidents incidents;
    private final CopyOnWriteArrayList<Inner> subscribers = new CopyOnWriteArrayList<>();
    private volatile boolean completed;

    EndedConnections(Incidents incidents) {
        this.incidents = incidents;
    }

    @Override
    public void subscribe(CoreSubscriber<? super EndedConnection> actual) {
        Inner inner = new Inner(actual);
        actual.onSubscribe(inner);
        subscribers.add(inner);
        if (completed) {
            inner.complete();
        }
    }

    void emit(EndedConnection event) {
        for (Inner inner : subscribers) {
            inner.next(event);
        }
    }

    /** There will be no further one. */
    void complete() {
        completed = true;
        for (Inner inner : subscribers) {
            inner.complete();
        }
    }

    private final class Inner implements Subscription {

        private static final AtomicLongFieldUpdater<Inner> REQUESTED =
                AtomicLongFieldUpdater.newUpdater(Inner.class, "requested");

        private final CoreSubscriber<? super EndedConnection> actual;
        private volatile long requested;

        Inner(CoreSubscriber<? super EndedConnection> actual) {
            this.actual = actual;
        }

        @Override
        public void request(long n) {
            if (Operators.validate(n)) {
                Operators.addCap(REQUESTED, this, n);
            }
        }

        @Override
        public void cancel() {
            subscribers.remove(this);
        }

        private void next(EndedConnection event) {
            if (requested == 0) {
                incidents.onEndedEventLost();
                return;
            }
            Operators.produced(REQUESTED, this, 1);
            try {
                actual.onNext(event);
            } catch (Throwable thrown) {
                // It counts as cancelled, Reactive Streams §2.13, and disturbs nobody else.
                cancel();
                Operators.onErrorDropped(thrown, actual.currentContext());
            }
        }

        /** Once: whoever takes it out of the list. */
        private void complete() {
            if (!subscribers.remove(this)) {
                return;
            }
            try {
                actual.onComplete();
            } catch (Throwable thrown) {
                Operators.onErrorDropped(thrown, actual.currentContext());
            }
        }
    }
}
