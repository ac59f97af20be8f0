package dev.tether.reactor.simulation.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.simulation.SeededRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Numbered messages flow through links while hosts crash and restart, nodes shut down, connections are closed and networks are
 * cut: each message is delivered exactly once and in order, or its send errors.
 */
class KeptLinksTest {

    private static final int SEEDS = 1000;

    @Test
    void eachMessageIsDeliveredOnceAndInOrderOrItsSendErrors() {
        long[] messages = new long[1];
        LongStream.range(0, SEEDS).parallel().forEach(seed -> {
            ScenarioResult result = ScenarioRun.run(scenario(seed));
            assertThat(result.violations())
                    .as("seed %d of %s", seed, getClass())
                    .isEmpty();
            synchronized (messages) {
                messages[0] += result.messages();
            }
        });
        assertThat(messages[0]).isGreaterThan(100L * SEEDS);
    }

    private static Scenario scenario(long seed) {
        Scenario drawn = Scenario.draw(seed);
        SeededRandom random = new SeededRandom(seed).split("links");
        List<Scenario.Keep> keeps = new ArrayList<>();
        for (Scenario.Dial dial : drawn.dials()) {
            keeps.add(new Scenario.Keep(
                    dial.from(),
                    dial.to(),
                    dial.start(),
                    new Scenario.Traffic(
                            random.nextInt(2, 8),
                            random.nextInt(1, 30),
                            random.nextInt(16, 3000),
                            Duration.ofMillis(random.nextInt(0, 4000)))));
        }
        List<Fault> faults = new ArrayList<>();
        for (int i = random.nextInt(2, 6); i > 0 && !keeps.isEmpty(); i--) {
            faults.add(fault(drawn, random.pick(keeps), random));
        }
        return new Scenario(
                seed,
                drawn.nats(),
                drawn.peers(),
                drawn.gateways(),
                drawn.link(),
                drawn.links(),
                List.of(),
                keeps,
                List.of(),
                List.of(),
                faults,
                drawn.faultPhase(),
                drawn.calmPhase());
    }

    private static Fault fault(Scenario drawn, Scenario.Keep keep, SeededRandom random) {
        Duration at = Duration.ofNanos(
                (long) (random.nextDouble() * drawn.faultPhase().toNanos()));
        Duration length = Duration.ofMillis(random.nextInt(0, 20_000));
        String one = random.chance(0.5) ? keep.from() : keep.to();
        String other = one.equals(keep.from()) ? keep.to() : keep.from();
        return switch (random.nextInt(8)) {
            // Nobody finds a gateway that has lost its key.
            case 0, 1 ->
                new Fault.Crash(
                        at, length, one, random.chance(0.1) && !drawn.gateways().contains(one));
            case 2 -> new Fault.Shutdown(at, length, one);
            case 3 -> new Fault.Close(at, one, other, random.nextInt(3));
            case 4 -> new Fault.Suspend(at, length, one);
            default -> new Fault.Partition(at, length, List.of(one), List.of(other), random.chance(0.5));
        };
    }
}
