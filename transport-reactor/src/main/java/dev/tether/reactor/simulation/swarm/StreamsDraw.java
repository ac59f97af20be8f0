package dev.tether.reactor.simulation.swarm;

import dev.tether.core.TransportSettings;
import dev.tether.core.simulation.SeededRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Draws the streams of a scenario, from a source of its own: what else happens does not depend on them. Some pairs of peers
 * have streams, and move fewer messages instead.
 */
final class StreamsDraw {

    /** The share of all bytes that is moved by streams, where there are any. */
    private static final int BUDGET_SHARE = 4;

    private final SeededRandom random;
    private final int byteBudget;
    private final Map<List<String>, Boolean> chosen = new HashMap<>();

    /** @param byteBudget what all connections of a scenario may move together */
    StreamsDraw(long seed, int byteBudget) {
        this.random = new SeededRandom(seed).split("streams");
        this.byteBudget = byteBudget;
    }

    /** Peers of which some allow few streams, some have small windows, and some wait for less long until they may open one. */
    List<Scenario.Peer> withStreamLimits(List<Scenario.Peer> peers) {
        return peers.stream()
                .map(it -> new Scenario.Peer(
                        it.name(),
                        it.behind(),
                        withStreamLimits(it.settings()),
                        it.offload(),
                        it.reader(),
                        it.admission()))
                .toList();
    }

    private TransportSettings withStreamLimits(TransportSettings settings) {
        TransportSettings.Builder changed = settings.toBuilder();
        if (random.chance(0.3)) {
            changed.maxStreams(random.chance(0.1) ? 0 : random.nextInt(1, 6));
        }
        if (random.chance(0.3)) {
            changed.openStreamTimeout(Duration.ofMillis(random.nextInt(100, 5000)));
        }
        if (random.chance(0.2)) {
            // Credit that is not given back is missed here.
            int window = random.nextInt(2048, 16_384);
            changed.streamWindow(window)
                    .maxStreamWindow(window)
                    .connectionWindow(window)
                    .maxConnectionWindow(window);
        }
        return changed.build();
    }

    /** Dials of which those between peers with streams send half as many messages. */
    List<Scenario.Dial> withLessTraffic(List<Scenario.Dial> dials) {
        return dials.stream()
                .map(it -> hasStreams(it)
                        ? new Scenario.Dial(it.from(), it.to(), it.start(), half(it.there()), half(it.back()))
                        : it)
                .toList();
    }

    private static Scenario.Traffic half(Scenario.Traffic traffic) {
        return new Scenario.Traffic(traffic.sends(), (traffic.messages() + 1) / 2, traffic.maxSize(), traffic.pause());
    }

    /** Who opens streams to whom: both sides, or one of them. */
    List<Scenario.Streams> draw(List<Scenario.Dial> dials) {
        List<Scenario.Streams> drawn = new ArrayList<>();
        Set<List<String>> done = new HashSet<>();
        for (Scenario.Dial dial : dials) {
            if (hasStreams(dial) && done.add(pair(dial))) {
                if (random.chance(0.8)) {
                    drawn.add(streams(dial.from(), dial.to(), dials.size()));
                }
                if (random.chance(0.6)) {
                    drawn.add(streams(dial.to(), dial.from(), dials.size()));
                }
            }
        }
        return drawn;
    }

    private Scenario.Streams streams(String from, String to, int dials) {
        int count = random.chance(0.8) ? random.nextInt(1, 12) : random.nextInt(13, 40);
        int largest = Math.max(1, byteBudget / BUDGET_SHARE / dials / count);
        int maxSize = random.chance(0.4) ? random.nextInt(0, largest) : Math.min(largest, random.nextInt(0, 5000));
        return new Scenario.Streams(
                from,
                to,
                count,
                random.nextInt(1, 6),
                maxSize,
                Duration.ofMillis(random.chance(0.5) ? 0 : random.nextInt(0, 3000)),
                random.chance(0.3) ? 0 : (random.chance(0.2) ? 1 : 0.5) * random.nextDouble());
    }

    private boolean hasStreams(Scenario.Dial dial) {
        return chosen.computeIfAbsent(pair(dial), pair -> random.chance(0.5));
    }

    private static List<String> pair(Scenario.Dial dial) {
        return dial.from().compareTo(dial.to()) < 0 ? List.of(dial.from(), dial.to()) : List.of(dial.to(), dial.from());
    }
}
