package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TaskQueueTest {

    private final VirtualClock clock = new VirtualClock(null);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void whatIsLeftAfterRemovalsComesByTimeAndThenInTheOrderOfArrival(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        TaskQueue queue = new TaskQueue();
        List<ClockTask> expected = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            ClockTask task = new ClockTask(clock, () -> {}, random.nextInt(100));
            queue.add(task);
            expected.add(task);
            if (random.nextInt(3) == 0) {
                queue.remove(expected.remove(random.nextInt(expected.size())));
            }
        }
        // The sort is stable, and the list is in the order of arrival.
        expected.sort(Comparator.comparingLong(task -> task.timeNs));

        List<ClockTask> polled = new ArrayList<>();
        for (ClockTask next = queue.peek(); next != null; next = queue.peek()) {
            polled.add(next);
            queue.remove(next);
        }

        assertThat(polled).as("seed %d", seed).containsExactlyElementsOf(expected);
        assertThat(queue.size()).isZero();
    }
}
