package dev.tether.examples.simulate;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongFunction;

/** Runs many seeds, several at a time; each history is on one thread. */
final class SeedRuns {

    private SeedRuns() {}

    /**
     * Runs seeds one after another on each of {@code threads}.
     *
     * @param run runs one seed; called on any thread
     * @return the outcomes, in the order of the seeds
     * @throws ExecutionException if a run throws
     */
    static List<SeedOutcome> run(long first, int count, int threads, LongFunction<SeedOutcome> run)
            throws InterruptedException, ExecutionException {
        ExecutorService pool = Executors.newFixedThreadPool(Math.min(threads, count), task -> {
            Thread thread = new Thread(task, "tether-simulate");
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<Future<SeedOutcome>> pending = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                long seed = first + i;
                pending.add(pool.submit(() -> run.apply(seed)));
            }
            List<SeedOutcome> outcomes = new ArrayList<>();
            for (Future<SeedOutcome> outcome : pending) {
                outcomes.add(outcome.get());
            }
            return outcomes;
        } finally {
            pool.shutdownNow();
        }
    }
}
