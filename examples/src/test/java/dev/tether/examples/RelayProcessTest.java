package dev.tether.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code tether pipe} and {@code tether relay} as processes. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RelayProcessTest {

    /** How much goes through the relay: the system property {@code tether.relay.bytes}, 256 MiB without it. */
    private static final long BYTES = Long.getLong("tether.relay.bytes", 256L << 20);

    /** An end by the lack of memory is to be seen as such. */
    private static final List<String> SMALL =
            List.of("-Xmx64m", "-XX:MaxDirectMemorySize=64m", "-XX:+ExitOnOutOfMemoryError");

    private static final int BLOCK = 64 * 1024;
    private static final long SEED = 4;

    private final List<TetherProcess> processes = new ArrayList<>();

    @AfterEach
    void killAll() throws Exception {
        for (TetherProcess process : processes) {
            process.kill();
        }
    }

    @Test
    void anyNumberOfBytesGoesThroughThreeProcessesOf64Megabytes() throws Exception {
        // A datagram of loopback's size: it is the memory that is tested, not the system calls.
        TetherProcess listener =
                start(SMALL, "pipe", "--listen", "--receive-only", "--host", "127.0.0.1", "--datagram", "65000");
        TetherProcess relay =
                start(SMALL, "relay", "--to", listener.readErrorLine(), "--host", "127.0.0.1", "--datagram", "65000");
        TetherProcess sender = start(SMALL, "pipe", relay.readLine(), "--datagram", "65000");
        CompletableFuture<Void> fed = CompletableFuture.runAsync(() -> feed(sender.input()));

        long received = compare(listener.output());

        fed.get(1, TimeUnit.MINUTES);
        assertThat(received).isEqualTo(BYTES);
        assertThat(sender.exitCode()).as("sender, %s", sender.errors()).isZero();
        assertThat(listener.exitCode()).as("listener, %s", listener.errors()).isZero();
        relay.awaitLine("Closed");
        relay.interrupt();
        assertThat(relay.exitCode()).as("relay, %s", relay.errors()).isEqualTo(ExitCode.INTERRUPTED);
    }

    @Test
    void bothDirectionsEndByThemselves() throws Exception {
        TetherProcess listener = start(List.of(), "pipe", "--listen", "--host", "127.0.0.1");
        TetherProcess relay = start(List.of(), "relay", "--to", listener.readErrorLine(), "--host", "127.0.0.1");
        TetherProcess dialer = start(List.of(), "pipe", relay.readLine());
        dialer.type("question");
        dialer.endInput();
        assertThat(listener.readLine()).isEqualTo("question");
        assertThat(listener.output().read()).as("the end").isEqualTo(-1);
        listener.type("answer");
        listener.endInput();
        assertThat(new String(dialer.output().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("answer\n");
        assertThat(dialer.exitCode()).isZero();
        assertThat(listener.exitCode()).isZero();
    }

    @Test
    void aRelayThatIsKilledFailsBothEnds() throws Exception {
        TetherProcess listener = start(List.of(), "pipe", "--listen", "--host", "127.0.0.1", "--idle-timeout", "2s");
        TetherProcess relay = start(List.of(), "relay", "--to", listener.readErrorLine(), "--host", "127.0.0.1");
        TetherProcess dialer = start(List.of(), "pipe", relay.readLine(), "--idle-timeout", "2s");
        dialer.type("begun");
        assertThat(listener.readLine()).isEqualTo("begun");

        relay.kill();

        assertThat(dialer.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(listener.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(dialer.errors()).last().asString().startsWith("tether: ConnectionLost/IDLE_TIMEOUT");
        assertThat(listener.errors()).last().asString().startsWith("tether: ConnectionLost/IDLE_TIMEOUT");
    }

    @Test
    void aDestinationThatCannotBeReachedIsToldToTheDialer() throws Exception {
        TetherProcess relay =
                start(List.of(), "relay", "--to", "tether://" + "a".repeat(52) + "@127.0.0.1:9", "--host", "127.0.0.1");
        TetherProcess dialer = start(List.of(), "pipe", relay.readLine(), "--receive-only");

        assertThat(dialer.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(dialer.errors())
                .last()
                .asString()
                .startsWith("tether: ConnectionClosed")
                .contains("ConnectionEstablishment/UNREACHABLE");
        relay.awaitLine("not relayed: ConnectionEstablishment/UNREACHABLE");
    }

    private TetherProcess start(List<String> options, String... args) throws IOException {
        TetherProcess process = TetherProcess.start(options, args);
        processes.add(process);
        return process;
    }

    private static void feed(OutputStream input) {
        SplittableRandom random = new SplittableRandom(SEED);
        byte[] block = new byte[BLOCK];
        try (input) {
            for (long left = BYTES; left > 0; left -= BLOCK) {
                fill(block, random);
                input.write(block, 0, (int) Math.min(left, BLOCK));
            }
        } catch (IOException e) {
            throw new IllegalStateException("the sender has gone", e);
        }
    }

    /** Compares what comes with what was fed, byte for byte; returns how many bytes came. */
    private static long compare(InputStream output) throws IOException {
        SplittableRandom random = new SplittableRandom(SEED);
        byte[] expected = new byte[BLOCK];
        byte[] block = new byte[BLOCK];
        long received = 0;
        for (int length = output.readNBytes(block, 0, BLOCK); length > 0; length = output.readNBytes(block, 0, BLOCK)) {
            fill(expected, random);
            assertThat(Arrays.mismatch(block, 0, length, expected, 0, length))
                    .as("the first wrong byte after %d", received)
                    .isEqualTo(-1);
            received += length;
        }
        return received;
    }

    private static void fill(byte[] block, SplittableRandom random) {
        ByteBuffer longs = ByteBuffer.wrap(block);
        while (longs.hasRemaining()) {
            longs.putLong(random.nextLong());
        }
    }
}
