package dev.tether.examples.simulate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tether.examples.Console;
import dev.tether.examples.ExitCode;
import dev.tether.examples.StepProgress;
import dev.tether.examples.simulate.report.HistoryRecorder;
import dev.tether.examples.simulate.report.HtmlReport;
import dev.tether.reactor.simulation.SimulatedNetwork;
import dev.tether.reactor.simulation.Timeline;
import dev.tether.reactor.simulation.swarm.Scenario;
import dev.tether.reactor.simulation.swarm.ScenarioResult;
import dev.tether.reactor.simulation.swarm.ScenarioRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.ColorScheme;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.TextTable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code tether simulate}: looks for a history that breaks a promise. */
@Command(
        name = "simulate",
        description = {
            "Runs histories of a simulated network in which much goes wrong, and checks in each what Tether promises:"
                    + " that messages arrive once and in order, that every connection ends with one cause that the faults"
                    + " explain, that windows and memory keep to their limits, and more.",
            "",
            "A seed decides all of a history: the same command with the same seed gives the same one. When a promise is"
                    + " broken, the exit code is 1, and the command that replays it is printed."
        })
public final class SimulateCommand implements Callable<Integer> {

    private static final int MAX_SEEDS = 1_000_000;
    private static final int MAX_THREADS = 1024;
    private static final int SHOWN_SEEDS = 10;
    private static final int TIMELINE_EVENTS = 10_000;
    private static final int LABEL_WIDTH = 22;
    private static final int VALUE_WIDTH = 60;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private final ScenarioChoice choice = new ScenarioChoice();

