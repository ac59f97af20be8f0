package dev.tether.examples;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import picocli.CommandLine;

/** The {@code tether} command in this process: what it prints and its exit code. */
public final class Cli {

    private final LineWriter out = new LineWriter();
    private final LineWriter err = new LineWriter();
    private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();

    private Cli() {}

    /** Runs a command to its end. */
    public static Cli run(String... args) {
        Cli cli = new Cli();
        cli.execute(args);
        return cli;
    }

    /** Runs a command in a thread of its own. */
    static Cli start(String... args) {
        Cli cli = new Cli();
        Thread thread = new Thread(() -> cli.execute(args), "tether " + args[0]);
        thread.setDaemon(true);
        thread.start();
        return cli;
    }

    /** Waits for the end. */
    public int exitCode() throws Exception {
        return exitCode.get(60, TimeUnit.SECONDS);
    }

    /** All of standard output. */
    public List<String> out() {
        return out.lines();
    }

    /** All of standard error. */
    public List<String> err() {
        return err.lines();
    }

    /** Waits for a line of standard output; each line is seen by one call. */
    String awaitLine(Predicate<String> expected) throws InterruptedException {
        while (true) {
            String line = out.queue.poll(60, TimeUnit.SECONDS);
            if (line == null) {
                throw new AssertionError("the expected line did not come after " + out() + err());
            }
            if (expected.test(line)) {
                return line;
            }
        }
    }

    private void execute(String... args) {
        CommandLine command = TetherCommand.commandLine();
        command.setOut(new PrintWriter(out, true));
        command.setErr(new PrintWriter(err, true));
        exitCode.complete(command.execute(args));
    }

    /** Collects what is written, and hands out each line as soon as it is complete. */
    private static final class LineWriter extends StringWriter {

        private final BlockingQueue<String> queue = new LinkedBlockingQueue<>();
        private final StringBuilder line = new StringBuilder();

        @Override
        public synchronized void write(String text, int offset, int length) {
            super.write(text, offset, length);
            for (int i = offset; i < offset + length; i++) {
                add(text.charAt(i));
            }
        }

        @Override
        public void write(String text) {
            write(text, 0, text.length());
        }

        @Override
        public synchronized void write(char[] text, int offset, int length) {
            super.write(text, offset, length);
            for (int i = offset; i < offset + length; i++) {
                add(text[i]);
            }
        }

        @Override
        public synchronized void write(int c) {
            super.write(c);
            add((char) c);
        }

        synchronized List<String> lines() {
            return toString().lines().toList();
        }

        private void add(char c) {
            if (c == '\n') {
                queue.add(line.toString());
                line.setLength(0);
            } else {
                line.append(c);
            }
        }
    }
}
