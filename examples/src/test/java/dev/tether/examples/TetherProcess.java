package dev.tether.examples;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The {@code tether} command as a process of its own: what it is told, and what it prints. */
final class TetherProcess {

    private final Process process;
    private final BufferedReader output;
    private final BufferedWriter input;

    private TetherProcess(Process process) {
        this.process = process;
        this.output = process.inputReader();
        this.input = process.outputWriter();
    }

    static TetherProcess start(String... args) throws IOException {
        return start(List.of(), args);
    }

    /** With options for its JVM. */
    static TetherProcess start(List<String> options, String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // as in examples/tether: later Javas warn of Netty's native code on standard error
                "-XX:+IgnoreUnrecognizedVMOptions",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path")));
        command.addAll(options);
        command.add(TetherCommand.class.getName());
        command.addAll(List.of(args));
        return new TetherProcess(new ProcessBuilder(command).start());
    }

    /** The next line of standard output. */
    String readLine() throws IOException {
        String line = output.readLine();
        if (line == null) {
            throw new AssertionError("no line was printed, but " + errors());
        }
        return line;
    }

    /** The next line of standard error. */
    String readErrorLine() throws IOException {
        return process.errorReader().readLine();
    }

    /** Its standard output, for those that print no lines. */
    InputStream output() {
        return process.getInputStream();
    }

    /** Its standard input. */
    OutputStream input() {
        return process.getOutputStream();
    }

    /** Waits for a line of standard output, and passes over those before it. */
    String awaitLine(String expected) throws IOException {
        List<String> seen = new ArrayList<>();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            seen.add(line);
            if (line.contains(expected)) {
                return line;
            }
        }
        throw new AssertionError("'" + expected + "' was not printed, but " + seen + " and " + errors());
    }

    /** What is left of standard error, after the end of the process. */
    List<String> errors() {
        return process.errorReader().lines().toList();
    }

    /** A line on its standard input. */
    void type(String line) throws IOException {
        input.write(line + "\n");
        input.flush();
    }

    /** The end of its standard input. */
    void endInput() throws IOException {
        input.close();
    }

    /** As {@code kill -9}, and waits until it is gone. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** As Ctrl-C. */
    void interrupt() throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
    }

    /** Waits for its end. */
    int exitCode() throws InterruptedException {
        return process.waitFor();
    }
}
