package dev.tether.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;

/** What the clocks show after a sleep, and what else they may show. */
class SleepDetectorTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final StoppedLoop loop = new StoppedLoop();
    private long wallNs = 1_700_000_000_000_000_000L;
    private int resumed;
    private final SleepDetector detector = new SleepDetector(loop, () -> wallNs, () -> resumed++);

    SleepDetectorTest() {
        detector.watch(true);
    }

    @Test
    void timeThatPassesIsNoSleep() {
        for (int i = 0; i < 100; i++) {
            pass(SECOND, SECOND);
        }
        assertThat(resumed).isZero();
    }

    @Test
    void aWallClockThatIsAheadOfTheLoopsShowsASleepOnce() {
        pass(SECOND, Duration.ofSeconds(60));
        pass(SECOND, SECOND);
        assertThat(resumed).isEqualTo(1);
    }

    @Test
    void aTimerThatIsLateShowsThatTheProcessWasStopped() {
        pass(Duration.ofSeconds(4), Duration.ofSeconds(4));
        assertThat(resumed).isEqualTo(1);
    }

    @Test
    void twoSecondsAreNoSleep() {
        pass(SECOND, Duration.ofSeconds(3));
        pass(Duration.ofSeconds(3), Duration.ofSeconds(3));
        assertThat(resumed).isZero();
    }

    @Test
    void aWallClockThatIsSetBackIsNoSleep() {
        pass(SECOND, Duration.ofHours(-1));
        pass(SECOND, SECOND);
        assertThat(resumed).isZero();
    }

    @Test
    void aSleepBeforeItBeganToWatchIsNotItsConcern() {
        detector.watch(false);
        assertThat(loop.task).isNull();
        pass(SECOND, Duration.ofSeconds(60));
        detector.watch(true);
        pass(SECOND, SECOND);
        assertThat(resumed).isZero();
    }

    @Test
    void aLoopThatTakesNothingMoreEndsTheWatch() {
        loop.rejecting = true;
        pass(SECOND, Duration.ofSeconds(60));
        assertThat(resumed).isEqualTo(1);
        assertThat(loop.task).isNull();
    }

    private void pass(Duration byLoop, Duration byWall) {
        loop.nowNs += byLoop.toNanos();
        wallNs += byWall.toNanos();
        Runnable due = loop.task;
        loop.task = null;
        if (due != null) {
            due.run();
        }
    }

    /** Keeps one task, and runs none. */
    private static final class StoppedLoop implements Scheduler {

        private long nowNs;
        private boolean rejecting;
        private @Nullable Runnable task;

        @Override
        public long now(TimeUnit unit) {
            return unit.convert(nowNs, TimeUnit.NANOSECONDS);
        }

        @Override
        public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
            assertThat(unit.toNanos(delay)).isEqualTo(SECOND.toNanos());
            if (rejecting) {
                throw new RejectedExecutionException("the loop is gone");
            }
            this.task = task;
            return Disposables.composite(() -> this.task = null);
        }

        @Override
        public Disposable schedule(Runnable task) {
            throw new UnsupportedOperationException("only one task, with a delay");
        }

        @Override
        public Worker createWorker() {
            throw new UnsupportedOperationException("only one task, with a delay");
        }
    }
}
