package dev.tether.examples.simulate.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.TransportSettings;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.core.simulation.NatSettings;
import dev.tether.reactor.simulation.SimulatedNetwork;
import dev.tether.reactor.simulation.swarm.Fault;
import dev.tether.reactor.simulation.swarm.Scenario;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Scenario files, as {@code docs/simulation-scenarios.md} describes them. */
class ScenarioFileTest {

    private static final Path FILE = Path.of("x.yaml");

    @TempDir
    Path directory;

    static LongStream seeds() {
        return LongStream.range(0, 200);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whatIsWrittenIsReadAgain(long seed) throws IOException {
        Scenario drawn = Scenario.draw(seed);
        // A file refuses faults that could not happen; a drawn one at the very end of the phase may be among them.
        Scenario scenario = new Scenario(
                seed,
                drawn.nats(),
                drawn.peers(),
                drawn.gateways(),
                drawn.link(),
                drawn.links(),
                drawn.dials(),
                drawn.keeps(),
                drawn.streams(),
                drawn.datagrams(),
                drawn.faults().stream()
                        .filter(fault -> fault.at().compareTo(drawn.faultPhase()) < 0)
                        .toList(),
                drawn.faultPhase(),
                drawn.calmPhase());

        String text = ScenarioFile.write(scenario);
        ScenarioFile file = ScenarioFile.parse(FILE, text);

        assertThat(file.scenario(seed)).as(text).isEqualTo(scenario);
        assertThat(file.seed()).isEqualTo(seed);
    }

    @Test
    void twoPeersAreEnough() throws IOException {
        Scenario scenario = parse("peers: 2").scenario(7);

        assertThat(scenario.seed()).isEqualTo(7);
        assertThat(scenario.peers()).extracting(Scenario.Peer::name).containsExactly("p0", "p1");
        assertThat(scenario.peers())
                .allMatch(peer -> peer.offload()
                        && peer.behind() == null
                        && peer.reader().equals(Scenario.Reader.EAGER)
                        && peer.settings().equals(TransportSettings.defaults()));
        assertThat(scenario.link()).isEqualTo(SimulatedNetwork.DEFAULT_LINK);
        assertThat(scenario.faultPhase()).isEqualTo(Duration.ofSeconds(30));
        assertThat(scenario.calmPhase())
                .isEqualTo(TransportSettings.defaults().idleTimeout().plusSeconds(90));
    }

    @Test
    void aLinkHasOnlyTheFaultsThatItNames() throws IOException {
        assertThat(parse("peers: 2", "link: {loss: 5%}").scenario(1).link()).isEqualTo(LinkSettings.PERFECT.loss(0.05));
    }

    @Test
    void aPeersSettingsComeOnTopOfThoseOfAll() throws IOException {
        Scenario scenario = parse(
                        "settings: {idleTimeout: 20s, streamWindow: 64k}",
                        "peers:",
                        "  - a",
                        "  - {name: b, settings: {idleTimeout: 40s}}")
                .scenario(1);

        assertThat(scenario.peers())
                .extracting(peer -> peer.settings().idleTimeout().toSeconds())
                .containsExactly(20L, 40L);
        assertThat(scenario.peers())
                .extracting(peer -> peer.settings().streamWindow())
                .containsOnly(65_536);
    }

    @Test
    void aLinkBothWaysIsTwoLinks() throws IOException {
        Scenario scenario = parse(
                        "peers: [a, b]", "links:", "  - {from: a, to: b, bothWays: true, link: {latency: 80ms}}")
                .scenario(1);

        LinkSettings link = LinkSettings.PERFECT.latency(Duration.ofMillis(80));
        assertThat(scenario.links())
                .containsExactly(new Scenario.OneWay("a", "b", link), new Scenario.OneWay("b", "a", link));
    }

    @Test
    void allDialsFromAllOthers() throws IOException {
        Scenario scenario =
                parse("peers: [a, b, c]", "dials: [{from: all, to: b}]").scenario(1);

        assertThat(scenario.dials()).extracting(Scenario.Dial::from).containsExactly("a", "c");
        assertThat(scenario.dials())
                .allMatch(dial -> dial.to().equals("b") && dial.there().equals(Scenario.Traffic.NONE));
    }

    @Test
    void allOthersOpenStreams() throws IOException {
        Scenario scenario = parse(
                        "peers: [a, b, c]",
                        "streams: [{from: all, to: b, count: 5, atOnce: 2, maxSize: 64k, pause: 1s, trouble: 20%}]")
                .scenario(1);

        assertThat(scenario.streams())
                .containsExactly(
                        new Scenario.Streams("a", "b", 5, 2, 65_536, Duration.ofSeconds(1), 0.2),
                        new Scenario.Streams("c", "b", 5, 2, 65_536, Duration.ofSeconds(1), 0.2));
    }

    @Test
    void allIsOnTheOtherSideOfAPartition() throws IOException {
        Scenario scenario = parse(
                        "peers: [a, b, c]",
                        "faults: [{partition: {at: 1s, length: 2s, some: [b], others: [all], oneWay: true}}]")
                .scenario(1);

        assertThat(scenario.faults())
                .containsExactly(new Fault.Partition(
                        Duration.ofSeconds(1), Duration.ofSeconds(2), List.of("b"), List.of("a", "c"), true));
    }

    @Test
    void aNatHasAKindAndWhatIsSpecialAboutIt() throws IOException {
        Scenario scenario = parse(
                        "nats:",
                        "  - {name: outer, kind: symmetric}",
                        "  - {name: inner, kind: full-cone, mappingTimeout: 30s, hairpin: true, behind: outer}",
                        "peers: [a, {name: b, behind: inner}]")
                .scenario(1);

        assertThat(scenario.nats())
                .containsExactly(
                        new Scenario.Nat("outer", NatSettings.SYMMETRIC, null),
                        new Scenario.Nat(
                                "inner",
                                NatSettings.FULL_CONE
                                        .mappingTimeout(Duration.ofSeconds(30))
                                        .hairpin(true),
                                "outer"));
    }

    @Test
    void aPeerMayRefuseOneThatIsNamedAfterIt() throws IOException {
        Scenario scenario = parse(
                        "peers:",
                        "  - {name: a, admission: {maxDelay: 200ms, refusals: [{peer: b, until: 5s, code: 65}]}}",
                        "  - b")
                .scenario(1);

        assertThat(scenario.peers())
                .extracting(Scenario.Peer::admission)
                .containsExactly(
                        new Scenario.Admission(
                                Duration.ofMillis(200),
                                List.of(new Scenario.Refusal("b", Duration.ZERO, Duration.ofSeconds(5), 65))),
                        null);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "too: b                         | x.yaml:4: dials[0].too: there is no such field; allowed are back, from, start, there, to",
                "to: c                          | x.yaml:4: dials[0].to: there is no peer 'c' here; there are a, b",
                "to: a                          | x.yaml:3: dials[0].from: 'a' is the peer itself, another one is needed",
                "to: [b]                        | x.yaml:4: dials[0].to: one value is needed, not a list or a block",
                "start: 1s                      | x.yaml:3: dials[0]: 'to' is missing",
                "there: {maxSize: 17M}          | x.yaml:3: dials[0]: 'to' is missing",
            })
    void anErrorInADialNamesItsLineAndField(String line, String message) {
        assertWrong(message, "peers: [a, b]", "dials:", "  - from: a", "    " + line);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "link: {loss: 120%}             | x.yaml:2: link.loss: '120%' is not a probability, such as 5% or 0.05, from 0 to 1",
                "link: {latency: fast}          | x.yaml:2: link.latency: 'fast' is not a duration, such as 200ms, 1.5s or 5m",
                "link: {latency: 25h}           | x.yaml:2: link.latency: latency is PT25H, it must be from 0 to PT24H",
                "link: {mtu: 65536}             | x.yaml:2: link.mtu: mtu is 65536, it must be from 0 to 65535",
                "link: {los: 5%}                | x.yaml:2: link.los: there is no such field; allowed are latency, jitter, loss",
                "link: {jitter: wild 5ms}       | x.yaml:2: link.jitter: 'wild 5ms' is not a jitter; allowed are none, and uniform",
                "link: {blackHole: maybe}       | x.yaml:2: link.blackHole: 'maybe' is neither true nor false",
                "link: {queueBytes: lots}       | x.yaml:2: link.queueBytes: 'lots' is not a size, such as 1400, 64k or 256M",
                "link: {loss: }                 | x.yaml:2: link.loss: it has no value",
                "link: 5                        | x.yaml:2: link: a block of fields is needed, each as 'name: value'",
                "dials: {from: a}               | x.yaml:2: dials: a list is needed, each of its items begun by '- '",
                "streams: [{from: a, to: b, atOnce: 0}] | x.yaml:2: streams[0].atOnce: '0' is not a whole number from 1",
                "streams: [{from: a, to: b}, {from: a, to: b}] | x.yaml: the streams of 'a' to 'b' are given twice",
                "datagrams: [{from: a, to: a}]  | x.yaml:2: datagrams[0].from: 'a' is the peer itself, another one is needed",
                "peers: 3                       | x.yaml:2: it cannot be read as YAML: Duplicate field 'peers'",
                "dials: [                       | x.yaml:2: it cannot be read as YAML: while parsing a flow node",
                "seed: x                        | x.yaml:2: seed: 'x' is not a whole number",
                "settings: {keepAlive: 1s}      | x.yaml:2: settings.keepAlive: '1s' is too often, it must be 2s at least",
                "settings: {datagramSize: 9}    | x.yaml:2: settings: datagramSize is 9, it must be",
                "settings: {window: 9}          | x.yaml:2: settings.window: there is no such field; allowed are handshakeTimeout,",
                "calmPhase: 60s                 | x.yaml:2: calmPhase: '60s' is too short: the longest idleTimeout is 120s",
                "faultPhase: -1s                | x.yaml:2: faultPhase: '-1s' is out of its range, from 0s to 24h",
                "nats: [{name: n, kind: cone}]  | x.yaml:2: nats[0].kind: 'cone' is not a kind of NAT; allowed are full-cone, address",
                "nats: [{name: all, kind: symmetric}] | x.yaml:2: nats[0].name: 'all' is not a name",
                "nats: [{name: a, kind: symmetric}] | x.yaml:1: peers[0]: the name 'a' is given twice",
                "faults: [{crahs: {at: 1s}}]    | x.yaml:2: faults[0].crahs: there is no such field; allowed are changeLink, clockStep, close, crash",
                "faults: [{}]                   | x.yaml:2: faults[0]: there are 0 faults in one item, there must be one",
                "faults: [{stall: {at: 31s, length: 1s, peer: a}}] | x.yaml:2: faults[0].stall.at: '31s' is after the faults' phase, which lasts 30s",
                "faults: [{stall: {at: 1s, peer: a}}] | x.yaml:2: faults[0].stall: 'length' is missing",
                "faults: [{rebind: {at: 1s, nat: n}}] | x.yaml:2: faults[0].rebind.nat: there is no NAT 'n'",
                "faults: [{garbage: {at: 1s, peer: a, datagrams: 0}}] | x.yaml:2: faults[0].garbage.datagrams: '0' is not a whole number from 1",
                "faults: [{partition: {at: 1s, length: 1s, some: [a], others: [a]}}] | x.yaml:2: faults[0].partition.others[0]: 'a' is on the other side already",
            })
    void anErrorNamesTheLineTheFieldAndWhatIsAllowed(String line, String message) {
        assertWrong(message, "peers: [a, b]", line);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "peers: 1                   | x.yaml:1: peers: '1' is not a whole number from 2 to 10000",
                "peers: [a]                 | x.yaml:1: peers: there are 1, there must be from 2 to 10000",
                "peers: [a, a]              | x.yaml:1: peers[1]: the name 'a' is given twice",
                "peers: [a, {nam: b}]       | x.yaml:1: peers[1].nam: there is no such field; allowed are admission, behind, name",
                "peers: [a, {name: b, behind: n}] | x.yaml:1: peers[1].behind: there is no NAT 'n' before it",
                "peers: [{name: a, admission: {refusals: [{peer: c, until: 1s}]}}, b] | x.yaml:1: peers[0].admission.refusals[0].peer: there is no peer 'c'",
                "peers: {a: b}              | x.yaml:1: peers: a number, or a list of names and blocks, is needed",
                "seed: 1                    | x.yaml: peers: it is missing; give a number, or a list of names and blocks",
                "'# nothing'                | x.yaml: it is empty; it needs 'peers' at least",
            })
    void anErrorInThePeersIsNamed(String line, String message) {
        assertWrong(message, line);
    }

    @Test
    void aFileThatIsNoTextIsNamed() throws IOException {
        Path file =
                Files.write(directory.resolve("x.yaml"), "peers: [a, \u00fc]".getBytes(StandardCharsets.ISO_8859_1));

        assertThatThrownBy(() -> ScenarioFile.read(file))
                .isInstanceOf(ScenarioFileException.class)
                .hasMessage(file + ": it is not text in UTF-8");
    }

    @ParameterizedTest
    @CsvSource({
        "200ms,200000000",
        "1.5s,1500000000",
        "5m,300000000000",
        "2h,7200000000000",
        "7,7000000000",
        "3us,3000",
        "4ns,4",
        "-10m,-600000000000",
        "0.000000001s,1"
    })
    void durationsAreReadAndWritten(String text, long ns) {
        assertThat(Amounts.duration(text)).isEqualTo(Duration.ofNanos(ns));
        assertThat(Amounts.duration(Amounts.text(Duration.ofNanos(ns)))).isEqualTo(Duration.ofNanos(ns));
    }

    private static ScenarioFile parse(String... lines) throws IOException {
        return ScenarioFile.parse(FILE, String.join("\n", lines));
    }

    private static void assertWrong(String message, String... lines) {
        assertThatThrownBy(() -> parse(lines))
                .as(Arrays.toString(lines))
                .isInstanceOf(ScenarioFileException.class)
                .hasMessageStartingWith(message);
    }
}
