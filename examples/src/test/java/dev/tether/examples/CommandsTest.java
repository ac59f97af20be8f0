package dev.tether.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each command with a peer, over loopback. */
@Timeout(120)
class CommandsTest {

    private static final String LOOPBACK = "127.0.0.1";

    @TempDir
    Path directory;

    @Test
    void demoExchangesMessagesAndAFile() throws Exception {
        Cli cli = Cli.run("demo", "--size", "3M");

        assertThat(cli.err()).isEmpty();
        assertThat(cli.exitCode()).isZero();
        assertThat(cli.out()).last().isEqualTo("the hashes agree");
        for (String peer : List.of("listener", "dialer")) {
            assertThat(cli.out())
                    .anyMatch(line -> line.contains(" " + peer) && line.contains(" Established "))
                    .anyMatch(line -> line.contains(" " + peer) && line.contains(" < message 3"))
                    .anyMatch(line -> line.contains(" " + peer) && line.contains(" Closing "))
                    .anyMatch(line -> line.contains(" " + peer) && line.endsWith(" Closed"));
        }
    }

    @Test
    void filesGoFromSendToReceive() throws Exception {
        Path incoming = directory.resolve("incoming");
        Path one = Files.writeString(directory.resolve("one"), "first");
        Path two = Files.createFile(directory.resolve("two"));
        Cli receive = Cli.start("receive", incoming.toString(), "--host", LOOPBACK, "--once");
        String address = receive.awaitLine(line -> true);

        Cli send = Cli.run("send", address, one.toString(), two.toString());

        assertThat(send.err()).isEmpty();
        assertThat(send.exitCode()).isZero();
        assertThat(receive.exitCode()).isZero();
        assertThat(incoming.resolve("one")).hasContent("first");
        assertThat(incoming.resolve("two")).isEmptyFile();
    }

    @Test
    void aRefusedFileFailsBothCommands() throws Exception {
        Path incoming = Files.createDirectory(directory.resolve("incoming"));
        Files.writeString(incoming.resolve("one"), "precious");
        Path one = Files.writeString(directory.resolve("one"), "first");
        Cli receive = Cli.start("receive", incoming.toString(), "--host", LOOPBACK, "--once");
        String address = receive.awaitLine(line -> true);

        Cli send = Cli.run("send", address, one.toString());

        assertThat(send.err()).containsExactly("tether: Transfer/EXISTS: one: one is there with other content");
        assertThat(send.exitCode()).isEqualTo(1);
        assertThat(receive.exitCode()).isEqualTo(1);
        assertThat(incoming.resolve("one")).hasContent("precious");
    }

    @Test
    void aListenerKeepsItsAddressWithItsIdentity() throws Exception {
        Path key = directory.resolve("key");
        String identity = Cli.run("keygen", key.toString()).out().get(0);
        Cli receive =
                Cli.start("receive", directory.toString(), "--host", LOOPBACK, "--once", "--identity", key.toString());

        String address = receive.awaitLine(line -> true);

        assertThat(address).startsWith("tether://" + identity + "@127.0.0.1:");
        assertThat(Cli.run("ping", address, "--count", "1").exitCode()).isZero();
        assertThat(receive.exitCode()).isZero();
    }

    @Test
    void pingMeasuresRoundTrips() throws Exception {
        TransportNode node = ReactiveTransport.create().host(LOOPBACK).bindNow();
        try {
            Cli cli = Cli.run("ping", node.addressAs(LOOPBACK).toString(), "--count", "3", "--interval", "10ms");

            assertThat(cli.err()).isEmpty();
            assertThat(cli.exitCode()).isZero();
            assertThat(cli.out()).hasSize(5).last().asString().matches("3 of 3 answered: min .* avg .* p50 .* p99 .*");
        } finally {
            node.closeNow(Duration.ofSeconds(1));
        }
    }

    @Test
    void chatPrintsWhatComesBackAndEveryState() throws Exception {
        TransportNode echo = ReactiveTransport.create()
                .host(LOOPBACK)
                .handle(connection -> connection.send(connection.receive().retain()))
                .bindNow();
        InputStream original = System.in;
        System.setIn(new ByteArrayInputStream("hello\nworld\n".getBytes(StandardCharsets.US_ASCII)));
        try {
            Cli cli = Cli.run("chat", echo.addressAs(LOOPBACK).toString(), "--linger", "1s");

            assertThat(cli.err()).isEmpty();
            assertThat(cli.exitCode()).isZero();
            assertThat(cli.out())
                    .anyMatch(line -> line.contains(" * Establishing "))
                    .anyMatch(line -> line.contains(" * Established "))
                    .anyMatch(line -> line.endsWith(" < hello"))
                    .anyMatch(line -> line.endsWith(" < world"))
                    .anyMatch(line -> line.endsWith(" * Closed"));
        } finally {
            System.setIn(original);
            echo.closeNow(Duration.ofSeconds(1));
        }
    }