    @Option(
            names = "--seeds",
            paramLabel = "N",
            defaultValue = "1",
            description = "how many seeds to run, from the first one on (default: ${DEFAULT-VALUE})")
    private int seeds;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "how many seeds to run at a time (default: one for each processor)")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--timeline",
            description = "print what has happened in the seed, or in the first one that broke a promise")
    private boolean timeline;

    @Option(names = "--json", description = "print one line of JSON, and nothing else")
    private boolean json;

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description =
                    "write a page with plots of the seed, or of the first one that broke a promise, or else of the"
                            + " first one; an existing file is replaced")
    private @Nullable Path report;

    @Override
    public Integer call() throws IOException, InterruptedException, ExecutionException {
        requireValid();
        Console console = new Console(spec.commandLine());
        long first = choice.firstSeed();
        if (seeds - 1 > Long.MAX_VALUE - first) {
            throw new ParameterException(
                    spec.commandLine(), "--seed " + first + " has no " + seeds + " seeds after it");
        }
        if (!json) {
            console.line(seeds == 1 ? "seed " + first : seeds + " seeds from " + first);
        }
        History shown = new History();
        long beginNs = System.nanoTime();
        List<SeedOutcome> runs = seeds == 1 ? List.of(runOne(first, shown, console)) : runAll(first, console);
        SimulationSummary summary = SimulationSummary.of(runs, Duration.ofNanos(System.nanoTime() - beginNs));
        SeedOutcome chosen = runs.stream().filter(run -> !run.ok()).findFirst().orElse(runs.get(0));
        boolean hasTimeline = timeline && (seeds == 1 || !chosen.ok());
        if (seeds > 1 && (report != null || hasTimeline)) {
            shown.run(choice.scenario(chosen.seed()), network -> {});
        }
        print(summary, hasTimeline ? shown.timeline : null, console);
        if (report != null) {
            HtmlReport.write(report, shown.page(summary, chosen));
        }
        return summary.ok() ? ExitCode.OK : failed(summary, chosen, shown);
    }

    private void requireValid() {
        if (seeds < 1 || seeds > MAX_SEEDS) {
            throw wrong("--seeds is " + seeds + ", it must be from 1 to " + MAX_SEEDS);
        }
        if (threads < 1 || threads > MAX_THREADS) {
            throw wrong("--threads is " + threads + ", it must be from 1 to " + MAX_THREADS);
        }
        if (json && timeline) {
            throw wrong("--json and --timeline exclude each other: one prints only JSON, the other one text;"
                    + " leave out one of them");
        }
        choice.check();
        if (report != null) {
            try {
                HtmlReport.requireWritable(report);
            } catch (IOException e) {
                throw new ParameterException(
                        spec.commandLine(), "--report: " + e.getMessage() + "; name another file", e);
            }
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private List<SeedOutcome> runAll(long first, Console console) throws InterruptedException, ExecutionException {
        try (Progress progress = Progress.start(json, console, "seeds", 1, seeds)) {
            return SeedRuns.run(first, seeds, threads, seed -> {
                SeedOutcome outcome = SeedOutcome.of(ScenarioRun.run(choice.scenario(seed)), choice.replay(seed));
                progress.step();
                return outcome;
            });
        }
    }

    private SeedOutcome runOne(long seed, History shown, Console console) {
        Scenario scenario = choice.scenario(seed);
        long allNs = scenario.faultPhase().plus(scenario.calmPhase()).toNanos();
        try (Progress progress = Progress.start(json, console, "simulated seconds", 1_000_000_000, allNs)) {
            ScenarioResult result =
                    shown.run(scenario, network -> network.onEvent(event -> progress.stepTo(event.timeNs())));
            return SeedOutcome.of(result, choice.replay(seed));
        }
    }

    private void print(SimulationSummary summary, @Nullable Timeline events, Console console)
            throws JsonProcessingException {
        if (json) {
            console.line(new ObjectMapper().writeValueAsString(summary));
            return;
        }
        if (events != null) {
            events.toString().lines().forEach(console::line);
            console.line("");
        } else if (timeline) {
            console.line("no seed broke a promise: there is no timeline");
        }
        TextTable table = TextTable.forColumns(
                new ColorScheme.Builder(Ansi.OFF).build(),
                new Column(LABEL_WIDTH, 0, Column.Overflow.SPAN),
                new Column(VALUE_WIDTH, 0, Column.Overflow.WRAP));
        for (Map.Entry<String, String> row : summary.rows().entrySet()) {
            table.addRowValues(row.getKey(), row.getValue());
        }
        table.addRowValues("wall time", String.format(Locale.ROOT, "%.1f s", summary.wallSeconds()));
        table.toString().lines().map(String::stripTrailing).forEach(console::line);
        printViolations(summary, console);
    }

    private static void printViolations(SimulationSummary summary, Console console) {
        List<SeedOutcome> failed =
                summary.runs().stream().filter(run -> !run.ok()).toList();
        for (SeedOutcome run : failed.subList(0, Math.min(SHOWN_SEEDS, failed.size()))) {
            console.line("");
            console.line("seed " + run.seed() + " broke a promise:");
            run.violations().forEach(violation -> violation.lines().forEach(line -> console.line("  " + line)));
            console.line("  replay: " + run.replay());
        }
        if (failed.size() > SHOWN_SEEDS) {
            console.line("");
            console.line("and " + (failed.size() - SHOWN_SEEDS) + " more seeds; --json has all of them");
        }
    }

    private int failed(SimulationSummary summary, SeedOutcome chosen, History shown) {
        String repeated = shown.isRepeated(chosen) ? "" : " (it went another way when it was run again)";
        spec.commandLine()
                .getErr()
                .println("tether: seed " + chosen.seed() + " broke a promise" + repeated
                        + (summary.failedSeeds() > 1 ? ", and " + (summary.failedSeeds() - 1) + " more seeds did" : "")
                        + "; replay: " + chosen.replay());
        spec.commandLine().getErr().flush();
        return ExitCode.FAILED;
    }

    /** The one history that is shown. */
    private final class History {

        private @Nullable Timeline timeline;
        private @Nullable HistoryRecorder recorder;
        private @Nullable Scenario scenario;
        private @Nullable ScenarioResult result;

        ScenarioResult run(Scenario scenario, Consumer<SimulatedNetwork> observer) {
            this.scenario = scenario;
            ScenarioResult result = ScenarioRun.run(scenario, network -> {
                observer.accept(network);
                if (SimulateCommand.this.timeline) {
                    timeline = Timeline.of(network, TIMELINE_EVENTS);
                }
                if (report != null) {
                    recorder = HistoryRecorder.of(network, scenario);
                }
            });
            this.result = result;
            return result;
        }

        boolean isRepeated(SeedOutcome outcome) {
            return result == null || result.traceHash().equals(outcome.traceHash());
        }

        HtmlReport page(SimulationSummary summary, SeedOutcome outcome) {
            if (scenario == null || recorder == null) {
                throw new IllegalStateException("a history is run before it is shown");
            }
            List<String> violations = new ArrayList<>(outcome.violations());
            if (!isRepeated(outcome)) {
                violations.add("the history went another way when it was run again");
            }
            return new HtmlReport(
                    scenario, recorder.history(), summary.rows(), violations, choice.replay(outcome.seed()));
        }
    }

    /** A progress that may be none. */
    private record Progress(@Nullable StepProgress shown) implements AutoCloseable {

        static Progress start(boolean silent, Console console, String unit, long unitSize, long max) {
            return new Progress(silent ? null : new StepProgress(console, "simulate", unit, unitSize, max));
        }

        void step() {
            if (shown != null) {
                shown.step();
            }
        }

        void stepTo(long position) {
            if (shown != null) {
                shown.stepTo(position);
            }
        }

        @Override
        public void close() {
            if (shown != null) {
                shown.close();
            }
        }
    }
}
