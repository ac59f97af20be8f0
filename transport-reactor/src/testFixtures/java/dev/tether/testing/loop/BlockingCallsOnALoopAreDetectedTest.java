package dev.tether.testing.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tether.testing.BackgroundFailures;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.blockhound.BlockingOperationError;
import reactor.netty.resources.LoopResources;

/** BlockHound watches the tests of each module that has these fixtures: an event loop that waits gets an error instead, and fails the run. */
class BlockingCallsOnALoopAreDetectedTest {

    private final LoopResources loops = LoopResources.create("watched", 1, true);

    @AfterEach
    void disposeLoops() {
        loops.disposeLater(Duration.ZERO, Duration.ofSeconds(5)).block();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLoopThatWaitsFails(boolean preferNative) {
        EventLoop loop = loops.onServer(preferNative).next();

        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> loop.submit(BlockingCallsOnALoopAreDetectedTest::waitForNobody)
                        .get())
                .withCauseInstanceOf(BlockingOperationError.class);
        assertThat(BackgroundFailures.take()).singleElement().isInstanceOf(BlockingOperationError.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLoopThatComputesIsLeftAlone(boolean preferNative) throws Exception {
        EventLoop loop = loops.onServer(preferNative).next();

        assertThat(loop.submit(() -> 6 * 7).get()).isEqualTo(42);
    }

    @Test
    void aLoopThatSharesTheLockOfAQueueIsLeftAlone() throws Exception {
        BlockingQueue<Integer> queue = new ArrayBlockingQueue<>(1_000_000);
        Future<?> offered = loops.onServer(false).next().submit(() -> {
            for (int i = 0; i < 300_000; i++) {
                queue.offer(i);
            }
        });
        while (!offered.isDone()) {
            queue.poll();
        }

        assertThat(offered.get()).isNull();
    }

    private static boolean waitForNobody() throws InterruptedException {
        return new CountDownLatch(1).await(1, TimeUnit.MILLISECONDS);
    }
}
