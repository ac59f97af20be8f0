package dev.tether.reactor.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.test.StepVerifier;

class EventLoopSchedulerTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final AtomicReference<Throwable> uncaught = new AtomicReference<>();
    private final EventLoop loop = new DefaultEventLoop(task -> {
        Thread thread = new Thread(task, "scheduler-test");
        thread.setUncaughtExceptionHandler((where, failure) -> uncaught.set(failure));
        return thread;
    });
    private final EventLoopScheduler scheduler = new EventLoopScheduler(loop);

    @AfterEach
    void stopTheLoop() {
        assertThat(loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(10, TimeUnit.SECONDS))
                .isTrue();
    }

    @Test
    void tasksRunOnTheLoopInTheOrderTheyCame() throws Exception {
        List<Integer> ran = new ArrayList<>();
        Scheduler.Worker worker = scheduler.createWorker();

        for (int i = 0; i < 100; i++) {
            int number = i;
            (number % 2 == 0 ? scheduler.schedule(() -> ran.add(number)) : worker.schedule(() -> ran.add(number)))
                    .isDisposed();
        }
        awaitLoop();

        assertThat(ran).hasSize(100).isSorted();
    }

    @Test
    void aDelayedTaskRunsOnTheLoopAtItsTime() {
        long before = scheduler.now(TimeUnit.NANOSECONDS);

        StepVerifier.create(Mono.delay(Duration.ofMillis(5), scheduler).map(tick -> loop.inEventLoop()))
                .expectNext(true)
                .expectComplete()
                .verify(TIMEOUT);

        assertThat(scheduler.now(TimeUnit.NANOSECONDS) - before).isGreaterThanOrEqualTo(5_000_000);
    }

    @Test
    void anEarlierDeadlineRunsFirst() throws Exception {
        List<String> ran = new ArrayList<>();
        CountDownLatch both = new CountDownLatch(2);

        scheduler.schedule(() -> {
            scheduler.schedule(() -> note(ran, "later", both), 20, TimeUnit.MILLISECONDS);
            scheduler.schedule(() -> note(ran, "sooner", both), 1, TimeUnit.MILLISECONDS);
        });

        assertThat(both.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(ran).containsExactly("sooner", "later");
    }

    @Test
    void aDisposedTaskDoesNotRun() throws Exception {
        AtomicInteger runs = new AtomicInteger();

        scheduler.schedule(() -> {
            scheduler.schedule(runs::incrementAndGet).dispose();
            Disposable timer = scheduler.schedule(runs::incrementAndGet, 1, TimeUnit.NANOSECONDS);
            timer.dispose();
            assertThat(timer.isDisposed()).isTrue();
        });
        awaitLoop();
        awaitTimers();

        assertThat(runs).hasValue(0);
        assertThat(uncaught).hasNullValue();
    }

    @Test
    void aTaskThatRanIsDisposed() throws Exception {
        Disposable task = scheduler.schedule(EventLoopSchedulerTest::nothing);
        awaitLoop();

        assertThat(task.isDisposed()).isTrue();
    }

    @Test
    void aPeriodicTaskRepeatsUntilItIsDisposed() throws Exception {
        StepVerifier.create(Flux.interval(Duration.ofMillis(1), scheduler).take(5))
                .expectNext(0L, 1L, 2L, 3L, 4L)
                .expectComplete()
                .verify(TIMEOUT);

        AtomicInteger runs = new AtomicInteger();
        Disposable.Swap periodic = Disposables.swap();
        CountDownLatch stopped = new CountDownLatch(1);
        scheduler.schedule(() -> periodic.replace(scheduler.schedulePeriodically(
                () -> {
                    if (runs.incrementAndGet() == 3) {
                        periodic.dispose();
                        stopped.countDown();
                    }
                },
                0,
                0,
                TimeUnit.MILLISECONDS)));

        assertThat(stopped.await(10, TimeUnit.SECONDS)).isTrue();
        awaitTimers();
        assertThat(runs).hasValue(3);
    }

    @Test
    void aWorkerTakesItsTasksWithIt() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        Scheduler.Worker worker = scheduler.createWorker();

        scheduler.schedule(() -> {
            worker.schedule(runs::incrementAndGet);
            worker.schedule(runs::incrementAndGet, 1, TimeUnit.NANOSECONDS);
            worker.schedulePeriodically(runs::incrementAndGet, 0, 1, TimeUnit.MILLISECONDS);
            worker.dispose();
        });
        awaitLoop();
        awaitTimers();

        assertThat(runs).hasValue(0);
        assertThat(worker.isDisposed()).isTrue();
        assertThatExceptionOfType(RejectedExecutionException.class)
                .isThrownBy(() -> worker.schedule(EventLoopSchedulerTest::nothing));
    }

    @Test
    void aFailedTaskIsReportedAndTheOthersGoOn() throws Exception {
        IllegalStateException failure = new IllegalStateException("a bug");

        scheduler.schedule(() -> {
            throw failure;
        });
        awaitLoop();
        assertThat(uncaught.getAndSet(null)).isSameAs(failure);

        scheduler.schedule(
                () -> {
                    throw failure;
                },
                1,
                TimeUnit.NANOSECONDS);
        awaitTimers();
        assertThat(uncaught.get()).isSameAs(failure);
    }

    @Test
    void aDisposedSchedulerRejectsAndLetsTheLoopLive() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        Scheduler.Worker worker = scheduler.createWorker();
        EventLoopScheduler sibling = new EventLoopScheduler(loop);
        CountDownLatch timers = new CountDownLatch(1);

        scheduler.schedule(() -> {
            scheduler.schedule(runs::incrementAndGet, 1, TimeUnit.NANOSECONDS);
            scheduler.dispose();
            sibling.schedule(timers::countDown, 1, TimeUnit.MILLISECONDS);
        });

        assertThat(timers.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(runs).hasValue(0);
        assertThat(scheduler.isDisposed()).isTrue();
        assertRejects(worker);
        assertThat(loop.isShuttingDown()).isFalse();
    }

    @Test
    void theEndOfTheLoopRejects() {
        Scheduler.Worker worker = scheduler.createWorker();

        stopTheLoop();

        assertThat(scheduler.isDisposed()).isTrue();
        assertRejects(worker);
    }

    @Test
    void nowIsMonotonicNanosecondsSinceTheEpoch() {
        long hour = Duration.ofHours(1).toNanos();
        long wallClock = TimeUnit.MILLISECONDS.toNanos(Instant.now().toEpochMilli());

        long previous = scheduler.now(TimeUnit.NANOSECONDS);
        assertThat(previous).isBetween(wallClock - hour, wallClock + hour);
        for (int i = 0; i < 10_000; i++) {
            long now = scheduler.now(TimeUnit.NANOSECONDS);
            assertThat(now).isGreaterThanOrEqualTo(previous);
            previous = now;
        }
        assertThat(scheduler.now(TimeUnit.MILLISECONDS)).isGreaterThanOrEqualTo(previous / 1_000_000);
    }

    private void assertRejects(Scheduler.Worker worker) {
        assertThatExceptionOfType(RejectedExecutionException.class)
                .isThrownBy(() -> scheduler.schedule(EventLoopSchedulerTest::nothing));
        assertThatExceptionOfType(RejectedExecutionException.class)
                .isThrownBy(() -> scheduler.schedule(EventLoopSchedulerTest::nothing, 1, TimeUnit.SECONDS));
        assertThatExceptionOfType(RejectedExecutionException.class)
                .isThrownBy(
                        () -> scheduler.schedulePeriodically(EventLoopSchedulerTest::nothing, 1, 1, TimeUnit.SECONDS));
        assertThatExceptionOfType(RejectedExecutionException.class)
                .isThrownBy(() -> worker.schedule(EventLoopSchedulerTest::nothing));
        assertThatExceptionOfType(RejectedExecutionException.class)
                .isThrownBy(() -> worker.schedulePeriodically(EventLoopSchedulerTest::nothing, 1, 1, TimeUnit.SECONDS));
    }

    private static void note(List<String> ran, String what, CountDownLatch latch) {
        ran.add(what);
        latch.countDown();
    }

    private static void nothing() {}

    /** Every task submitted before has run. */
    private void awaitLoop() throws Exception {
        loop.submit(EventLoopSchedulerTest::nothing).get(10, TimeUnit.SECONDS);
    }

    /** Every timer due within the next millisecond has run. */
    private void awaitTimers() throws Exception {
        loop.schedule(EventLoopSchedulerTest::nothing, 2, TimeUnit.MILLISECONDS).get(10, TimeUnit.SECONDS);
    }
}
