package dev.tether.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.PeerAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code tether gateway} and two chats as processes. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GatewayProcessTest {

    private static final String LOOPBACK = "127.0.0.1";

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
    void twoPeersTalkBothWaysAlsoWhenTheGatewayIsGone() throws Exception {
        TetherProcess gateway = start("gateway", "--host", LOOPBACK);
        String via = gateway.readLine();
        TetherProcess waiting = start("chat", "--listen", "--via", via);
        String key = reachableAs(waiting);
        gateway.awaitLine(" " + PeerAddress.parse(key).identity().shortName() + " came from 127.0.0.1:");
        TetherProcess dialing = start("chat", "--via", via, key);

        dialing.type("question");
        waiting.awaitLine(" < question");
        gateway.interrupt();
        assertThat(gateway.exitCode()).isEqualTo(ExitCode.INTERRUPTED);
        waiting.awaitLine(" lost ConnectionClosed: ");
        waiting.type("answer");

        dialing.awaitLine(" < answer");
        dialing.endInput();
        assertThat(dialing.exitCode()).as("dialing, %s", dialing.errors()).isZero();
        assertThat(waiting.exitCode()).as("waiting, %s", waiting.errors()).isZero();
    }

    @Test
    void aPeerComesBackToAGatewayThatHasRestarted() throws Exception {
        String gatewayKey = directory.resolve("gateway.key").toString();
        Cli.run("keygen", gatewayKey);
        TetherProcess gateway = start("gateway", "--host", LOOPBACK, "--identity", gatewayKey);
        PeerAddress via = PeerAddress.parse(gateway.readLine());
        TetherProcess listener = start("listen", "--via", via.toString());
        String key = reachableAs(listener);

        gateway.kill();
        TetherProcess restarted =
                start("gateway", "--host", LOOPBACK, "--identity", gatewayKey, "--port", Integer.toString(via.port()));

        listener.awaitLine(" * Gateway 127.0.0.1:" + via.port() + " lost ConnectionLost/");
        listener.awaitLine(" * No gateway is connected");
        assertThat(reachableAs(listener)).isEqualTo(key);
        restarted.awaitLine(" came from ");
        TetherProcess ping = start("ping", "--via", via.toString(), key, "--count", "1");
        assertThat(ping.exitCode()).as("ping, %s", ping.errors()).isZero();
    }

    @Test
    void aRelayFindsItsDestinationByTheKey() throws Exception {
        TetherProcess gateway = start("gateway", "--host", LOOPBACK);
        String via = gateway.readLine();
        TetherProcess listener = start("pipe", "--listen", "--via", via, "--host", LOOPBACK);
        String line = listener.readErrorLine();
        while (!line.contains(" * Reachable as ")) {
            line = listener.readErrorLine();
        }
        TetherProcess relay = start("relay", "--to", keyIn(line), "--via", via, "--host", LOOPBACK);
        TetherProcess dialer = start("pipe", relay.readLine());

        dialer.type("question");
        dialer.endInput();
        assertThat(listener.readLine()).isEqualTo("question");
        listener.type("answer");
        listener.endInput();

        assertThat(dialer.readLine()).isEqualTo("answer");
        assertThat(dialer.exitCode()).as("dialer, %s", dialer.errors()).isZero();
        assertThat(listener.exitCode()).as("listener, %s", listener.errors()).isZero();
    }

    @Test
    void aQuietGatewayPrintsItsAddressOnly() throws Exception {
        TetherProcess gateway = start("gateway", "--host", LOOPBACK, "--quiet");
        String via = gateway.readLine();
        TetherProcess listener = start("listen", "--via", via);
        reachableAs(listener);

        gateway.interrupt();

        assertThat(gateway.exitCode()).isEqualTo(ExitCode.INTERRUPTED);
        assertThat(gateway.readLine()).startsWith("The key in this address is new");
        assertThatThrownBy(gateway::readLine).as("the end").hasMessageStartingWith("no line was printed");
    }

    private static String reachableAs(TetherProcess waiting) throws IOException {
        return keyIn(waiting.awaitLine(" * Reachable as "));
    }

    private static String keyIn(String line) {
        return line.replaceFirst(".*(tether://\\w+).*", "$1");
    }

    private TetherProcess start(String... args) throws IOException {
        TetherProcess process = TetherProcess.start(args);
        processes.add(process);
        return process;
    }
}
