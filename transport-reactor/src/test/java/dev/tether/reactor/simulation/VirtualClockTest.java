package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;
import reactor.test.scheduler.VirtualTimeScheduler;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class VirtualClockTest {

    private final VirtualClock clock = new VirtualClock(null);
    private final List<String> log = new ArrayList<>();

    @Test
    void tasksRunByTimeAndThenInTheOrderInWhichTheyCame() {
        clock.schedule(() -> log.add("late " + clock.nowNs()), 20);
        clock.schedule(() -> log.add("first " + clock.nowNs()), 10);
        clock.schedule(() -> log.add("second " + clock.nowNs()), 10);

        clock.advance(15);
        assertThat(log).containsExactly("first 10", "second 10");
        clock.advance(5);
        assertThat(log).containsExactly("first 10", "second 10", "late 20");
    }

    @Test
    void aTaskThatIsDueNowRunsAtOnceFromOutsideAndAfterTheOneThatAddsItFromInside() {
        clock.schedule(
                () -> {
                    clock.schedule(() -> log.add("inner"), 0);
                    log.add("outer");
                },
                0);

        assertThat(log).containsExactly("outer", "inner");
    }

    @Test
    void aCancelledTaskIsForgottenAtOnce() {
        Disposable task = clock.schedule(() -> log.add("cancelled"), 1_000);
        task.dispose();

        assertThat(clock.pending()).isZero();
        clock.advance(2_000);
        assertThat(log).isEmpty();
    }

    @Test
    void aDelayBeyondAllMeasureIsNeverDue() {
        clock.schedule(() -> log.add("overflow"), Long.MAX_VALUE);

        clock.advance(Duration.ofDays(365).toNanos());

        assertThat(log).isEmpty();
    }

    @Test
    void timeDoesNotGoBack() {
        clock.advance(10);

        assertThatThrownBy(() -> clock.advance(-1)).isInstanceOf(IllegalArgumentException.class);
        clock.schedule(() -> log.add("now"), 0);
        assertThat(log).containsExactly("now");
    }

    @Test
    void whatATaskThrowsReachesWhoMovesTheTimeAndStopsNothing() {
        clock.schedule(
                () -> {
                    throw new IllegalArgumentException("first");
                },
                1);
        clock.schedule(
                () -> {
                    throw new AssertionError("second");
                },
                2);
        clock.schedule(() -> log.add("third"), 3);

        assertThatThrownBy(() -> clock.advance(5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("first")
                .satisfies(thrown -> assertThat(thrown.getSuppressed()).hasSize(1));
        assertThat(log).containsExactly("third");
        assertThat(clock.nowNs()).isEqualTo(5);
        clock.advance(1);
        assertThat(clock.failures()).hasSize(2);
    }

    @Test
    void timeCannotBeMovedFromWithinATask() {
        clock.schedule(() -> clock.advance(1), 1);

        assertThatThrownBy(() -> clock.advance(5))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("from within the simulation");
    }

    @Test
    void aDrivenClockRefusesToBeMovedAndNamesItsDriver() {
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        VirtualClock driven = new VirtualClock(time);

        assertThatThrownBy(() -> driven.advance(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("VirtualTimeScheduler");
    }

    @Test
    void aDrivenClockRunsItsTasksAtTheirTime() {
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        time.advanceTimeBy(Duration.ofSeconds(7));
        VirtualClock driven = new VirtualClock(time);
        driven.schedule(() -> log.add("late " + driven.nowNs()), 20);
        driven.schedule(() -> log.add("early " + driven.nowNs()), 10);
        driven.schedule(() -> log.add("now " + driven.nowNs()), 0);

        assertThat(log).containsExactly("now 0");
        time.advanceTimeBy(Duration.ofNanos(15));
        assertThat(log).containsExactly("now 0", "early 10");
        assertThat(driven.nowNs()).isEqualTo(15);
        time.advanceTimeBy(Duration.ofNanos(100));
        assertThat(log).containsExactly("now 0", "early 10", "late 20");
    }

    @Test
    void aFailureOfATaskGoesToTheHandlerOfTheThreadAndTheDriverSurvives() {
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        VirtualClock driven = new VirtualClock(time);
        driven.schedule(
                () -> {
                    throw new IllegalArgumentException("bad");
                },
                1);
        driven.schedule(() -> log.add("next"), 2);
        Thread thread = Thread.currentThread();
        Thread.UncaughtExceptionHandler before = thread.getUncaughtExceptionHandler();
        thread.setUncaughtExceptionHandler((failed, failure) -> log.add(String.valueOf(failure.getMessage())));
        try {
            time.advanceTimeBy(Duration.ofNanos(2));
        } finally {
            thread.setUncaughtExceptionHandler(before);
        }

        assertThat(log).containsExactly("bad", "next");
        assertThat(driven.failures()).hasSize(1);
    }

    @Test
    void noTwoThreadsRunTasksAtOnceAndNoTaskIsLost() throws Exception {
        int threads = 4;
        int each = 20_000;
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger overlaps = new AtomicInteger();
        int[] ran = new int[1];
        CountDownLatch go = new CountDownLatch(1);
        List<Thread> submitters = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Thread submitter = new Thread(() -> {
                for (int n = 0; n < each; n++) {
                    clock.schedule(
                            () -> {
                                overlaps.addAndGet(inside.getAndIncrement());
                                assertThat(clock.isRunning()).isTrue();
                                ran[0]++;
                                inside.decrementAndGet();
                            },
                            n % 3);
                }
                go.countDown();
            });
            submitters.add(submitter);
            submitter.start();
        }
        while (submitters.stream().anyMatch(Thread::isAlive)) {
            clock.advance(1);
        }
        assertThat(go.await(1, TimeUnit.SECONDS)).isTrue();
        clock.advance(10);

        assertThat(overlaps).hasValue(0);
        assertThat(ran[0]).isEqualTo(threads * each);
    }

    @Test
    void aLoopTaskMayBeCancelledRepeatedAndFail() {
        SimulatedLoop loop = new SimulatedLoop(clock, new SimulatedLoop.CurrentLoop(), 0);
        Scheduler.Worker worker = loop.createWorker();
        AtomicInteger runs = new AtomicInteger();
        Disposable periodic = worker.schedulePeriodically(
                () -> {
                    assertThat(loop.inLoop()).isTrue();
                    if (runs.incrementAndGet() == 2) {
                        throw new IllegalArgumentException("the second run");
                    }
                },
                10,
                10,
                TimeUnit.NANOSECONDS);

        assertThatThrownBy(() -> clock.advance(25)).hasMessage("the second run");
        clock.advance(10);
        assertThat(runs).as("a periodic task goes on after a failure").hasValue(3);
        periodic.dispose();
        clock.advance(100);
        assertThat(runs).hasValue(3);

        worker.schedule(runs::incrementAndGet, 10, TimeUnit.NANOSECONDS);
        worker.dispose();
        clock.advance(100);
        assertThat(runs).hasValue(3);
        assertThatThrownBy(() -> worker.schedule(runs::incrementAndGet)).isInstanceOf(RejectedExecutionException.class);
        assertThat(clock.pending()).isZero();
    }

    @Test
    void aSuspendedLoopStandsStillAndGoesOnWithWhatItHad() {
        SimulatedLoop loop = new SimulatedLoop(clock, new SimulatedLoop.CurrentLoop(), 1_000);
        loop.schedule(() -> log.add("at " + loop.nowNs()), 10, TimeUnit.NANOSECONDS);
        clock.advance(4);
        loop.suspend();
        loop.schedule(() -> log.add("submitted while suspended"));
        clock.advance(100);
        assertThat(log).isEmpty();
        assertThat(loop.nowNs()).isEqualTo(1_004);

        clock.schedule(loop::resume, 0);
        assertThat(log).containsExactly("submitted while suspended");
        clock.advance(6);
        assertThat(log).containsExactly("submitted while suspended", "at 1010");
    }

    @Test
    void aDeadLoopRunsNothingAndTakesNothing() {
        SimulatedLoop loop = new SimulatedLoop(clock, new SimulatedLoop.CurrentLoop(), 0);
        loop.schedule(() -> log.add("dead"), 10, TimeUnit.NANOSECONDS);
        loop.kill();
        clock.advance(100);

        assertThat(log).isEmpty();
        assertThat(loop.isDisposed()).isTrue();
        assertThatThrownBy(() -> loop.schedule(() -> {})).isInstanceOf(RejectedExecutionException.class);
    }
}
