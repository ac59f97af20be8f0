package dev.tether.reactor;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/**
 * Notices that this host has slept, or that its process was stopped. On most systems the clock of an event loop stands still
 * during a sleep, and its timers go on afterwards as if nothing had been; the wall clock tells. Where that clock goes on, and
 * where only the process stands still, timers are late.
 *
 * <p>Looks once a second, and only while there is somebody to tell. A wall clock that is set ahead by hand looks like a sleep;
 * one that is set back hides one. On the event loop.
 */
final class SleepDetector {

    private static final long TICK_NS = TimeUnit.SECONDS.toNanos(1);

    /** A shorter sleep disturbs a connection no more than a burst of losses. */
    private static final long LEAST_SLEEP_NS = TimeUnit.SECONDS.toNanos(2);

    private final Scheduler loop;
    private final LongSupplier wallClockNs;
    private final Runnable onResumed;
    private @Nullable Disposable tick;
    private long lastLoopNs;
    private long lastWallNs;

    /**
     * Does nothing yet.
     *
     * @param loop the event loop, with its clock
     * @param wallClockNs goes on during a sleep
     * @param onResumed is called within a second after the end of a sleep
     */
    SleepDetector(Scheduler loop, LongSupplier wallClockNs, Runnable onResumed) {
        this.loop = loop;
        this.wallClockNs = wallClockNs;
        this.onResumed = onResumed;
    }

    /** Looks for sleeps from now on, or does so no more; may be told the same again. */
    void watch(boolean watching) {
        Disposable running = tick;
        if (watching && running == null) {
            arm();
        } else if (!watching && running != null) {
            tick = null;
            running.dispose();
        }
    }

    private void arm() {
        lastLoopNs = loop.now(TimeUnit.NANOSECONDS);
        lastWallNs = wallClockNs.getAsLong();
        try {
            tick = loop.schedule(this::onTick, TICK_NS, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // The loop is going, and every connection with it.
            tick = null;
        }
    }

    private void onTick() {
        boolean slept = hasSlept();
        arm();
        if (slept) {
            onResumed.run();
        }
    }

    private boolean hasSlept() {
        long loopNs = loop.now(TimeUnit.NANOSECONDS) - lastLoopNs;
        long wallNs = wallClockNs.getAsLong() - lastWallNs;
        return loopNs - TICK_NS > LEAST_SLEEP_NS || wallNs - loopNs > LEAST_SLEEP_NS;
    }
}
