package dev.tether.examples.simulate;

import dev.tether.core.simulation.DropCause;
import dev.tether.examples.ByteSize;
import dev.tether.reactor.simulation.swarm.DatagramTotals;
import dev.tether.reactor.simulation.swarm.StreamTotals;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How all histories went; as JSON, its components are the fields, and {@code runs} come in the order of their seeds.
 *
 * @param ok whether every invariant held in all of them
 * @param failedSeeds how many histories broke an invariant
 * @param violations how many violations there were in all
 * @param wallSeconds how long it took; the only field that the seeds don't decide
 */
record SimulationSummary(
        long firstSeed,
        int seeds,
        boolean ok,
        int failedSeeds,
        int violations,
        double simulatedSeconds,
        long connections,
        long failures,
        long messages,
        long bytes,
        StreamTotals streams,
        DatagramTotals unreliable,
        Datagrams datagrams,
        double wallSeconds,
        List<SeedOutcome> runs) {

    static SimulationSummary of(List<SeedOutcome> runs, Duration wall) {
        return new SimulationSummary(
                runs.get(0).seed(),
                runs.size(),
                runs.stream().allMatch(SeedOutcome::ok),
                (int) runs.stream().filter(run -> !run.ok()).count(),
                runs.stream().mapToInt(run -> run.violations().size()).sum(),
                runs.stream().mapToDouble(SeedOutcome::simulatedSeconds).sum(),
                runs.stream().mapToLong(SeedOutcome::connections).sum(),
                runs.stream().mapToLong(SeedOutcome::failures).sum(),
                runs.stream().mapToLong(SeedOutcome::messages).sum(),
                runs.stream().mapToLong(SeedOutcome::bytes).sum(),
                runs.stream().map(SeedOutcome::streams).reduce(StreamTotals.NONE, StreamTotals::plus),
                runs.stream().map(SeedOutcome::unreliable).reduce(DatagramTotals.NONE, DatagramTotals::plus),
                runs.stream().map(SeedOutcome::datagrams).reduce(Datagrams.NONE, Datagrams::plus),
                wall.toMillis() / 1e3,
                runs);
    }

    /** The rows of a table for a human, without the wall time: what the seeds decide. */
    Map<String, String> rows() {
        Map<String, String> rows = new LinkedHashMap<>();
        long last = firstSeed + seeds - 1;
        if (seeds == 1) {
            rows.put("seed", Long.toString(firstSeed));
        } else {
            rows.put("seeds", count(seeds) + " (" + firstSeed + " to " + last + ")");
        }
        rows.put("simulated", String.format(Locale.ROOT, "%.2f h", simulatedSeconds / 3600));
        rows.put("connections", count(connections) + " (each counted at both ends)");
        rows.put("of these, failed", count(failures));
        rows.put("messages", count(messages));
        rows.put("bytes", ByteSize.text(bytes));
        rows.put("streams", count(streams.opened()));
        rows.put("  received to the end", count(streams.finished()) + " directions, " + ByteSize.text(streams.bytes()));
        rows.put("  reset", count(streams.reset()));
        rows.put("  cancelled", count(streams.cancelled()));
        rows.put(
                "unreliable",
                count(unreliable.sent()) + ", " + count(unreliable.received()) + " of them received, "
                        + ByteSize.text(unreliable.bytes()));
        rows.put("datagrams sent", count(datagrams.sent()) + ", " + ByteSize.text(datagrams.sentBytes()));
        rows.put("datagrams arrived", count(datagrams.arrived()) + ", " + count(datagrams.altered()) + " altered");
        long dropped =
                datagrams.dropped().values().stream().mapToLong(Long::longValue).sum();
        rows.put("datagrams dropped", count(dropped));
        for (Map.Entry<DropCause, Long> cause : datagrams.dropped().entrySet()) {
            rows.put("  " + cause.getKey().name().toLowerCase(Locale.ROOT).replace('_', ' '), count(cause.getValue()));
        }
        String where = ok || seeds == 1 ? "" : " in " + count(failedSeeds) + " of " + count(seeds) + " seeds";
        rows.put("violations", count(violations) + where);
        return rows;
    }

    private static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }
}
