package dev.tether.reactor.socket;

import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Exceptions;

/** One task of an {@link EventLoopScheduler}: runs on the loop unless it was disposed of before, from any thread. */
final class EventLoopTask implements Runnable, Disposable {

    private static final Logger log = LoggerFactory.getLogger(EventLoopTask.class);

    private final EventLoopScheduler scheduler;
    private final Disposable.@Nullable Composite worker;
    private final Runnable task;
    private final boolean periodic;
    private volatile @Nullable Future<?> timer;
    private volatile boolean disposed;

    EventLoopTask(
            EventLoopScheduler scheduler, Disposable.@Nullable Composite worker, Runnable task, boolean periodic) {
        this.scheduler = scheduler;
        this.worker = worker;
        this.task = task;
        this.periodic = periodic;
    }

    /** Called after scheduling, so that the task may have run, or been disposed of, already. */
    void timer(Future<?> future) {
        timer = future;
        if (disposed) {
            future.cancel(false);
        }
    }

    @Override
    public void run() {
        if (disposed) {
            return;
        }
        if (scheduler.isStopped()) {
            dispose();
            return;
        }
        if (!periodic) {
            disposed = true;
            leaveWorker();
        }
        try {
            task.run();
        } catch (Throwable failure) {
            Exceptions.throwIfJvmFatal(failure);
            report(failure);
        }
    }

    @Override
    public void dispose() {
        disposed = true;
        leaveWorker();
        Future<?> future = timer;
        if (future != null) {
            future.cancel(false);
        }
    }

    @Override
    public boolean isDisposed() {
        return disposed;
    }

    private void leaveWorker() {
        if (worker != null) {
            worker.remove(this);
        }
    }

    /** As Reactor's own schedulers do; the loop, and a periodic task, go on. */
    private static void report(Throwable failure) {
        Thread thread = Thread.currentThread();
        Thread.UncaughtExceptionHandler handler = thread.getUncaughtExceptionHandler();
        if (handler != null) {
            handler.uncaughtException(thread, failure);
        } else {
            log.error("A task failed", failure);
        }
    }
}
