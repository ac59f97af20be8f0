package dev.tether.reactor.simulation.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Random histories of up to fifty peers, in which links lose, delay, double, reorder and spoil datagrams, and hosts crash,
 * sleep and restart: each has to keep every promise. {@code -Pswarm} runs them for a given time with fresh seeds.
 */
class SwarmTest {

    private static final int SEEDS = Integer.getInteger("tether.swarm.seeds", 4000);

    @Test
    void everyHistoryKeepsWhatIsPromised() throws Exception {
        String minutes = System.getProperty("tether.swarm.minutes");
        AtomicInteger left = new AtomicInteger(SEEDS);
        Swarm swarm;
        if (minutes == null) {
            swarm = new Swarm(0, () -> left.getAndDecrement() > 0);
        } else {
            Instant end = Instant.now().plus(Duration.ofSeconds((long) (60 * Double.parseDouble(minutes))));
            swarm = new Swarm(
                    Instant.now().toEpochMilli() * 1000, () -> Instant.now().isBefore(end));
        }
        swarm.run();

        System.out.println("The swarm: " + swarm);
        assertThat(swarm.histories()).isGreaterThanOrEqualTo(minutes == null ? SEEDS : 1);
    }
}
