package dev.tether.examples;

import dev.tether.examples.transfer.FileResult;
import dev.tether.examples.transfer.TransferListener;
import java.time.Duration;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;

/** The progress of a transfer as a bar with rate and remaining time, on a terminal; then what has become of the file. */
final class BarProgress implements TransferListener {

    private static final int UPDATE_MS = 200;

    private final Console console;
    private final String prefix;
    private @Nullable ProgressBar bar;

    /** @param prefix comes before each name, to tell the connections of a command apart; may be empty */
    BarProgress(Console console, String prefix) {
        this.console = console;
        this.prefix = prefix;
    }

    @Override
    public void started(String name, long offset, long size) {
        if (size == 0) {
            return;
        }
        bar = bar(prefix + Printable.of(name), size, "MB", 1_000_000)
                .startsFrom(offset, Duration.ZERO)
                .showSpeed()
                .build();
    }

    @Override
    public void progress(long position) {
        if (bar != null) {
            bar.stepTo(position);
        }
    }

    @Override
    public void finished(FileResult result) {
        if (bar != null) {
            bar.close();
            bar = null;
        }
        console.line(prefix + PlainProgress.describe(result));
    }

    @Override
    public void note(String text) {
        console.line(prefix + Printable.of(text));
    }

    /** A bar as all of them look, on the terminal's standard error. */
    static ProgressBarBuilder bar(String task, long max, String unit, long unitSize) {
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(max)
                .setUnit(unit, unitSize)
                .setUpdateIntervalMillis(UPDATE_MS);
    }

    /** A bar on a terminal, lines elsewhere. */
    static TransferListener choose(Console console, String prefix) {
        return Console.isTerminal() ? new BarProgress(console, prefix) : new PlainProgress(console, prefix);
    }
}
