package dev.tether.examples;

import static org.assertj.core.api.Assertions.assertThat;

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
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ProcessTest {

    private static final long FILE_SIZE = 128L << 20;
    private static final long ENOUGH = 4L << 20;

    @TempDir
    Path directory;

    private final List<TetherProcess> processes = new ArrayList<>();

    @AfterEach
    void killAll() throws Exception {
        for (TetherProcess process : processes) {
            process.kill();
        }
    }

    @Test
    void aKilledSenderIsReportedAndItsTransferContinues() throws Exception {
        Path file = directory.resolve("big");
        try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "rw")) {
            content.setLength(FILE_SIZE);
        }
        Path incoming = Files.createDirectory(directory.resolve("incoming"));
        TetherProcess receiver = start("receive", incoming.toString(), "--host", "127.0.0.1", "--idle-timeout", "3s");
        String address = receiver.readLine();

        TetherProcess first = start("send", address, file.toString());
        awaitPartialFile(incoming);
        first.kill();
        receiver.awaitLine("Failed ConnectionLost/IDLE_TIMEOUT");

        TetherProcess second = start("send", address, file.toString());
        String progress = second.readLine();
        assertThat(second.exitCode()).isZero();
        assertThat(progress).contains("continued at byte");
        assertThat(Files.mismatch(file, incoming.resolve("big"))).isEqualTo(-1);
        assertThat(incoming.toFile().list()).containsExactly("big");
    }

    @Test
    void ctrlCTellsThePeer() throws Exception {
        TetherProcess listener = start("listen", "--host", "127.0.0.1");
        TetherProcess chat = start("chat", listener.readLine());
        chat.type("hello");
        chat.awaitLine("< hello");

        chat.interrupt();

        assertThat(chat.exitCode()).isEqualTo(130);
        assertThat(chat.errors()).isEmpty();
        listener.awaitLine("closed by the peer with code 130: interrupted");
        listener.interrupt();
        assertThat(listener.exitCode()).isEqualTo(130);
    }

    private TetherProcess start(String... args) throws IOException {
        TetherProcess process = TetherProcess.start(args);
        processes.add(process);
        return process;
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
