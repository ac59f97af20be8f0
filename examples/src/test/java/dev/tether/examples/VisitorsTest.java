package dev.tether.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Who comes and goes, in a line a second at the most. */
class VisitorsTest {

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final List<String> lines = new ArrayList<>();
    private final Visitors visitors = new Visitors(lines::add, time);

    @AfterEach
    void dispose() {
        time.dispose();
    }

    @Test
    void theFirstIsToldAtOnce() {
        visitors.came("a", "192.0.2.1:1");
        time.advanceTime();

        assertThat(lines).containsExactly("a came from 192.0.2.1:1 (1 connected)");
    }

    @Test
    void oneThatFollowsIsToldASecondLater() {
        visitors.came("a", "192.0.2.1:1");
        time.advanceTime();
        visitors.went("a", "lost");
        time.advanceTimeBy(Visitors.PAUSE.minusMillis(1));
        assertThat(lines).hasSize(1);

        time.advanceTimeBy(Duration.ofMillis(1));
        assertThat(lines).hasSize(2).last().isEqualTo("a went: lost (0 connected)");
    }

    @Test
    void manyWithinASecondAreCounted() {
        visitors.came("a", "192.0.2.1:1");
        time.advanceTime();
        for (int i = 0; i < 1000; i++) {
            visitors.came("b", "192.0.2.1:2");
        }
        visitors.went("b", "");
        time.advanceTimeBy(Visitors.PAUSE);

        assertThat(lines).hasSize(2).last().isEqualTo("1000 came, 1 went (1000 connected)");
    }

    @Test
    void afterAQuietSecondTheNextIsToldAtOnceAgain() {
        visitors.came("a", "192.0.2.1:1");
        time.advanceTimeBy(Visitors.PAUSE.multipliedBy(3));
        visitors.went("a", "");
        time.advanceTime();

        assertThat(lines).last().isEqualTo("a went (0 connected)");
    }
}
