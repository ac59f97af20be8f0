package dev.tether.examples.simulate.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tether.reactor.simulation.swarm.Fault;
import dev.tether.reactor.simulation.swarm.Scenario;
import dev.tether.reactor.simulation.swarm.ScenarioRun;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The scenario files that are shipped, and those in the documentation. */
@Timeout(300)
class ScenarioDocumentTest {

    private static final Path DIRECTORY = Path.of("scenarios");
    private static final Path DOCUMENT = Path.of("..", "docs", "simulation-scenarios.md");
    private static final Pattern EXAMPLE = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);

    static Stream<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            return files.sorted().toList().stream();
        }
    }

    static List<String> documented() throws IOException {
        return EXAMPLE.matcher(Files.readString(DOCUMENT))
                .results()
                .map((MatchResult result) -> result.group(1))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyFileIsAScenario(Path file) throws IOException {
        ScenarioFile read = ScenarioFile.read(file);

        assertThat(read.seed()).isNotNull();
        assertThat(read.scenario(1).dials()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"lossy-pair", "nat-rebind", "partition", "every-fault"})
    void aSmallOneRunsWithoutAViolation(String name) throws IOException {
        assertKept(ScenarioFile.read(DIRECTORY.resolve(name + ".yaml")));
    }

    @ParameterizedTest
    @MethodSource("documented")
    void aDocumentedOneRunsWithoutAViolation(String text) throws IOException {
        assertKept(ScenarioFile.parse(DOCUMENT, text));
    }

    @Test
    void oneFileHasEveryKindOfFault() throws IOException {
        Scenario scenario =
                ScenarioFile.read(DIRECTORY.resolve("every-fault.yaml")).scenario(1);

        assertThat(scenario.faults())
                .extracting(fault -> (Object) fault.getClass())
                .containsExactlyInAnyOrder(Arrays.stream(Fault.class.getDeclaredClasses())
                        .filter(Class::isRecord)
                        .toArray());
    }

    @Test
    void everyFieldIsDocumented() throws IOException {
        String document = Files.readString(DOCUMENT);
        List<String> fields = Stream.of(
                        Stream.of(ScenarioFields.class),
                        Arrays.stream(ScenarioFields.class.getDeclaredClasses())
                                .filter(type -> type.isAnnotationPresent(JsonInclude.class)))
                .flatMap(types -> types)
                .flatMap(type -> Arrays.stream(type.getRecordComponents()))
                .map(RecordComponent::getName)
                .toList();

        assertThat(fields).contains("faultPhase", "bothWays", "optimisticAck");
        assertThat(Stream.of(
                                fields.stream(),
                                LinkFields.ALL.stream().map(Field::name),
                                SettingsFields.ALL.stream().map(Field::name),
                                Stream.of("full-cone", "address-restricted", "port-restricted", "symmetric"))
                        .flatMap(names -> names))
                .allSatisfy(name -> assertThat(document).contains("`" + name + "`"));
    }

    private static void assertKept(ScenarioFile file) {
        Long seed = file.seed();
        assertThat(seed).isNotNull();
        assertThat(ScenarioRun.run(file.scenario(seed)).violations()).isEmpty();
    }
}
