package dev.tether.reactor.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Exceptions;
import reactor.core.scheduler.Scheduler;

/**
 * The time of a simulation, and what happens in it: tasks, each run when its time has come, those of one instant in the
 * order in which they came. Time moves when {@link #advance} is called, or follows a scheduler that drives it.
 *
 * <p>Tasks may be added from any thread. They run on the thread that moves the time; one that is due now runs at once, on
 * the thread that adds it, unless others run already.
 *
 * <p>What a task throws stops neither the task after it nor the time. It is kept, and thrown to whoever moves the time; a
 * scheduler that drives this clock would not survive that, so there it goes to the thread's handler.
 */
final class VirtualClock {

    /** More tasks than this at one instant are a loop without an end. */
    private static final int MAX_TASKS_AT_ONE_INSTANT = 10_000_000;

    /** The longest delay, 100 years: a sum of two stays far from an overflow. */
    private static final long MAX_DELAY_NS = TimeUnit.DAYS.toNanos(36_525);

    private static final int MAX_FAILURES = 100;

    private final TaskQueue tasks = new TaskQueue();
    private final AtomicInteger drains = new AtomicInteger();
    private final List<Throwable> failures = new ArrayList<>();
    private final @Nullable Scheduler driver;
    private final long driverOriginNs;
    private int thrown;
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
        return driver == null || isRunning() ? nowNs : Math.max(nowNs, targetNs());
    }

    /** Whether a task runs, and the calling thread runs it. */
    boolean isRunning() {
        return running == Thread.currentThread();
    }

    /** How many tasks wait. */
    int pending() {
        synchronized (tasks) {
            return tasks.size();
        }
    }

    /** Runs {@code body} when {@code delayNs} have passed, at most 100 years, or now. */
    ClockTask schedule(Runnable body, long delayNs) {
        return scheduleAt(body, nowNs() + Math.max(0, Math.min(delayNs, MAX_DELAY_NS)));
    }

    ClockTask scheduleAt(Runnable body, long timeNs) {
        ClockTask task = new ClockTask(this, body, timeNs);
        synchronized (tasks) {
            tasks.add(task);
        }
        if (isRunning()) {
            return task;
        }
        if (driver != null) {
            arm();
        } else if (timeNs <= nowNs) {
            drain();
        }
        return task;
    }

    void remove(ClockTask task) {
        synchronized (tasks) {
            tasks.remove(task);
        }
    }

    /**
     * Lets {@code byNs} pass, at least 0.
     *
     * @throws IllegalStateException if a scheduler drives this clock, or from within a task
     */
    void advance(long byNs) {
        requireManual();
        moveTo(Math.addExact(nowNs, requireNotNegative(byNs)));
        throwFailures();
    }

    /** Lets time pass, from one task to the next, until {@code isDone} or {@code limitNs} have passed. */
    void advanceUntil(BooleanSupplier isDone, long limitNs) {
        requireManual();
        long endNs = Math.addExact(nowNs, requireNotNegative(limitNs));
        while (!isDone.getAsBoolean() && nowNs < endNs) {
            moveTo(Math.max(nowNs, Math.min(endNs, nextNs())));
        }
        throwFailures();
    }

    void requireManual() {
        if (isRunning()) {
            throw new IllegalStateException("time cannot be moved from within the simulation");
        }
        if (driver != null) {
            throw new IllegalStateException("the time of this simulation follows " + driver + ": move that one");
        }
    }

    /** What tasks have thrown, the first 100. */
    List<Throwable> failures() {
        synchronized (failures) {
            return List.copyOf(failures);
        }
    }

    /** Keeps what has been thrown by something that must not disturb the simulation. */
    void failed(Throwable failure) {
        synchronized (failures) {
            if (failures.size() < MAX_FAILURES) {
                failures.add(failure);
            }
        }
        Thread thread = Thread.currentThread();
        Thread.UncaughtExceptionHandler handler = thread.getUncaughtExceptionHandler();
        if (driver != null && handler != null) {
            handler.uncaughtException(thread, failure);
        }
    }

    private void throwFailures() {
        Throwable first;
        synchronized (failures) {
            if (thrown == failures.size()) {
                return;
            }
            first = failures.get(thrown);
            for (Throwable next : failures.subList(thrown + 1, failures.size())) {
                if (next != first) {
                    first.addSuppressed(next);
                }
            }
            thrown = failures.size();
        }
        if (first instanceof Error error) {
            throw error;
        }
        throw Exceptions.propagate(first);
    }

    private static long requireNotNegative(long durationNs) {
        if (durationNs < 0) {
            throw new IllegalArgumentException("time cannot move back by " + -durationNs + " ns");
        }
        return durationNs;
    }

    /** Returns when the time is there, even if another thread runs the tasks. */
    private void moveTo(long timeNs) {
        targetNs = timeNs;
        drain();
        while (nowNs < timeNs || drains.get() != 0) {
            Thread.onSpinWait();
            drain();
        }
    }

    private long targetNs() {
        return driver == null ? targetNs : driver.now(TimeUnit.NANOSECONDS) - driverOriginNs;
    }

    private long nextNs() {
        synchronized (tasks) {
            return tasks.nextNs();
        }
    }

    private void drain() {
        if (drains.getAndIncrement() != 0) {
            return;
        }
        int missed = 1;
        boolean finished = false;
        try {
            do {
                running = Thread.currentThread();
                runDue();
                running = null;
                // From here on another thread may run tasks.
                missed = drains.addAndGet(-missed);
            } while (missed != 0);
            finished = true;
        } finally {
            if (!finished) {
                running = null;
                drains.set(0);
            }
        }
        arm();
    }

    private void runDue() {
        long untilNs = targetNs();
        for (ClockTask task = pollDue(untilNs); task != null; task = pollDue(untilNs)) {
            if (task.timeNs > nowNs) {
                moveNow(task.timeNs);
            } else if (++atThisInstant > MAX_TASKS_AT_ONE_INSTANT) {
                throw new IllegalStateException("the simulation does not get beyond " + nowNs + " ns");
            }
            try {
                task.body.run();
            } catch (Throwable failure) {
                Exceptions.throwIfJvmFatal(failure);
                failed(failure);
            }
        }
        if (untilNs > nowNs) {
            moveNow(untilNs);
        }
    }

    private void moveNow(long timeNs) {
        nowNs = timeNs;
        atThisInstant = 0;
    }

    private @Nullable ClockTask pollDue(long untilNs) {
        synchronized (tasks) {
            ClockTask next = tasks.peek();
            if (next == null || next.timeNs > untilNs) {
                return null;
            }
            tasks.remove(next);
            return next;
        }
    }

    /** Has the driver come back for the next task. */
    private void arm() {
        Scheduler scheduler = driver;
        if (scheduler == null) {
            return;
        }
        long delayNs;
        synchronized (tasks) {
            long nextNs = tasks.nextNs();
            if (nextNs >= armedNs) {
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
}
