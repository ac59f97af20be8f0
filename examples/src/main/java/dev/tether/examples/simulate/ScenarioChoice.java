package dev.tether.examples.simulate;

import dev.tether.core.simulation.LinkSettings;
import dev.tether.examples.Probability;
import dev.tether.examples.simulate.scenario.NatKind;
import dev.tether.examples.simulate.scenario.ScenarioFile;
import dev.tether.reactor.simulation.SimulatedNetwork;
import dev.tether.reactor.simulation.swarm.Fault;
import dev.tether.reactor.simulation.swarm.Scenario;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options that say what happens: all of it is drawn from the seed, some of it is fixed, or a file describes it. */
final class ScenarioChoice {

    /** What {@code --scenario} decides, so that no option may. */
    private static final List<String> FIXED = List.of("--peers", "--loss", "--latency", "--nat", "--minutes");

    /** A fresh seed is one that a human can type. */
    private static final int FRESH_SEEDS = 1_000_000_000;

    private static final int MAX_PEERS = 10_000;
    private static final double MAX_MINUTES = 24 * 60;
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./%:=@+-]+");

    @Spec(Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "--seed", paramLabel = "N", description = "the first seed (default: a fresh one, which is printed)")
    private @Nullable Long seed;

    @Option(names = "--peers", paramLabel = "N", description = "how many peers, 2 to 10000")
    private @Nullable Integer peers;

    @Option(
            names = "--loss",
            paramLabel = "P",
            description =
                    "the probability that a datagram is lost, such as 5%% or 0.05; links have no other fault then")
    private @Nullable Probability loss;

    @Option(
            names = "--latency",
            paramLabel = "TIME",
            description =
                    "how long a datagram travels, such as 80ms; links have no other fault then (with --loss alone: 10ms)")
    private @Nullable Duration latency;

    @Option(
            names = "--nat",
            paramLabel = "KIND",
            description =
                    "what each peer but the first is behind: open, full-cone, address-restricted, port-restricted or"
                            + " symmetric")
    private @Nullable NatKind nat;

    @Option(
            names = "--minutes",
            paramLabel = "N",
            description = "how long the phase with faults lasts, up to 1440, such as 5 or 0.5")
    private @Nullable Double minutes;

    @Option(
            names = "--scenario",
            paramLabel = "FILE",
            description = "what happens, as YAML; the format is in docs/simulation-scenarios.md. Without it, the seed"
                    + " decides what no option does")
    private @Nullable Path file;

    private @Nullable ScenarioFile read;

    /**
     * Checks the options, and reads the file.
     *
     * @throws ParameterException naming what is wrong
     */
    void check() {
        if (file != null) {
            FIXED.stream()
                    .filter(option -> spec.commandLine().getParseResult().hasMatchedOption(option))
                    .findFirst()
                    .ifPresent(option -> {
                        throw wrong("--scenario and " + option + " exclude each other: the file says all that " + option
                                + " would; leave out one of them");
                    });
            read = read(file);
        }
        if (peers != null && (peers < 2 || peers > MAX_PEERS)) {
            throw wrong("--peers is " + peers + ", it must be from 2 to " + MAX_PEERS);
        }
        if (minutes != null && !(minutes > 0 && minutes <= MAX_MINUTES)) {
            throw wrong("--minutes is " + minutes + ", it must be above 0 and up to 1440");
        }
        try {
            link();
        } catch (IllegalArgumentException e) {
            throw wrong("--latency is out of its range: " + e.getMessage());
        }
    }

    /** The first seed: the given one, else the file's, else a fresh one. */
    long firstSeed() {
        if (seed != null) {
            return seed;
        }
        Long named = read == null ? null : read.seed();
        return named != null ? named : new SecureRandom().nextInt(FRESH_SEEDS);
    }

    /** What happens with this seed. */
    Scenario scenario(long seed) {
        if (read != null) {
            return read.scenario(seed);
        }
        Scenario drawn = Scenario.draw(
                seed,
                new Scenario.Limits(
                        peers,
                        link(),
                        nat == null ? null : nat.settings(),
                        minutes == null ? null : Duration.ofMillis(Math.max(1, Math.round(minutes * 60_000)))));
        return nat == NatKind.OPEN ? withoutNats(drawn) : drawn;
    }

    /** The command that runs one seed again, and shows it. */
    String replay(long seed) {
        List<String> words = new ArrayList<>(List.of("examples/tether", "simulate", "--seed", Long.toString(seed)));
        ParseResult parsed = spec.commandLine().getParseResult();
        List<String> options = new ArrayList<>(FIXED);
        options.add("--scenario");
        for (String name : options) {
            OptionSpec option = parsed.matchedOption(name);
            if (option != null) {
                words.add(name);
                words.add(quoted(option.originalStringValues().get(0)));
            }
        }
        words.add("--timeline");
        return String.join(" ", words);
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private ScenarioFile read(Path file) {
        try {
            return ScenarioFile.read(file);
        } catch (NoSuchFileException e) {
            throw new ParameterException(spec.commandLine(), "--scenario: there is no file " + file, e);
        } catch (IOException e) {
            throw new ParameterException(spec.commandLine(), "--scenario: " + e.getMessage(), e);
        }
    }

    private @Nullable LinkSettings link() {
        if (loss == null && latency == null) {
            return null;
        }
        LinkSettings link = latency == null ? SimulatedNetwork.DEFAULT_LINK : LinkSettings.PERFECT.latency(latency);
        return loss == null ? link : link.loss(loss.value());
    }

    private static Scenario withoutNats(Scenario drawn) {
        return new Scenario(
                drawn.seed(),
                List.of(),
                drawn.peers().stream()
                        .map(peer -> new Scenario.Peer(
                                peer.name(), null, peer.settings(), peer.offload(), peer.reader(), peer.admission()))
                        .toList(),
                drawn.gateways(),
                drawn.link(),
                drawn.links(),
                drawn.dials(),
                drawn.keeps(),
                drawn.streams(),
                drawn.datagrams(),
                drawn.faults().stream()
                        .filter(fault -> !(fault instanceof Fault.Rebind))
                        .toList(),
                drawn.faultPhase(),
                drawn.calmPhase());
    }

    /** As a POSIX shell reads it. */
    private static String quoted(String word) {
        return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
