package dev.tether.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.PeerAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code tether listen} and {@code tether chat --link} as processes, each killed and restarted while the other goes on. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LinkProcessTest {

    /** An idle timeout much longer than a process needs to start; the lower one of both sides holds. */
    private static final String PATIENT = "1m";

    @TempDir
    Path directory;

    private final List<TetherProcess> processes = new ArrayList<>();
    private String listenerKey = "";
    private String chatKey = "";
    private String chatName = "";
    private PeerAddress address = PeerAddress.parse("tether://" + "a".repeat(52) + "@127.0.0.1:9");

    @BeforeEach
    void makeIdentities() {
        listenerKey = directory.resolve("listener.key").toString();
        Cli.run("keygen", listenerKey);
        chatKey = directory.resolve("chat.key").toString();
        chatName = Cli.run("keygen", chatKey).out().get(0).substring(0, 8);
    }

    @AfterEach
    void killAll() throws Exception {
        for (TetherProcess process : processes) {
            process.kill();
        }
    }

    @Test
    void aListenerThatRestartsUnnoticedIsConnectedAgainAndTheDoubtfulLineIsNamed() throws Exception {
        TetherProcess listener = listen(0);
        TetherProcess chat = chat(PATIENT);
        chat.awaitLine(" * Established at 127.0.0.1 port " + address.port());
        chat.type("one");
        listener.awaitLine(chatName + " < one");
        chat.awaitLine(" < one");

        listener.kill();
        chat.type("two");
        chat.awaitLine(" * Unresponsive, not heard since ");
        TetherProcess restarted = listen(address.port());

        chat.awaitLine(" * Lost ConnectionLost/STATELESS_RESET: ");
        chat.awaitLine(" * Connecting to 127.0.0.1 port " + address.port() + ", attempt 1");
        chat.awaitLine(" * Established at 127.0.0.1 port " + address.port());
        chat.awaitLine(" ! not confirmed \"two\": ConnectionLost/PEER_RESTARTED: ");
        chat.type("three");
        restarted.awaitLine(chatName + " < three");
        chat.awaitLine(" < three");
        chat.endInput();
        assertThat(chat.exitCode()).as("of a chat with a doubtful line").isEqualTo(1);
        assertThat(chat.errors())
                .singleElement()
                .asString()
                .startsWith("tether: UnconfirmedLines: 1 of 3 lines may not have arrived, first \"two\": ");
    }

    @Test
    void aLineThatIsTypedWhileNobodyListensWaitsForTheRestart() throws Exception {
        TetherProcess listener = listen(0);
        TetherProcess chat = chat("2s");
        chat.type("one");
        chat.awaitLine(" < one");

        listener.kill();
        chat.awaitLine(" * Lost ConnectionLost/IDLE_TIMEOUT: ");
        chat.type("two");
        chat.type("three");
        TetherProcess restarted = listen(address.port());

        restarted.awaitLine(chatName + " < two");
        restarted.awaitLine(chatName + " < three");
        chat.awaitLine(" * Established ");
        chat.endInput();
        assertThat(chat.exitCode()).isZero();
        assertThat(chat.errors()).isEmpty();
    }

    @Test
    void aListenerGoesOnWhenAChatIsKilledAndStartedAgain() throws Exception {
        TetherProcess listener = listen(0);
        TetherProcess chat = chat(PATIENT);
        listener.awaitLine(chatName + " Established at 127.0.0.1 port ");
        chat.type("one");
        chat.awaitLine(" < one");

        chat.kill();
        TetherProcess restarted = chat(PATIENT);
        listener.awaitLine(chatName + " Failed ConnectionLost/PEER_RESTARTED: ");
        restarted.type("two");
        listener.awaitLine(chatName + " < two");
        restarted.awaitLine(" < two");
        restarted.endInput();
        assertThat(restarted.exitCode()).isZero();
        listener.awaitLine(chatName + " Closing closed by the peer with code 0");

        TetherProcess impatient = chat("2s");
        impatient.awaitLine(" * Established ");
        listener.awaitLine(chatName + " Established ");
        impatient.kill();
        listener.awaitLine(chatName + " Failed ConnectionLost/IDLE_TIMEOUT: ");
        listener.interrupt();
        assertThat(listener.exitCode()).isEqualTo(130);
        assertThat(listener.errors()).isEmpty();
    }

    @Test
    void ctrlCEndsALinkAndTellsThePeer() throws Exception {
        TetherProcess listener = listen(0);
        TetherProcess chat = chat(PATIENT);
        chat.type("one");
        chat.awaitLine(" < one");

        chat.interrupt();

        assertThat(chat.exitCode()).isEqualTo(130);
        assertThat(chat.errors()).isEmpty();
        listener.awaitLine("closed by the peer with code 130: interrupted");
    }

    @Test
    void ctrlCAtTheListenerIsACauseLikeAnyOther() throws Exception {
        TetherProcess listener = listen(0);
        TetherProcess chat = chat(PATIENT);
        chat.type("one");
        chat.awaitLine(" < one");

        listener.interrupt();

        chat.awaitLine(" * Lost ConnectionClosed: ");
        chat.type("two");
        TetherProcess restarted = listen(address.port());
        restarted.awaitLine(chatName + " < two");
    }

    /** A listener with its own key, at a port of its choice (0) or at that of an earlier one. */
    private TetherProcess listen(int port) throws IOException {
        TetherProcess listener = start(
                "listen",
                "--host",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--identity",
                listenerKey,
                "--idle-timeout",
                PATIENT);
        address = PeerAddress.parse(listener.readLine());
        return listener;
    }

    private TetherProcess chat(String idleTimeout) throws IOException {
        return start("chat", "--link", address.toString(), "--identity", chatKey, "--idle-timeout", idleTimeout);
    }

    private TetherProcess start(String... args) throws IOException {
        TetherProcess process = TetherProcess.start(args);
        processes.add(process);
        return process;
    }
}
