package dev.tether.reactor;

import dev.tether.core.error.TransportException;
import io.netty.buffer.ByteBuf;
import io.netty.util.IllegalReferenceCountException;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.publisher.Operators;
import reactor.util.concurrent.Queues;
import reactor.util.context.Context;

/**
 * One {@code send}: subscribes to the application's messages with a demand that follows the send buffer, and hands them
 * over to the event loop. Signals of the publisher may come on any thread, one at a time; all else is the loop's.
 *
 * <p>A loop that is gone refuses its threads while it is in its last run, so that then all of them may come to end this at
 * once: one of them signals the end, and one at a time takes from the queue.
 */
final class SendSubscriber implements CoreSubscriber<ByteBuf>, Subscription, MessageSource {

    /** The most messages that are asked for ahead, however small they are. */
    static final int MAX_DEMAND = 256;

    private static final AtomicReferenceFieldUpdater<SendSubscriber, @Nullable Subscription> UPSTREAM =
            AtomicReferenceFieldUpdater.newUpdater(SendSubscriber.class, Subscription.class, "upstream");

    private static final AtomicIntegerFieldUpdater<SendSubscriber> ENDED =
            AtomicIntegerFieldUpdater.newUpdater(SendSubscriber.class, "ended");

    private static final AtomicIntegerFieldUpdater<SendSubscriber> CONSUMERS =
            AtomicIntegerFieldUpdater.newUpdater(SendSubscriber.class, "consumers");

    private final CoreSubscriber<? super Void> actual;
    private final NodeLoop loop;
    private final Consumer<? super SendSubscriber> onReady;
    private final Queue<ByteBuf> queue;
    private final int maxDemand;
    private final LoopSignal signal;

    @SuppressWarnings("unused") // through UPSTREAM
    private volatile @Nullable Subscription upstream;

    private volatile @Nullable Throwable error;
    private volatile boolean done;
    private volatile boolean stopped;
    private volatile boolean cancelled;

    /** Whether the subscriber was told of the end, or needs not be. */
    @SuppressWarnings("unused") // through ENDED
    private volatile int ended;

    /** How many are at the queue to take from it; all but the first leave it to that one. */
    @SuppressWarnings("unused") // through CONSUMERS
    private volatile int consumers;

    // Of the event loop
    private boolean inReady;
    private int outstanding;
    private int unrequested;
    private long endOffset;
    private long polled;

    /** Whether the publisher has given a buffer that was released already. */
    private boolean broken;

    /** Of a send that may have several elements. */
    private @Nullable ElementEnds ends;

    private int averageSize;
    private int demand;
    private IntConsumer takenListener = size -> {};

    /**
     * A send that has not begun.
     *
     * @param onReady is called on the event loop when there may be messages, or the end
     * @param maxDemand the most messages that are asked for ahead, 1 for a publisher of one, up to {@link #MAX_DEMAND}
     */
    SendSubscriber(
            CoreSubscriber<? super Void> actual,
            NodeLoop loop,
            Consumer<? super SendSubscriber> onReady,
            int maxDemand) {
        this.actual = actual;
        this.loop = loop;
        this.onReady = onReady;
        this.signal = new LoopSignal(loop::execute, this::onWake);
        this.queue = Queues.<ByteBuf>get(maxDemand).get();
        this.maxDemand = maxDemand;
    }

    // From the publisher

    /** Has the size of each message that the send buffer has taken whole told to its publisher. Before {@code onSubscribe}. */
    void onTaken(IntConsumer listener) {
        takenListener = listener;
    }

    @Override
    public Context currentContext() {
        return actual.currentContext();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        if (Operators.setOnce(UPSTREAM, this, subscription)) {
            wake();
        }
    }

    @Override
    public void onNext(ByteBuf message) {
        Objects.requireNonNull(message, "message");
        if (done || stopped) {
            giveBack(message);
            return;
        }
        if (!queue.offer(message)) {
            giveBack(message);
            Operators.terminate(UPSTREAM, this);
            onError(Exceptions.failWithOverflow("the publisher of messages gives more than was asked for"));
            return;
        }
        wake();
    }

    @Override
    public void onError(Throwable failure) {
        Objects.requireNonNull(failure, "failure");
        if (done) {
            Operators.onErrorDropped(failure, currentContext());
            return;
        }
        error = failure;
        done = true;
        wake();
    }

    /** What came between a stop and the completion was not taken, so that the completion is no longer that of all. */
    @Override
    public void onComplete() {
        if (!stopped) {
            done = true;
            wake();
        }
    }

    // From the subscriber of the send

    /** The only signal is the end: there is nothing to ask for. */
    @Override
    public void request(long n) {
        Operators.validate(n);
    }

    @Override
    public void cancel() {
        cancelled = true;
        Operators.terminate(UPSTREAM, this);
        done = true;
        wake();
    }

    // On the event loop

