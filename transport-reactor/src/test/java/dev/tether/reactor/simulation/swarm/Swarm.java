package dev.tether.reactor.simulation.swarm;

import dev.tether.reactor.simulation.Timeline;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/** Runs one history after another, on all processors, each on one thread, until enough were run or one fails. */
final class Swarm {

    private static final int TIMELINE_EVENTS = 200;

    private final AtomicLong nextSeed;
    private final BooleanSupplier mayGoOn;
    private final AtomicInteger histories = new AtomicInteger();
    private final AtomicLong simulatedSeconds = new AtomicLong();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicLong messages = new AtomicLong();
    private final AtomicLong datagrams = new AtomicLong();

    /** @param mayGoOn asked before each further history */
    Swarm(long firstSeed, BooleanSupplier mayGoOn) {
        this.nextSeed = new AtomicLong(firstSeed);
        this.mayGoOn = mayGoOn;
    }

    /** @throws AssertionError for the first history that breaks something: what, its end, and how to replay it */
    void run() throws InterruptedException {
        int threads = Runtime.getRuntime().availableProcessors();
        ExecutorService workers = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> ends = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                ends.add(workers.submit(this::work));
            }
            for (Future<?> end : ends) {
                end.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof AssertionError broken ? broken : new AssertionError(e.getCause());
        } finally {
            workers.shutdownNow();
        }
    }

    int histories() {
        return histories.get();
    }

    @Override
    public String toString() {
        return histories + " histories of " + simulatedSeconds.get() / 3600 + " h in all, " + connections
                + " ends of connections, " + failures + " of them with an error, " + messages + " messages, "
                + datagrams
                + " datagrams";
    }

    private void work() {
        while (mayGoOn.getAsBoolean() && !Thread.currentThread().isInterrupted()) {
            ScenarioResult result = check(nextSeed.getAndIncrement());
            histories.incrementAndGet();
            simulatedSeconds.addAndGet(result.simulated().toSeconds());
            connections.addAndGet(result.connections());
            failures.addAndGet(result.failures());
            messages.addAndGet(result.messages());
            datagrams.addAndGet(result.network().sent());
        }
    }

    /** Runs one history; what it breaks comes with its last events, which a second run of it has. */
    static ScenarioResult check(long seed) {
        ScenarioResult result = ScenarioRun.run(Scenario.draw(seed));
        if (result.isOk()) {
            return result;
        }
        StringBuilder story = new StringBuilder();
        ScenarioRun.run(Scenario.draw(seed), network -> {
            Timeline timeline = Timeline.of(network, TIMELINE_EVENTS);
            network.onEvent(event -> {
                if (story.isEmpty() && event.timeNs() >= firstViolationNs(result)) {
                    story.append(timeline);
                }
            });
        });
        throw new AssertionError("seed " + seed + " breaks this:\n" + String.join("\n", result.violations())
                + "\nReplay it with: examples/tether simulate --seed " + seed + " --timeline\nWhat came before:\n"
                + story);
    }

    /** The time that a violation begins with, in seconds. */
    private static long firstViolationNs(ScenarioResult result) {
        String first = result.violations().get(0);
        return (long) (Double.parseDouble(first.substring(0, first.indexOf(" s,"))) * 1e9);
    }
}