    @Test
    void aPeerThatClosesWithACodeFailsTheChat() throws Exception {
        TransportNode rude = ReactiveTransport.create()
                .host(LOOPBACK)
                .handle(connection -> connection.close(7, "go away"))
                .bindNow();
        InputStream original = System.in;
        System.setIn(InputStream.nullInputStream());
        try {
            Cli cli = Cli.run("chat", rude.addressAs(LOOPBACK).toString(), "--linger", "1m");

            assertThat(cli.err())
                    .singleElement()
                    .asString()
                    .startsWith("tether: ConnectionClosed")
                    .contains("go away");
            assertThat(cli.exitCode()).isEqualTo(1);
        } finally {
            System.setIn(original);
            rude.closeNow(Duration.ofSeconds(1));
        }
    }

    @Test
    void aLinkIsClosedAfterTheLastLine() throws Exception {
        TransportNode echo = ReactiveTransport.create()
                .host(LOOPBACK)
                .handle(connection -> connection.send(connection.receive().retain()))
                .bindNow();
        InputStream original = System.in;
        System.setIn(new ByteArrayInputStream("hello\nworld\n".getBytes(StandardCharsets.US_ASCII)));
        try {
            Cli cli = Cli.run("chat", "--link", echo.addressAs(LOOPBACK).toString());

            assertThat(cli.err()).isEmpty();
            assertThat(cli.exitCode()).isZero();
            assertThat(cli.out())
                    .anyMatch(line -> line.contains(" * Connecting to 127.0.0.1 port "))
                    .noneMatch(line -> line.contains("trying again"))
                    .anyMatch(line -> line.contains(" * Established "))
                    .anyMatch(line -> line.endsWith(" < hello"))
                    .anyMatch(line -> line.endsWith(" < world"))
                    .anyMatch(line -> line.endsWith(" * Closing closed by this side with code 0"))
                    .last()
                    .asString()
                    .endsWith(" * Closed");
        } finally {
            System.setIn(original);
            echo.closeNow(Duration.ofSeconds(1));
        }
    }

    @Test
    void aLineThatFindsNoConnectionInItsTimeIsNamedAndFailsTheChatAtItsEnd() throws Exception {
        InputStream original = System.in;
        System.setIn(new ByteArrayInputStream("hello\nworld\n".getBytes(StandardCharsets.US_ASCII)));
        try {
            Cli cli = Cli.run(
                    "chat",
                    "--link",
                    "tether://" + "a".repeat(52) + "@127.0.0.1:9",
                    "--link-timeout",
                    "300ms",
                    "--linger",
                    "100ms");

            assertThat(cli.out())
                    .anyMatch(line -> line.contains(" ! not confirmed \"hello\": ConnectionEstablishment/TIMED_OUT: "))
                    .anyMatch(line -> line.contains(" ! not confirmed \"world\": ConnectionEstablishment/TIMED_OUT: "));
            assertThat(cli.err())
                    .singleElement()
                    .asString()
                    .startsWith("tether: UnconfirmedLines: 2 of 2 lines may not have arrived, first \"hello\": ");
            assertThat(cli.exitCode()).isEqualTo(1);
        } finally {
            System.setIn(original);
        }
    }

    @Test
    void perfMeasuresBothDirectionsInOneProcess() throws Exception {
        Cli cli = Cli.run("perf", "--seconds", "1", "--warmup", "100ms", "--messages", "1k", "--json");

        assertThat(cli.err()).isEmpty();
        assertThat(cli.exitCode()).isZero();
        JsonNode report = new ObjectMapper().readTree(cli.out().get(0));
        for (String direction : List.of("up", "down")) {
            assertThat(report.path(direction).path("messages").asLong()).isPositive();
            assertThat(report.path(direction).path("bytes").asLong())
                    .isEqualTo(1024 * report.path(direction).path("messages").asLong());
        }
        assertThat(report.path("latency").path("count").asLong()).isPositive();
        assertThat(report.path("messageBytes").asInt()).isEqualTo(1024);
    }

    @Test
    void perfMeasuresOneDirection() throws Exception {
        Cli cli = Cli.run("perf", "--seconds", "1", "--warmup", "100ms", "--direction", "down");

        assertThat(cli.exitCode()).isZero();
        assertThat(cli.out()).anyMatch(line -> line.startsWith("down ")).noneMatch(line -> line.startsWith("up "));
    }

    @Test
    void perfWithAPeerThatIsNoServerFails() throws Exception {
        TransportNode silent = ReactiveTransport.create()
                .host(LOOPBACK)
                .handle(connection -> connection.close(1, "no"))
                .bindNow();
        try {
            Cli cli = Cli.run("perf", silent.addressAs(LOOPBACK).toString(), "--seconds", "1");

            assertThat(cli.err()).singleElement().asString().startsWith("tether: ");
            assertThat(cli.exitCode()).isEqualTo(1);
        } finally {
            silent.closeNow(Duration.ofSeconds(1));
        }
    }
}
