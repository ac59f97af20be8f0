package dev.tether.reactor.socket;

import io.netty.channel.EventLoop;
import java.time.Instant;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.Exceptions;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * One Netty event loop as a Reactor {@link Scheduler}: tasks without a delay run on the loop in the order they came,
 * also those of different workers.
 *
 * <p>{@link #now} is the system's monotonic clock moved onto the Unix epoch, once for the process: it has nanosecond
 * resolution, never goes back, and does not follow later corrections of the wall clock.
 *
 * <p>Disposing stops this scheduler, not the loop, which it does not own: further tasks are rejected, and waiting ones
 * do not run any more. The end of the loop rejects tasks too.
 */
public final class EventLoopScheduler implements Scheduler {

    private static final long EPOCH_OFFSET_NS = epochNowNs() - System.nanoTime();

    private final EventLoop loop;
    private volatile boolean disposed;

    public EventLoopScheduler(EventLoop loop) {
        this.loop = loop;
    }

    /** The time of every such scheduler: nanoseconds since the Unix epoch, monotonic. */
    public static long nowNs() {
        return EPOCH_OFFSET_NS + System.nanoTime();
    }

    @Override
    public long now(TimeUnit unit) {
        return unit.convert(nowNs(), TimeUnit.NANOSECONDS);
    }

    @Override
    public Disposable schedule(Runnable task) {
        return submit(new EventLoopTask(this, null, Schedulers.onSchedule(task), false), 0, TimeUnit.NANOSECONDS);
    }

    @Override
    public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
        return submit(new EventLoopTask(this, null, Schedulers.onSchedule(task), false), delay, unit);
    }

    @Override
    public Disposable schedulePeriodically(Runnable task, long initialDelay, long period, TimeUnit unit) {
        EventLoopTask repeated = new EventLoopTask(this, null, Schedulers.onSchedule(task), true);
        return submitPeriodic(repeated, initialDelay, period, unit);
    }

    @Override
    public Worker createWorker() {
        return new EventLoopWorker();
    }

    @Override
    public void dispose() {
        disposed = true;
    }

    @Override
    public boolean isDisposed() {
        return disposed || loop.isShuttingDown();
    }

    @Override
    public String toString() {
        return "EventLoopScheduler{" + loop + '}';
    }

    boolean isStopped() {
        return disposed;
    }

    private EventLoopTask submit(EventLoopTask task, long delay, TimeUnit unit) {
        rejectIfDisposed();
        try {
            if (delay <= 0) {
                loop.execute(task);
            } else {
                task.timer(loop.schedule(task, delay, unit));
            }
            return task;
        } catch (RejectedExecutionException loopEnded) {
            throw Exceptions.failWithRejected(loopEnded);
        }
    }

    private EventLoopTask submitPeriodic(EventLoopTask task, long initialDelay, long period, TimeUnit unit) {
        rejectIfDisposed();
        try {
            // Netty knows no period of zero: "again at once" is a delay of the least time there is.
            task.timer(
                    period > 0
                            ? loop.scheduleAtFixedRate(task, Math.max(0, initialDelay), period, unit)
                            : loop.scheduleWithFixedDelay(
                                    task, unit.toNanos(Math.max(0, initialDelay)), 1, TimeUnit.NANOSECONDS));
            return task;
        } catch (RejectedExecutionException loopEnded) {
            throw Exceptions.failWithRejected(loopEnded);
        }
    }

    private void rejectIfDisposed() {
        if (disposed) {
            throw Exceptions.failWithRejected();
        }
    }

    private static long epochNowNs() {
        Instant now = Instant.now();
        return Math.addExact(Math.multiplyExact(now.getEpochSecond(), 1_000_000_000L), now.getNano());
    }

    /** Keeps the tasks it has outstanding, to cancel them with it. */
    private final class EventLoopWorker implements Worker {

        private final Disposable.Composite tasks = Disposables.composite();

        @Override
        public Disposable schedule(Runnable task) {
            return schedule(task, 0, TimeUnit.NANOSECONDS);
        }

        @Override
        public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
            EventLoopTask once = accept(task, false);
            try {
                return submit(once, delay, unit);
            } catch (RejectedExecutionException rejected) {
                once.dispose();
                throw rejected;
            }
        }

        @Override
        public Disposable schedulePeriodically(Runnable task, long initialDelay, long period, TimeUnit unit) {
            EventLoopTask repeated = accept(task, true);
            try {
                return submitPeriodic(repeated, initialDelay, period, unit);
            } catch (RejectedExecutionException rejected) {
                repeated.dispose();
                throw rejected;
            }
        }

        @Override
        public void dispose() {
            tasks.dispose();
        }

        @Override
        public boolean isDisposed() {
            return tasks.isDisposed();
        }

        private EventLoopTask accept(Runnable task, boolean periodic) {
            EventLoopTask accepted =
                    new EventLoopTask(EventLoopScheduler.this, tasks, Schedulers.onSchedule(task), periodic);
            if (!tasks.add(accepted)) {
                throw Exceptions.failWithRejected();
            }
            return accepted;
        }
    }
}
