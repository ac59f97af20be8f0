package dev.tether.examples;

import dev.tether.examples.transfer.FileResult;
import dev.tether.examples.transfer.TransferListener;
import java.time.Duration;
import java.util.Locale;

/** The progress of a transfer in lines: when a file begins, every few seconds, and what has become of it. */
final class PlainProgress implements TransferListener {

    private static final long INTERVAL_NS = Duration.ofSeconds(5).toNanos();

    private final Console console;
    private final String prefix;
    private String name = "";
    private long size;
    private long offset;
    private long beginNs;
    private long printedNs;

    /** @param prefix comes before each line, to tell the connections of a command apart; may be empty */
    PlainProgress(Console console, String prefix) {
        this.console = console;
        this.prefix = prefix;
    }

    @Override
    public void started(String name, long offset, long size) {
        this.name = Printable.of(name);
        this.size = size;
        this.offset = offset;
        beginNs = System.nanoTime();
        printedNs = beginNs;
        console.line(prefix + this.name + ": " + ByteSize.text(size)
                + (offset == 0 ? "" : ", continued at byte " + offset + " (" + percent(offset) + ")"));
    }

    @Override
    public void progress(long position) {
        long nowNs = System.nanoTime();
        if (nowNs - printedNs < INTERVAL_NS) {
            return;
        }
        printedNs = nowNs;
        double seconds = (nowNs - beginNs) / 1e9;
        double rate = (position - offset) / seconds;
        long left = rate > 0 ? (long) ((size - position) / rate) : 0;
        console.line(prefix + name + ": " + percent(position) + ", " + ByteSize.rate(position - offset, seconds) + ", "
                + left + " s left");
    }

    @Override
    public void finished(FileResult result) {
        console.line(prefix + describe(result));
    }

    @Override
    public void note(String text) {
        console.line(prefix + Printable.of(text));
    }

    /** What has become of a file. */
    static String describe(FileResult result) {
        String name = Printable.of(result.name());
        if (result instanceof FileResult.Stored stored) {
            double seconds = stored.elapsed().toNanos() / 1e9;
            return String.format(
                    Locale.ROOT,
                    "%s: done, %s in %.2f s, %s, SHA-256 %s",
                    name,
                    ByteSize.text(stored.transferred()),
                    seconds,
                    ByteSize.rate(stored.transferred(), seconds),
                    stored.digest());
        }
        if (result instanceof FileResult.Failed failed) {
            return name + ": failed, " + failed.failure() + ": " + Printable.of(failed.text());
        }
        return name + ": already there, skipped";
    }

    private String percent(long position) {
        return String.format(Locale.ROOT, "%.0f%%", size == 0 ? 100.0 : 100.0 * position / size);
    }
}
