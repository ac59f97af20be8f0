package dev.tether.reactor.simulation.swarm;

import dev.tether.core.TransportSettings;
import dev.tether.core.simulation.SeededRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Draws the unreliable datagrams of a scenario, from a source of its own: what else happens does not depend on them. */
final class DatagramsDraw {

    /** The share of all bytes that is moved by datagrams, where there are any. */
    private static final int BUDGET_SHARE = 8;

    private final SeededRandom random;
    private final int byteBudget;

    /** @param byteBudget what all connections of a scenario may move together */
    DatagramsDraw(long seed, int byteBudget) {
        this.random = new SeededRandom(seed).split("datagrams");
        this.byteBudget = byteBudget;
    }

    /** Peers of which some have short queues for datagrams, and a few take none. */
    List<Scenario.Peer> withQueues(List<Scenario.Peer> peers) {
        return peers.stream()
                .map(it -> new Scenario.Peer(
                        it.name(), it.behind(), withQueue(it.settings()), it.offload(), it.reader(), it.admission()))
                .toList();
    }

    private TransportSettings withQueue(TransportSettings settings) {
        return random.chance(0.3)
                ? settings.toBuilder()
                        .datagramQueue(random.chance(0.1) ? 0 : random.nextInt(1, 20))
                        .build()
                : settings;
    }

    List<Scenario.Datagrams> draw(List<Scenario.Dial> dials) {
        List<Scenario.Datagrams> drawn = new ArrayList<>();
        Set<List<String>> done = new HashSet<>();
        for (Scenario.Dial dial : dials) {
            if (random.chance(0.25) && done.add(List.of(dial.from(), dial.to()))) {
                drawn.add(new Scenario.Datagrams(dial.from(), dial.to(), traffic(dials.size())));
            }
            if (random.chance(0.25) && done.add(List.of(dial.to(), dial.from()))) {
                drawn.add(new Scenario.Datagrams(dial.to(), dial.from(), traffic(dials.size())));
            }
        }
        return drawn;
    }

    private Scenario.Traffic traffic(int dials) {
        int sends = random.nextInt(1, 4);
        int maxSize = random.chance(0.5) ? random.nextInt(0, 100) : random.nextInt(16, 1500);
        int most = Math.max(1, Math.min(200, byteBudget / BUDGET_SHARE / dials / sends / Math.max(1, maxSize)));
        return new Scenario.Traffic(
                sends, random.nextInt(1, most), maxSize, Duration.ofMillis(random.nextInt(0, 4000)));
    }
}
