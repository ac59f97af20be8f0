package dev.tether.examples.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tether.examples.Cli;
import dev.tether.reactor.simulation.swarm.Scenario;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code tether simulate}. */
@Timeout(300)
class SimulateCommandTest {

    private static final String PAIR = Path.of("scenarios", "lossy-pair.yaml").toString();
    private static final String[] SMALL = {"--peers", "2", "--loss", "2%", "--latency", "20ms", "--minutes", "0.1"};

    @TempDir
    Path directory;

    @Test
    void aScenarioIsSummedUp() throws Exception {
        Cli cli = Cli.run("simulate", "--scenario", PAIR);

        assertThat(cli.err()).isEmpty();
        assertThat(cli.exitCode()).isZero();
        assertThat(cli.out())
                .contains("seed 1")
                .anyMatch(line -> line.matches("messages +400"))
                .anyMatch(line -> line.matches("  loss +\\d+"))
                .anyMatch(line -> line.matches("violations +0"))
                .anyMatch(line -> line.startsWith("wall time "));
    }

    @Test
    void aFreshSeedIsPrinted() throws Exception {
        Cli cli = Cli.run(with("simulate", SMALL));

        assertThat(cli.out().get(0)).matches("seed \\d+");
    }

    @Test
    void theOptionsSeedIsStrongerThanTheFiles() throws Exception {
        assertThat(Cli.run("simulate", "--scenario", PAIR, "--seed", "77").out())
                .contains("seed 77");
    }

    @Test
    void seedsInParallelGiveWhatTheyGiveOneByOne() throws Exception {
        JsonNode parallel = json(with("simulate", SMALL, "--seed", "40", "--seeds", "4", "--threads", "2"));
        JsonNode serial = json(with("simulate", SMALL, "--seed", "40", "--seeds", "4", "--threads", "1"));
        JsonNode third = json(with("simulate", SMALL, "--seed", "42"));

        assertThat(parallel).isEqualTo(serial);
        assertThat(parallel.path("runs").get(2)).isEqualTo(third.path("runs").get(0));
    }

    @Test
    void theJsonHasItsFields() throws Exception {
        JsonNode json = json("simulate", "--scenario", PAIR);

        assertThat(json.fieldNames())
                .toIterable()
                .containsExactly(
                        "firstSeed",
                        "seeds",
                        "ok",
                        "failedSeeds",
                        "violations",
                        "simulatedSeconds",
                        "connections",
                        "failures",
                        "messages",
                        "bytes",
                        "streams",
                        "unreliable",
                        "datagrams",
                        "runs");
        assertThat(json.path("runs").get(0).fieldNames())
                .toIterable()
                .containsExactly(
                        "seed",
                        "ok",
                        "traceHash",
                        "simulatedSeconds",
                        "connections",
                        "failures",
                        "messages",
                        "bytes",
                        "streams",
                        "unreliable",
                        "datagrams",
                        "violations");
        assertThat(json.path("streams").fieldNames())
                .toIterable()
                .containsExactly("opened", "finished", "reset", "cancelled", "bytes");
        assertThat(json.path("unreliable").fieldNames()).toIterable().containsExactly("sent", "received", "bytes");
        assertThat(json.path("datagrams").fieldNames())
                .toIterable()
                .containsExactly("sent", "sentBytes", "arrived", "altered", "dropped");
        assertThat(json.path("datagrams").path("dropped").path("LOSS").asLong()).isPositive();
        assertThat(json.path("ok").asBoolean()).isTrue();
        assertThat(json.path("messages").asLong()).isEqualTo(400);
    }

    @Test
    void oneSeedGivesOneTimelineAndOnePage() throws Exception {
        Path one = directory.resolve("one.html");
        Path two = directory.resolve("two.html");

        Cli first = Cli.run("simulate", "--scenario", PAIR, "--timeline", "--report", one.toString());
        Cli second = Cli.run("simulate", "--scenario", PAIR, "--timeline", "--report", two.toString());

        assertThat(withoutWallTime(first)).isEqualTo(withoutWallTime(second)).hasSizeGreaterThan(1000);
        assertThat(Files.readString(one)).isEqualTo(Files.readString(two)).contains("Every promise was kept");
    }

    @Test
    void aBrokenPromiseIsExitCodeOneAndTheCommandThatReplaysIt() throws Exception {
        Path file = Files.writeString(directory.resolve("it's broken.yaml"), Broken.TEXT);
        Path page = directory.resolve("page.html");

        Cli cli = Cli.run(
                "simulate", "--scenario", file.toString(), "--seeds", "2", "--timeline", "--report", page.toString());

        String replay = "examples/tether simulate --seed 9 --scenario '"
                + file.toString().replace("'", "'\\''") + "' --timeline";
        assertThat(cli.exitCode()).isEqualTo(1);
        assertThat(cli.err())
                .singleElement()
                .asString()
                .startsWith("tether: seed 9 broke a promise")
                .endsWith("replay: " + replay);
        assertThat(cli.out()).contains("seed 9 broke a promise:", "  replay: " + replay);
        assertThat(cli.out()).anyMatch(line -> line.contains("initiation"));
        assertThat(page).content().contains("broken</h2>");
    }

