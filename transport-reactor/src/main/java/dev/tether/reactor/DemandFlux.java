package dev.tether.reactor;

import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/**
 * Something that a connection receives, as a flux for one subscriber at a time. An element is taken from the engine only when
 * the subscriber has asked for it, as that is what gives the peer credit for more; so nothing is buffered here. Subscribing,
 * requesting and cancelling come from any thread; all else runs on the event loop.
 */
abstract class DemandFlux<T> extends Flux<T> {

    private final ConnectionDriver driver;
    private final ReactorNode node;
    private final String name;
    private final AtomicReference<@Nullable Inner<T>> current = new AtomicReference<>();
    private boolean due;

    /** @param name of the method by which the application gets it, for the error that a second subscriber gets */
    DemandFlux(ConnectionDriver driver, ReactorNode node, String name) {
        this.driver = driver;
        this.node = node;
        this.name = name;
    }

    /** Takes the next element; null for none now. */
    abstract @Nullable T next(long nowNs);

    /** Whether there will be no further element, and {@link #next} has given all. */
    abstract boolean isOver(long nowNs);

    /** Why there will be no further element; null after an orderly end. */
    abstract @Nullable Throwable failure();

    /** The subscriber's {@code onNext} has returned, or thrown. */
    void onDelivered(T element) {}

    /** The subscriber has cancelled, on any thread, or thrown. */
    void onCancelled() {}

    /** The subscriber asks for more, or for the first time: has it drained in the next pass, or the one that runs. */
    void onDemand() {
        due = true;
        driver.markDirty();
    }

    /** In a pass: an element or the end may be there. */
    final void markDue() {
        due = true;
    }

    @Override
    public final void subscribe(CoreSubscriber<? super T> actual) {
        Inner<T> inner = new Inner<>(this, actual);
        if (current.compareAndSet(null, inner)) {
            actual.onSubscribe(inner);
            inner.start();
        } else {
            Operators.error(
                    actual, new IllegalStateException(name + " has a subscriber already, and allows one at a time"));
        }
    }

    final boolean hasSubscriber() {
        return current.get() != null;
    }

    final boolean isDue() {
        return due;
    }

    /** Delivers what is there, as far as it was asked for; and after the last element, the end. */
    final void drainIfDue(long nowNs) {
        if (!due) {
            return;
        }
        due = false;
        Inner<T> inner = current.get();
        if (inner != null) {
            inner.drain(nowNs);
        }
    }

    private static final class Inner<T> implements Subscription {

        @SuppressWarnings("rawtypes")
        private static final AtomicLongFieldUpdater<Inner> REQUESTED =
                AtomicLongFieldUpdater.newUpdater(Inner.class, "requested");

        private final DemandFlux<T> flux;
        private final CoreSubscriber<? super T> actual;
        private final LoopSignal demand;
        private volatile long requested;
        private volatile boolean started;
        private volatile boolean cancelled;

        Inner(DemandFlux<T> flux, CoreSubscriber<? super T> actual) {
            this.flux = flux;
            this.actual = actual;
            this.demand = new LoopSignal(flux.node::execute, flux::onDemand);
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
            cancelled = true;
            if (leave()) {
                flux.onCancelled();
            }
        }

        /** From now on it may be signalled: {@code onSubscribe} has returned. */
        void start() {
            started = true;
            wake();
        }

        private void wake() {
            if (!demand.raise()) {
                terminate(flux.node.closedFailure());
            }
        }

        void drain(long nowNs) {
            if (!started) {
                return;
            }
            long delivered = 0;
            while (!cancelled && delivered < requested) {
                T element = flux.next(nowNs);
                if (element == null) {
                    break;
                }
                delivered++;
                try {
                    actual.onNext(element);
                } catch (Throwable thrown) {
                    // Its subscription counts as cancelled, Reactive Streams §2.13; yet it learns what it has done.
                    Throwable failure = flux.driver.onThrown(thrown);
                    if (leave()) {
                        flux.onCancelled();
                        actual.onError(failure);
                    }
                    return;
                } finally {
                    flux.onDelivered(element);
                }
            }
            if (delivered > 0 && requested != Long.MAX_VALUE) {
                REQUESTED.addAndGet(this, -delivered);
            }
            if (!cancelled && flux.isOver(nowNs)) {
                terminate(flux.failure());
            }
        }

        private void terminate(@Nullable Throwable failure) {
            if (!leave()) {
                return;
            }
            if (failure == null) {
                actual.onComplete();
            } else {
                actual.onError(failure);
            }
        }

        /** It will get no further signal but the end; false if it has left before. */
        private boolean leave() {
            return flux.current.compareAndSet(this, null);
        }
    }
}
