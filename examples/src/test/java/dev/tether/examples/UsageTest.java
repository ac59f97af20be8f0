package dev.tether.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every command does with a wrong command line, and with {@code --help}. */
class UsageTest {

    private static final String PEER = "tether://" + "a".repeat(52) + "@127.0.0.1:4433";

    private static final String KEY = PEER.substring(0, PEER.indexOf('@'));

    static Stream<String> commands() {
        return TetherCommand.commandLine().getSubcommands().keySet().stream();
    }

    static Stream<List<String>> wrongCommandLines() {
        return Stream.of(
                List.of(),
                List.of("nonsense"),
                List.of("chat"),
                List.of("chat", "localhost:4433"),
                List.of("chat", "tether://abc@localhost:4433"),
                List.of("chat", PEER.replace("4433", "0")),
                List.of("chat", PEER, "--linger", "soon"),
                List.of("chat", PEER, "--link-timeout", "1s"),
                List.of("chat", PEER, "--link", "--link-timeout", "0s"),
                List.of("chat", PEER, "--listen"),
                List.of("chat", "--listen", "--link"),
                List.of("chat", KEY),
                List.of("chat", KEY, "--via", KEY),
                List.of("chat", "--listen", "--via", KEY),
                List.of("ping", KEY),
                List.of("pipe", KEY),
                List.of("relay", "--to", KEY),
                List.of("send", KEY, "file"),
                List.of("receive", "x", "--via", KEY),
                List.of("listen", "--via", "localhost:4433"),
                nineGateways(),
                List.of("gateway", "--port", "70000"),
                List.of("gateway", PEER),
                List.of("nat"),
                List.of("nat", "--via", PEER, "--timeout", "soon"),
                List.of("status"),
                List.of("status", KEY),
                List.of("send", PEER),
                List.of("receive"),
                List.of("receive", "x", "--overwrite", "--rename"),
                List.of("listen", "--port", "70000"),
                List.of("listen", "--port", "http"),
                List.of("listen", "--datagram", "1199"),
                List.of("listen", "--idle-timeout", "0s"),
                List.of("pipe"),
                List.of("pipe", PEER, "--listen"),
                List.of("relay"),
                List.of("relay", "--to", "localhost:4433"),
                List.of("ping", PEER, "--count", "0"),
                List.of("perf", "--server", PEER),
                List.of("perf", "--seconds", "0"),
                List.of("perf", "--messages", "17M"),
                List.of("perf", "--direction", "sideways"),
                List.of("demo", "--size", "huge"),
                List.of("demo", "--unknown"),
                List.of("simulate", "--peers", "1"),
                List.of("simulate", "--peers", "many"),
                List.of("simulate", "--loss", "101%"),
                List.of("simulate", "--latency", "25h"),
                List.of("simulate", "--nat", "cone"),
                List.of("simulate", "--minutes", "0"),
                List.of("simulate", "--seeds", "0"),
                List.of("simulate", "--threads", "0"),
                List.of("simulate", "--seed", "9223372036854775807", "--seeds", "2"),
                List.of("simulate", "--json", "--timeline"));
    }

    private static List<String> nineGateways() {
        Stream<String> gateways = IntStream.rangeClosed(1, 9).mapToObj(port -> KEY + "@127.0.0.1:" + port);
        return Stream.concat(Stream.of("listen"), gateways.flatMap(gateway -> Stream.of("--via", gateway)))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandHasHelpWithExitCodes(String command) throws Exception {
        Cli cli = Cli.run(command, "--help");

        assertThat(cli.exitCode()).isZero();
        assertThat(cli.out().get(0)).startsWith("Usage: tether " + command);
        assertThat(cli.out()).contains("Exit codes:");
        assertThat(cli.err()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("wrongCommandLines")
    void aWrongCommandLineIsOneLineAndExitCodeTwo(List<String> args) throws Exception {
        Cli cli = Cli.run(args.toArray(String[]::new));

        assertThat(cli.err()).singleElement().asString().startsWith("tether: ").contains("--help");
        assertThat(cli.exitCode()).isEqualTo(2);
        assertThat(cli.out()).isEmpty();
    }

    @Test
    void theVersionIsPrinted() throws Exception {
        Cli cli = Cli.run("--version");

        assertThat(cli.out()).singleElement().asString().startsWith("tether ");
        assertThat(cli.exitCode()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"listen", "ping " + "tether://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@127.0.0.1:9"})
    void aMissingKeyFileIsAFailure(String command) throws Exception {
        Cli cli = Cli.run((command + " --identity /nowhere/tether.key").split(" "));

        assertThat(cli.err()).containsExactly("tether: there is no /nowhere/tether.key");
        assertThat(cli.exitCode()).isEqualTo(1);
    }

    @Test
    void whatCannotBeSentIsFoundBeforeDialing(@TempDir Path directory) throws Exception {
        Cli missing = Cli.run("send", PEER, directory.resolve("missing").toString());
        Cli folder = Cli.run("send", PEER, directory.toString());

        assertThat(missing.err()).singleElement().asString().contains("does not exist");
        assertThat(missing.exitCode()).isEqualTo(1);
        assertThat(folder.err()).singleElement().asString().contains("is a directory");
        assertThat(folder.exitCode()).isEqualTo(1);
    }

    @Test
    void twoFilesOfOneNameAreWrongUsage(@TempDir Path directory) throws Exception {
        Path one =
                Files.createFile(Files.createDirectory(directory.resolve("x")).resolve("a"));
        Path two =
                Files.createFile(Files.createDirectory(directory.resolve("y")).resolve("a"));

        Cli cli = Cli.run("send", PEER, one.toString(), two.toString());

        assertThat(cli.err()).singleElement().asString().contains("two of the files are named a");
        assertThat(cli.exitCode()).isEqualTo(2);
    }

    @Test
    void aFileIsNoPlaceForReceivedFiles(@TempDir Path directory) throws Exception {
        Path file = Files.createFile(directory.resolve("a"));

        Cli cli = Cli.run("receive", file.toString());

        assertThat(cli.err()).containsExactly("tether: " + file + " is a file, not a directory");
        assertThat(cli.exitCode()).isEqualTo(1);
    }

    @Test
    void aPeerThatDoesNotAnswerIsAFailure() throws Exception {
        Cli cli = Cli.run("ping", PEER.replace("4433", "9"), "--connect-timeout", "300ms");

        assertThat(cli.err()).singleElement().asString().startsWith("tether: ConnectionEstablishment/");
        assertThat(cli.exitCode()).isEqualTo(1);
    }
}
