package dev.tether.reactor;

import dev.tether.core.connection.Connection;
import dev.tether.core.connection.ConnectionEnd;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/**
 * The received messages of a connection as a flux. A message is taken from the engine only when the subscriber has asked
 * for it, as that is what gives the peer credit for more; so nothing is buffered here.
 */
final class MessageInbox extends Flux<ByteBuf> {

    private final ConnectionDriver driver;
    private final ReactorNode node;
    private final Connection connection;
    private final AtomicReference<@Nullable Inner> current = new AtomicReference<>();
    private boolean due;
    private @Nullable ConnectionEnd end;

    /** After the end: there is nothing more. */
    private boolean released;

    MessageInbox(ConnectionDriver driver, ReactorNode node, Connection connection) {
        this.driver = driver;
        this.node = node;
        this.connection = connection;
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        Inner inner = new Inner(actual);
        if (current.compareAndSet(null, inner)) {
            actual.onSubscribe(inner);
            inner.start();
        } else {
            Operators.error(
                    actual, new IllegalStateException("receive() has a subscriber already, and allows one at a time"));
        }
    }

    boolean isDue() {
        return due;
    }

    /** There may be messages, or demand for them. */
    void markDue() {
        due = true;
    }

    void onEnd(ConnectionEnd end, long nowNs) {
        this.end = end;
        due = true;
        isExhausted(nowNs);
    }

    /** Delivers what has arrived, as far as it was asked for; and after the last message, the end. */
    void drainIfDue(long nowNs) {
        if (!due) {
            return;
        }
        due = false;
        Inner inner = current.get();
        if (inner != null) {
            inner.drain(nowNs);
        }
    }

    /** Whether the connection has ended, and all its messages were taken. */
    boolean isExhausted() {
        return end != null && isExhausted(node.nowNs());
    }

    /** After the end: nobody will ask for what was not taken. */
    void discard() {
        if (!released) {
            released = true;
            connection.release();
        }
    }

    /** After the end: gives back what was not taken, unless a subscriber is about to; returns whether it did. */
    boolean discardUnread() {
        if (current.get() != null) {
            return false;
        }
        discard();
        return true;
    }

    private @Nullable ByteBuf next(long nowNs) {
        return released ? null : connection.pollMessage(nowNs);
    }

    /** After the end: whether all was delivered; then what the connection still holds is given back. */
    private boolean isExhausted(long nowNs) {
        if (!released && !connection.hasMessage(nowNs)) {
            released = true;
            connection.release();
        }
        return released;
    }

    private final class Inner implements Subscription {

        private static final AtomicLongFieldUpdater<Inner> REQUESTED =
                AtomicLongFieldUpdater.newUpdater(Inner.class, "requested");

        private final CoreSubscriber<? super ByteBuf> actual;
        private final Runnable drainTask = this::drainInPass;
        private volatile long requested;
        private volatile boolean started;
        private volatile boolean cancelled;

        Inner(CoreSubscriber<? super ByteBuf> actual) {
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
            cancelled = true;
            current.compareAndSet(this, null);
        }

        /** From now on it may be signalled: {@code onSubscribe} has returned. */
        void start() {
            started = true;
            wake();
        }

        private void wake() {
            if (!node.execute(drainTask)) {
                terminate(node.closedFailure());
            }
        }

        private void drainInPass() {
            due = true;
            driver.markDirty();
        }

        void drain(long nowNs) {
            if (!started) {
                return;
            }
            long delivered = 0;
            while (!cancelled && delivered < requested) {
                ByteBuf message = next(nowNs);
                if (message == null) {
                    break;
                }
                delivered++;
                try {
                    actual.onNext(message);
                } catch (Throwable thrown) {
                    // Its subscription counts as cancelled, Reactive Streams §2.13; yet it learns what it has done.
                    terminate(driver.onThrown(thrown));
                    return;
                } finally {
                    message.release();
                }
            }
            if (delivered > 0 && requested != Long.MAX_VALUE) {
                REQUESTED.addAndGet(this, -delivered);
            }
            if (end != null && !cancelled && isExhausted(nowNs)) {
                terminate(end.isOrderly() ? null : end.pendingFailure());
            }
        }

        private void terminate(@Nullable Throwable failure) {
            if (!current.compareAndSet(this, null)) {
                return;
            }
            if (failure == null) {
                actual.onComplete();
            } else {
                actual.onError(failure);
            }
        }
    }
}
