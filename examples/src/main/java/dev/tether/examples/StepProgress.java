package dev.tether.examples;

import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;

/** The progress of work that is counted: a bar on a terminal, a line every few seconds elsewhere. For any thread. */
public final class StepProgress implements AutoCloseable {

    private static final long INTERVAL_NS = Duration.ofSeconds(5).toNanos();

    private final String task;
    private final String unit;
    private final long max;
    private final long unitSize;
    private final Console console;
    private final @Nullable ProgressBar bar;
    private long done;
    private long printedNs = System.nanoTime();

    /**
     * @param unit what is counted, as it is shown, {@code unitSize} steps each
     * @param max how many steps there are
     */
    public StepProgress(Console console, String task, String unit, long unitSize, long max) {
        this.console = console;
        this.task = task;
        this.unit = unit;
        this.unitSize = unitSize;
        this.max = max;
        this.bar = Console.isTerminal()
                ? BarProgress.bar(task, max, " " + unit, unitSize).build()
                : null;
    }

    /** One more step is done. */
    public synchronized void step() {
        stepTo(done + 1);
    }

    /** So many steps are done. */
    public synchronized void stepTo(long position) {
        done = Math.min(position, max);
        if (bar != null) {
            bar.stepTo(done);
            return;
        }
        long nowNs = System.nanoTime();
        if (nowNs - printedNs >= INTERVAL_NS) {
            printedNs = nowNs;
            console.line(String.format(
                    Locale.ROOT, "%s: %,d of %,d %s", task, done / unitSize, (max + unitSize - 1) / unitSize, unit));
        }
    }

    /** Takes the bar away. */
    @Override
    public synchronized void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
