package dev.tether.reactor.simulation;

import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/**
 * The time of a simulation, and what happens in it: tasks, each run when its time has come, those of one instant in the
 * order in which they came. Time moves when {@link #advance} is called, or follows a scheduler that drives it.
 *
 * <p>Tasks may be added from any thread. They run on the thread that moves the time; one that is due now runs at once, on
 * the thread that adds it, unless others run already.
 */
final class VirtualClock {

    /** More tasks than this at one instant are a loop without an end. */
    private static final int MAX_TASKS_AT_ONE_INSTANT = 10_000_000;

    private final PriorityQueue<Task> tasks = new PriorityQueue<>();
    private final AtomicInteger drains = new AtomicInteger();
    private final @Nullable Scheduler driver;
    private final long driverOriginNs;
    private long sequence;
    private int atThisInstant;
    private @Nullable Disposable armed;
    private long armedNs = Long.MAX_VALUE;
    private volatile long nowNs;
    private volatile long targetNs;
    private volatile @Nullable Thread running;

    /** @param driver whose time this one follows; null if {@link #advance} moves it */
    VirtualClock(@Nullable Scheduler driver) {
        this.driver = driver;
        this.driverOriginNs = driver == null ? 0 : driver.now(TimeUnit.NANOSECONDS);
    }

    /** Since the beginning of the simulation. */
    long nowNs() {
        return running == Thread.currentThread() ? nowNs : Math.max(nowNs, targetNs());
    }

    /** Whether a task runs, and the calling thread runs it. */
    boolean isRunning() {
        return running == Thread.currentThread();
    }

    @Nullable
    Scheduler driver() {
        return driver;
    }

    /** Runs {@code body} when {@code delayNs} have passed, or now. */
    Task schedule(Runnable body, long delayNs) {
        return scheduleAt(body, nowNs() + Math.max(0, delayNs));
    }

    Task scheduleAt(Runnable body, long timeNs) {
        Task task;
        synchronized (tasks) {
            task = new Task(body, timeNs, sequence++);
            tasks.add(task);
        }
        if (running == Thread.currentThread()) {
            return task;
        }
        if (driver != null) {
            arm();
        } else if (timeNs <= nowNs) {
            drain();
        }
        return task;
    }

    /**
     * Lets {@code byNs} pass.
     *
     * @throws IllegalStateException if a scheduler drives this clock, or from within a task
     */
    void advance(long byNs) {
        requireManual();
        targetNs = Math.addExact(nowNs, byNs);
        drain();
    }

    /** Lets time pass, from one task to the next, until {@code isDone} or {@code limitNs} have passed. */
    void advanceUntil(BooleanSupplier isDone, long limitNs) {
        requireManual();
        long endNs = Math.addExact(nowNs, limitNs);
        while (!isDone.getAsBoolean() && nowNs < endNs) {
            long nextNs = nextNs();
            targetNs = Math.min(endNs, nextNs);
            drain();
        }
    }

    private void requireManual() {
        if (driver != null) {
            throw new IllegalStateException("the time of this simulation follows " + driver + ": move that one");
        }
        if (isRunning()) {
            throw new IllegalStateException("time cannot be moved from within the simulation");
        }
    }

    private long targetNs() {
        return driver == null ? targetNs : driver.now(TimeUnit.NANOSECONDS) - driverOriginNs;
    }

    private long nextNs() {
        synchronized (tasks) {
            for (Task next = tasks.peek(); next != null; next = tasks.peek()) {
                if (!next.cancelled) {
                    return next.timeNs;
                }
                tasks.remove();
            }
            return Long.MAX_VALUE;
        }
    }

    private void drain() {
        if (drains.getAndIncrement() != 0) {
            return;
        }
        running = Thread.currentThread();
        try {
            int missed = 1;
            do {
                runDue();
                missed = drains.addAndGet(-missed);
            } while (missed != 0);
        } finally {
            running = null;
            drains.set(0);
            arm();
        }
    }

    private void runDue() {
        long untilNs = targetNs();
        for (Task task = pollDue(untilNs); task != null; task = pollDue(untilNs)) {
            if (task.timeNs > nowNs) {
                nowNs = task.timeNs;
                atThisInstant = 0;
            } else if (++atThisInstant > MAX_TASKS_AT_ONE_INSTANT) {
                throw new IllegalStateException("the simulation does not get beyond " + nowNs + " ns");
            }
            task.body.run();
        }
        nowNs = Math.max(nowNs, untilNs);
    }

    private @Nullable Task pollDue(long untilNs) {
        synchronized (tasks) {
            for (Task next = tasks.peek(); next != null && next.timeNs <= untilNs; next = tasks.peek()) {
                tasks.remove();
                if (!next.cancelled) {
                    return next;
                }
            }
            return null;
        }
    }

    /** Has the driver come back for the next task. */
    private void arm() {
        Scheduler scheduler = driver;
        long delayNs;
        synchronized (tasks) {
            long nextNs = nextNs();
            if (scheduler == null || nextNs >= armedNs) {
                return;
            }
            if (armed != null) {
                armed.dispose();
            }
            armed = null;
            armedNs = nextNs;
            delayNs = Math.max(0, nextNs - targetNs());
        }
        // A virtual scheduler runs what is due now within this call.
        Disposable timer = scheduler.schedule(this::onArmed, delayNs, TimeUnit.NANOSECONDS);
        synchronized (tasks) {
            if (armedNs != Long.MAX_VALUE && armed == null) {
                armed = timer;
            }
        }
    }

    private void onArmed() {
        synchronized (tasks) {
            armed = null;
            armedNs = Long.MAX_VALUE;
        }
        drain();
    }

    /** One thing that is to happen. */
    static final class Task implements Comparable<Task>, Disposable {

        private final Runnable body;
        private final long timeNs;
        private final long sequence;
        private volatile boolean cancelled;

        private Task(Runnable body, long timeNs, long sequence) {
            this.body = body;
            this.timeNs = timeNs;
            this.sequence = sequence;
        }

        @Override
        public int compareTo(Task other) {
            int byTime = Long.compare(timeNs, other.timeNs);
            return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
        }

        @Override
        public void dispose() {
            cancelled = true;
        }

        @Override
        public boolean isDisposed() {
            return cancelled;
        }
    }
}