    @Test
    void aBrokenPromiseIsInTheJsonToo() throws Exception {
        Path file = Files.writeString(directory.resolve("broken.yaml"), Broken.TEXT);

        Cli cli = Cli.run("simulate", "--scenario", file.toString(), "--json");

        assertThat(cli.exitCode()).isEqualTo(1);
        JsonNode run =
                new ObjectMapper().readTree(cli.out().get(0)).path("runs").get(0);
        assertThat(run.path("ok").asBoolean()).isFalse();
        assertThat(run.path("violations")).isNotEmpty();
        assertThat(run.path("replay").asText())
                .isEqualTo("examples/tether simulate --seed 9 --scenario " + file + " --timeline");
    }

    @Test
    void aFileAndTheOptionsThatItDecidesExcludeEachOther() throws Exception {
        Cli cli = Cli.run("simulate", "--scenario", PAIR, "--loss", "5%");

        assertThat(cli.err())
                .singleElement()
                .asString()
                .startsWith("tether: --scenario and --loss exclude each other: the file says all that --loss would");
        assertThat(cli.exitCode()).isEqualTo(2);
    }

    @Test
    void whatIsWrongWithAFileIsOneLine() throws Exception {
        Path file = Files.writeString(directory.resolve("x.yaml"), "peers: [a, b]\nlink: {loss: 5}\n");

        Cli wrong = Cli.run("simulate", "--scenario", file.toString());
        Cli missing =
                Cli.run("simulate", "--scenario", directory.resolve("y.yaml").toString());

        assertThat(wrong.err())
                .singleElement()
                .asString()
                .startsWith("tether: --scenario: " + file + ":2: link.loss: '5' is not a probability");
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(missing.err())
                .singleElement()
                .asString()
                .contains("there is no file " + directory.resolve("y.yaml"));
        assertThat(missing.exitCode()).isEqualTo(2);
    }

    @Test
    void aReportThatCannotBeWrittenIsFoundBeforeAnythingRuns() throws Exception {
        Cli cli = Cli.run(
                "simulate",
                "--scenario",
                PAIR,
                "--report",
                directory.resolve("no/x.html").toString());

        assertThat(cli.err())
                .singleElement()
                .asString()
                .startsWith("tether: --report: there is no directory " + directory.resolve("no"));
        assertThat(cli.out()).isEmpty();
        assertThat(cli.exitCode()).isEqualTo(2);
    }

    @Test
    void openMeansNoNatForAnybody() {
        for (long seed = 0; seed < 50; seed++) {
            Scenario scenario = choice("--nat", "open").scenario(seed);

            assertThat(scenario.nats()).as("seed " + seed).isEmpty();
            assertThat(scenario.peers()).as("seed " + seed).allMatch(peer -> peer.behind() == null);
        }
    }

    @Test
    void theOptionsAreInTheScenario() {
        Scenario scenario = choice("--nat", "symmetric", "--peers", "3", "--loss", "5%", "--minutes", "0.5")
                .scenario(1);

        assertThat(scenario.peers()).hasSize(3);
        assertThat(scenario.peers().stream().skip(1)).allMatch(peer -> peer.behind() != null);
        assertThat(scenario.link().loss()).isEqualTo(0.05);
        assertThat(scenario.link().latency()).hasMillis(10);
        assertThat(scenario.faultPhase()).hasSeconds(30);
    }

    private static ScenarioChoice choice(String... args) {
        SimulateCommandTest.Holder holder = new Holder();
        new CommandLine(holder)
                .registerConverter(dev.tether.examples.Probability.class, dev.tether.examples.Converters::probability)
                .registerConverter(
                        dev.tether.examples.simulate.scenario.NatKind.class,
                        dev.tether.examples.simulate.scenario.NatKind::option)
                .parseArgs(args);
        return holder.choice;
    }

    private static JsonNode json(String... args) throws Exception {
        Cli cli = Cli.run(with(args[0], List.of(args).subList(1, args.length).toArray(String[]::new), "--json"));
        assertThat(cli.err()).isEmpty();
        assertThat(cli.out()).hasSize(1);
        ObjectNode json = (ObjectNode) new ObjectMapper().readTree(cli.out().get(0));
        assertThat(json.remove("wallSeconds")).isNotNull();
        return json;
    }

    private static List<String> withoutWallTime(Cli cli) {
        return cli.out().stream().filter(line -> !line.startsWith("wall time ")).toList();
    }

    private static String[] with(String command, String[] options, String... more) {
        return java.util.stream.Stream.of(List.of(command), List.of(options), List.of(more))
                .flatMap(List::stream)
                .toArray(String[]::new);
    }

    /** The options alone. */
    @CommandLine.Command
    private static final class Holder {

        @CommandLine.Mixin
        private final ScenarioChoice choice = new ScenarioChoice();
    }

    /** A history that cannot keep what is promised: more is to be sent than its time allows. */
    private static final class Broken {

        private static final String TEXT = """
                seed: 9
                faultPhase: 1s
                settings: {idleTimeout: 20s, keepAlive: 5s}
                peers: [a, b]
                dials:
                  - from: a
                    to: b
                    there: {sends: 1000, messages: 1, maxSize: 10, pause: 10s}
                """;
    }
}
