package dev.tether.reactor.simulation.swarm;

import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/**
 * The publisher of what an application sends: gives buffers as they are asked for, pauses, waits for the calm phase, fails;
 * and knows which of its buffers were not released. For one subscriber.
 */
abstract class Source extends Flux<ByteBuf> implements Subscription {

    private final BiConsumer<Runnable, Duration> later;
    private final Duration pause;
    private final @Nullable Throwable failure;
    private final List<ByteBuf> held = new ArrayList<>();
    private @Nullable CoreSubscriber<? super ByteBuf> actual;
    private boolean waits;
    private long requested;
    private boolean emitting;
    private boolean pausing;
    private boolean over;
    private boolean completed;
    private boolean failed;

    /**
     * A publisher that nobody has subscribed to.
     *
     * @param later runs something after a while
     * @param pause after each buffer
     * @param failure what it fails with after its last buffer; null if it completes
     * @param waits whether {@link #hasBuffer} is to be asked again in the calm phase
     */
    Source(BiConsumer<Runnable, Duration> later, Duration pause, @Nullable Throwable failure, boolean waits) {
        this.later = later;
        this.pause = pause;
        this.failure = failure;
        this.waits = waits;
    }

    /** Whether there is a further buffer for now. */
    abstract boolean hasBuffer();

    /** The next buffer, if there is one. */
    abstract ByteBuf nextBuffer();

    /** Whether it waits for the calm phase. */
    final boolean waits() {
        return waits;
    }

    /** The calm phase has begun. */
    final void hasten() {
        waits = false;
        emit();
    }

    final boolean hasCompleted() {
        return completed;
    }

    final boolean hasFailed() {
        return failed;
    }

    final @Nullable Throwable failure() {
        return failure;
    }

    /** Whether a buffer was not released. */
    final boolean holdsBuffers() {
        forgetReleased();
        return !held.isEmpty();
    }

    @Override
    public final void subscribe(CoreSubscriber<? super ByteBuf> subscriber) {
        if (actual != null) {
            Operators.error(subscriber, new AssertionError("this publisher has a subscriber already"));
            return;
        }
        actual = subscriber;
        subscriber.onSubscribe(this);
        emit();
    }

    @Override
    public final void request(long n) {
        requested = Operators.addCap(requested, n);
        emit();
    }

    @Override
    public final void cancel() {
        over = true;
    }

    private void emit() {
        CoreSubscriber<? super ByteBuf> subscriber = actual;
        if (emitting || subscriber == null) {
            return;
        }
        emitting = true;
        while (!over && !pausing) {
            if (!hasBuffer()) {
                end(subscriber);
                break;
            }
            if (requested == 0) {
                break;
            }
            requested--;
            give(subscriber);
        }
        emitting = false;
    }

    private void end(CoreSubscriber<? super ByteBuf> subscriber) {
        if (failure != null) {
            over = true;
            failed = true;
            subscriber.onError(failure);
        } else if (!waits) {
            over = true;
            completed = true;
            subscriber.onComplete();
        }
    }

    private void give(CoreSubscriber<? super ByteBuf> subscriber) {
        forgetReleased();
        ByteBuf next = nextBuffer();
        held.add(next);
        if (!pause.isZero()) {
            pausing = true;
            later.accept(this::goOn, pause);
        }
        subscriber.onNext(next);
    }

    private void goOn() {
        pausing = false;
        emit();
    }

    private void forgetReleased() {
        held.removeIf(buffer -> buffer.refCnt() == 0);
    }
}
