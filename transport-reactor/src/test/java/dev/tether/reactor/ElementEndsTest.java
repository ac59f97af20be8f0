package dev.tether.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.simulation.SeededRandom;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ElementEndsTest {

    @Test
    void countsTheElementsBeforeAnOffsetAsAListOfTheirEndsWould() {
        for (long seed = 0; seed < 50; seed++) {
            SeededRandom random = new SeededRandom(seed);
            ElementEnds ends = new ElementEnds();
            List<Long> all = new ArrayList<>();
            long end = 0;
            long acknowledged = 0;
            for (int step = 0; step < 100; step++) {
                for (int i = random.nextInt(0, 20); i > 0; i--) {
                    end += random.nextLong() >>> random.nextInt(12, 64) >>> 8;
                    ends.add(end);
                    all.add(end);
                }
                acknowledged += (end - acknowledged) / random.nextInt(1, 5);
                long upTo = acknowledged;
                assertThat(ends.acknowledge(upTo))
                        .as("step %d, seed %d", step, seed)
                        .isEqualTo(all.stream().filter(it -> it <= upTo).count());
            }
            assertThat(ends.acknowledge(end)).as("seed %d", seed).isEqualTo(all.size());
        }
    }
}
