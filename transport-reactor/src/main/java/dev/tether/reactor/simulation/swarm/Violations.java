package dev.tether.reactor.simulation.swarm;

import dev.tether.reactor.simulation.SimulatedNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What has broken in a history. One mistake may break a lot: only the first ones are kept. */
final class Violations {

    private static final int MAX_KEPT = 20;

    private final SimulatedNetwork network;
    private final List<String> kept = new ArrayList<>();

    Violations(SimulatedNetwork network) {
        this.network = network;
    }

    void add(String where, String what) {
        if (kept.size() < MAX_KEPT) {
            double seconds = network.elapsed().toNanos() / 1e9;
            kept.add(String.format(Locale.ROOT, "%.6f s, %s: %s", seconds, where, what));
        }
    }

    List<String> kept() {
        return List.copyOf(kept);
    }
}
