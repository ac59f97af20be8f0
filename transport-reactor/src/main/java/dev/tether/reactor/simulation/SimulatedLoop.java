package dev.tether.reactor.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.Exceptions;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * An event loop of a simulated process. Its clock is monotonic, starts at the wall clock of its host, and stands still
 * while the host is suspended, as that of a real system does; its tasks wait then. When the process is dead, nothing runs.
 */
final class SimulatedLoop implements Scheduler {

    private final VirtualClock clock;
    private final CurrentLoop current;
    private final long originNs;
    private final long bornNs;
    private final List<LoopTask> parked = new ArrayList<>();
    private volatile long suspendedNs;
    private volatile long suspendedSinceNs = -1;
    private volatile boolean dead;

    /** @param wallNs what the host's wall clock shows now */
    SimulatedLoop(VirtualClock clock, CurrentLoop current, long wallNs) {
        this.clock = clock;
        this.current = current;
        this.originNs = wallNs;
        this.bornNs = clock.nowNs();
    }

    /** Which loop runs a task now. */
    static final class CurrentLoop {
        private @Nullable SimulatedLoop loop;
    }

    boolean inLoop() {
        return clock.isRunning() && current.loop == this;
    }

    long nowNs() {
        long standingStill = suspendedSinceNs < 0 ? 0 : clock.nowNs() - suspendedSinceNs;
        return originNs + clock.nowNs() - bornNs - suspendedNs - standingStill;
    }

    void suspend() {
        if (suspendedSinceNs < 0) {
            suspendedSinceNs = clock.nowNs();
        }
    }

    void resume() {
        if (suspendedSinceNs >= 0) {
            suspendedNs = suspendedNs + clock.nowNs() - suspendedSinceNs;
            suspendedSinceNs = -1;
            List<LoopTask> waiting = List.copyOf(parked);
            parked.clear();
            waiting.forEach(LoopTask::arm);
        }
    }

    /**
     * Nothing more is accepted, and no timer fires. What was handed over before still runs, and finds everything ended: an
     * application is not left without an answer because its host has crashed.
     */
    void kill() {
        dead = true;
        resume();
    }

    /** Runs {@code body} as a task of this loop, now, from within the simulation. */
    void runNow(Runnable body) {
        SimulatedLoop outer = current.loop;
        current.loop = this;
        try {
            body.run();
        } finally {
            current.loop = outer;
        }
    }

    @Override
    public long now(TimeUnit unit) {
        return unit.convert(nowNs(), TimeUnit.NANOSECONDS);
    }

    @Override
    public Disposable schedule(Runnable task) {
        return schedule(task, 0, TimeUnit.NANOSECONDS);
    }

    @Override
    public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
        return submit(null, task, delay, -1, unit);
    }

    @Override
    public Disposable schedulePeriodically(Runnable task, long initialDelay, long period, TimeUnit unit) {
        return submit(null, task, initialDelay, Math.max(0, period), unit);
    }

    @Override
    public Worker createWorker() {
        return new LoopWorker();
    }

    @Override
    public boolean isDisposed() {
        return dead;
    }

    @Override
    public String toString() {
        return "SimulatedLoop{" + nowNs() + " ns}";
    }

    /** @param period negative for a task that runs once */
    private LoopTask submit(
            Disposable.@Nullable Composite tasks, Runnable body, long delay, long period, TimeUnit unit) {
        if (dead) {
            throw Exceptions.failWithRejected();
        }
        // "Again at once" is a delay of the least time there is.
        long periodNs = period < 0 ? -1 : Math.max(1, unit.toNanos(period));
        LoopTask task = new LoopTask(Schedulers.onSchedule(body), dueNs(unit.toNanos(delay)), periodNs, tasks);
        if (tasks != null && !tasks.add(task)) {
            throw Exceptions.failWithRejected();
        }
        task.arm();
        return task;
    }

    private long dueNs(long delayNs) {
        long dueNs = nowNs() + Math.max(0, delayNs);
        return dueNs < 0 ? Long.MAX_VALUE : dueNs;
    }

    private final class LoopTask implements Runnable, Disposable {

        private final Runnable body;
        private final long periodNs;
        private final Disposable.@Nullable Composite tasks;
        private final boolean delayed;
        private long dueNs;
        private @Nullable ClockTask timer;
        private volatile boolean disposed;

        LoopTask(Runnable body, long dueNs, long periodNs, Disposable.@Nullable Composite tasks) {
            this.body = body;
            this.dueNs = dueNs;
            this.periodNs = periodNs;
            this.tasks = tasks;
            this.delayed = dueNs > nowNs();
        }

        void arm() {
            timer = clock.schedule(this, dueNs - nowNs());
        }

        @Override
        public void run() {
            if (disposed || (dead && delayed)) {
                return;
            }
            if (suspendedSinceNs >= 0) {
                parked.add(this);
            } else if (nowNs() < dueNs && !dead) {
                arm();
            } else {
                try {
                    runNow(body);
                } finally {
                    again();
                }
            }
        }

        private void again() {
            if (periodNs < 0) {
                dispose();
            } else if (!disposed && !dead) {
                dueNs = Math.max(dueNs, dueNs + periodNs);
                arm();
            }
        }

        @Override
        public void dispose() {
            disposed = true;
            ClockTask waiting = timer;
            if (waiting != null) {
                waiting.dispose();
            }
            if (tasks != null) {
                tasks.remove(this);
            }
        }

        @Override
        public boolean isDisposed() {
            return disposed;
        }
    }

    private final class LoopWorker implements Worker {

        private final Disposable.Composite tasks = Disposables.composite();

        @Override
        public Disposable schedule(Runnable task) {
            return schedule(task, 0, TimeUnit.NANOSECONDS);
        }

        @Override
        public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
            return submit(tasks, task, delay, -1, unit);
        }

        @Override
        public Disposable schedulePeriodically(Runnable task, long initialDelay, long period, TimeUnit unit) {
            return submit(tasks, task, initialDelay, Math.max(0, period), unit);
        }

        @Override
        public void dispose() {
            tasks.dispose();
        }

        @Override
        public boolean isDisposed() {
            return tasks.isDisposed();
        }
    }
}
