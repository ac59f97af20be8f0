package dev.tether.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command as processes of their own, and what becomes of the others when one of them dies. */
@Timeout(180)
class ProcessTest {

    private static final long FILE_SIZE = 128L << 20;
    private static final long ENOUGH = 4L << 20;

    @TempDir
    Path directory;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void killAll() {
        processes.forEach(Process::destroyForcibly);
    }

    @Test
    void aKilledSenderIsReportedAndItsTransferContinues() throws Exception {
        Path file = directory.resolve("big");
        try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "rw")) {
            content.setLength(FILE_SIZE);
        }
        Path incoming = Files.createDirectory(directory.resolve("incoming"));
        Process receiver = start("receive", incoming.toString(), "--host", "127.0.0.1", "--idle-timeout", "3s");
        BufferedReader output = receiver.inputReader();
        String address = output.readLine();

        Process first = start("send", address, file.toString());
        awaitPartialFile(incoming);
        first.destroyForcibly().waitFor();
        awaitLine(output, "Failed ConnectionLost/IDLE_TIMEOUT");

        Process second = start("send", address, file.toString());
        String progress = second.inputReader().readLine();
        assertThat(second.waitFor()).isZero();
        assertThat(progress).contains("continued at byte");
        assertThat(Files.mismatch(file, incoming.resolve("big"))).isEqualTo(-1);
        assertThat(incoming.toFile().list()).containsExactly("big");
    }

    @Test
    void ctrlCTellsThePeer() throws Exception {
        Process listener = start("listen", "--host", "127.0.0.1");
        BufferedReader output = listener.inputReader();
        String address = output.readLine();
        Process chat = start("chat", address);
        BufferedReader said = chat.inputReader();
        chat.outputWriter().write("hello\n");
        chat.outputWriter().flush();
        awaitLine(said, "< hello");

        interrupt(chat);

        assertThat(chat.waitFor()).isEqualTo(130);
        assertThat(chat.errorReader().readLine()).isNull();
        awaitLine(output, "closed by the peer with code 130: interrupted");
        interrupt(listener);
        assertThat(listener.waitFor()).isEqualTo(130);
    }

    private Process start(String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // as in examples/tether: later Javas warn of Netty's native code on standard error
                "-XX:+IgnoreUnrecognizedVMOptions",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                TetherCommand.class.getName()));
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command).start();
        processes.add(process);
        return process;
    }

    private static void interrupt(Process process) throws Exception {
        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
    }

    private static void awaitLine(BufferedReader output, String expected) throws IOException {
        List<String> seen = new ArrayList<>();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            seen.add(line);
            if (line.contains(expected)) {
                return;
            }
        }
        throw new AssertionError("'" + expected + "' was not printed, but " + seen);
    }

    private static void awaitPartialFile(Path incoming) throws IOException {
        while (true) {
            try (Stream<Path> files = Files.list(incoming)) {
                Path partial = files.findFirst().orElse(null);
                if (partial != null && Files.size(partial) >= ENOUGH) {
                    return;
                }
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }
}