    private void wake() {
        if (!signal.raise()) {
            discard();
            fail(loop.closedFailure());
        }
    }

    private void onWake() {
        requestUnrequested();
        onReady.accept(this);
    }

    @Override
    public long endOffset() {
        return endOffset;
    }

    /** Whether nobody waits for the end any more, and nothing more is taken from the publisher. */
    boolean isCancelled() {
        return cancelled;
    }

    @Override
    public @Nullable Throwable error() {
        return error;
    }

    @Override
    public boolean enterReady() {
        boolean entered = !inReady;
        inReady = true;
        return entered;
    }

    /** Returns whether there will be no further message; the end is looked at first, as the last message precedes it. */
    @Override
    public boolean leaveReady() {
        inReady = false;
        return done && queue.isEmpty();
    }

    @Override
    public @Nullable ByteBuf poll() {
        if (CONSUMERS.getAndIncrement(this) != 0) {
            return null;
        }
        ByteBuf message = queue.poll();
        leaveQueue();
        if (message == null) {
            return null;
        }
        if (message.refCnt() == 0 && !broken) {
            onReleasedByOthers();
        }
        if (broken) {
            giveBack(message);
            discard();
            return null;
        }
        polled++;
        return message;
    }

    /** A mistake of the application, which ends this send and nothing else; what came before is still sent. */
    private void onReleasedByOthers() {
        broken = true;
        Operators.terminate(UPSTREAM, this);
        error = new IllegalReferenceCountException("the buffer number " + polled
                + " of a send, counted from 0, was released before it was sent; the transport releases each that it is given:"
                + " retain() what others release, too");
        done = true;
    }

    @Override
    public long linkId() {
        return 0;
    }

    @Override
    public long number() {
        return 0;
    }

    @Override
    public void onTaken(int size, long endOffset, long acknowledged) {
        this.endOffset = endOffset;
        if (maxDemand > 1) {
            if (ends == null) {
                ends = new ElementEnds();
            }
            ends.acknowledge(acknowledged);
            ends.add(endOffset);
        }
        onTaken(size);
    }

    /** The element that was polled last is taken. */
    void onTaken(int size) {
        averageSize = Math.max(size, (7 * averageSize + size) / 8);
        outstanding--;
        takenListener.accept(size);
    }

    /**
     * Asks for as many messages of the size seen so far as a send buffer holds, but for no more than twice as many as
     * before, as the next ones may be larger.
     */
    @Override
    public void requestMore(int sendBufferSize) {
        int fitting = Math.max(1, Math.min(maxDemand, sendBufferSize / Math.max(1, averageSize)));
        int target = Math.min(fitting, Math.max(1, 2 * demand));
        if (outstanding <= target / 2 && !done && !stopped) {
            demand = target;
            unrequested += target - outstanding;
            outstanding = target;
            requestUnrequested();
        }
    }

    private void requestUnrequested() {
        Subscription subscription = upstream;
        if (subscription != null && unrequested > 0) {
            int n = unrequested;
            unrequested = 0;
            subscription.request(n);
        }
    }

    /** Takes nothing more from the publisher, unless that has ended already; what was taken is still sent. */
    @Override
    public void stop() {
        if (!done) {
            stopped = true;
            Operators.terminate(UPSTREAM, this);
        }
    }

    /** Whether the publisher has given nothing that the outbox has not seen: no message, and no end. */
    @Override
    public boolean isIdle() {
        return !done && queue.isEmpty();
    }

    @Override
    public void complete() {
        if (ENDED.getAndSet(this, 1) == 0 && !cancelled) {
            actual.onComplete();
        }
    }

    @Override
    public void fail(TransportException failure, long acknowledged) {
        fail(failure.ofSend(ends == null ? 0 : ends.acknowledge(acknowledged)));
    }

    @Override
    public void fail(Throwable failure) {
        if (ENDED.getAndSet(this, 1) != 0) {
            return;
        }
        done = true;
        Operators.terminate(UPSTREAM, this);
        discard();
        if (!cancelled) {
            actual.onError(failure);
        }
    }

    /** Releases what is queued; nothing of it will be sent. */
    @Override
    public void discard() {
        if (CONSUMERS.getAndIncrement(this) == 0) {
            releaseQueued();
            leaveQueue();
        }
    }

    /** Whoever else came to take from the queue meanwhile came to discard it, or finds it discarded. */
    private void leaveQueue() {
        for (int others = CONSUMERS.decrementAndGet(this); others != 0; others = CONSUMERS.addAndGet(this, -others)) {
            releaseQueued();
        }
    }

    private void releaseQueued() {
        for (ByteBuf message = queue.poll(); message != null; message = queue.poll()) {
            giveBack(message);
        }
    }

    /** Releases a buffer that will not be sent, unless the application has done so by mistake: others wait for theirs. */
    private static void giveBack(ByteBuf message) {
        if (message.refCnt() > 0) {
            message.release();
        }
    }
}
