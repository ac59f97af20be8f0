package dev.tether.examples;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import reactor.core.scheduler.Scheduler;

/** Tells who comes and goes: in a line at once, or, of those that come within the same second, how many. From any thread. */
final class Visitors {

    /** The least time between two lines. */
    static final Duration PAUSE = Duration.ofSeconds(1);

    private final Consumer<String> lines;
    private final Scheduler scheduler;
    private long connected;
    private long came;
    private long went;
    private String latest = "";

    /** Whether a line has been told a moment ago, or will be in a moment. */
    private boolean busy;

    /**
     * @param lines takes each line
     * @param scheduler where it is called
     */
    Visitors(Consumer<String> lines, Scheduler scheduler) {
        this.lines = lines;
        this.scheduler = scheduler;
    }

    /** Somebody has connected. */
    synchronized void came(String who, String from) {
        connected++;
        came++;
        onChange(who + " came from " + from);
    }

    /** Somebody that had connected is gone. */
    synchronized void went(String who, String why) {
        connected--;
        went++;
        onChange(who + " went" + (why.isEmpty() ? "" : ": " + why));
    }

    private void onChange(String event) {
        latest = event;
        if (!busy) {
            busy = true;
            scheduler.schedule(this::tell);
        }
    }

    private void tell() {
        String line = next();
        if (!line.isEmpty()) {
            lines.accept(line);
            scheduler.schedule(this::tell, PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private synchronized String next() {
        long changes = came + went;
        String line = changes == 0 ? "" : changes == 1 ? latest : came + " came, " + went + " went";
        busy = changes > 0;
        came = 0;
        went = 0;
        return line.isEmpty() ? line : line + " (" + connected + " connected)";
    }
}
