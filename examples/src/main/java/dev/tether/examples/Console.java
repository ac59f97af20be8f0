package dev.tether.examples;

import java.io.PrintWriter;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import picocli.CommandLine;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Where a command prints: whole lines, from any thread. Standard error has nothing but the line of a failure. */
public final class Console {

    private static final int IDLE_SECONDS = 60;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT);

    /** Where what happens is printed, in the order in which it happens: a thread that may block, one for all. */
    static final Scheduler PRINTING =
            Schedulers.newBoundedElastic(1, Integer.MAX_VALUE, "tether-console", IDLE_SECONDS, true);

    private final PrintWriter out;

    /** Prints to the standard output of {@code command}. */
    public Console(CommandLine command) {
        this(command.getOut());
    }

    private Console(PrintWriter out) {
        this.out = out;
    }

    /** Prints to the standard error of {@code command}, where standard output is for something else. */
    static Console ofErrors(CommandLine command) {
        return new Console(command.getErr());
    }

    /** Prints a line to standard output. */
    public synchronized void line(String text) {
        out.println(text);
        out.flush();
    }

    /** Prints a line that begins with the time of day. */
    void event(String text) {
        line(LocalTime.now(ZoneId.systemDefault()).format(TIME) + " " + text);
    }

    /** The time of day at a time of a node's clock, which counts nanoseconds from the Unix epoch. */
    static String timeOfDay(long epochNs) {
        return Instant.EPOCH.plusNanos(epochNs).atZone(ZoneId.systemDefault()).format(TIME);
    }

    /** Whether a human watches: both standard input and standard output are a terminal. */
    @SuppressWarnings("SystemConsoleNull")
    public static boolean isTerminal() {
        java.io.Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            // From Java 22 on there is a console even without a terminal, and a method that tells.
            return (boolean) java.io.Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }
}
