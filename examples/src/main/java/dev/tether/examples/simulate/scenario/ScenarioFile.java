package dev.tether.examples.simulate.scenario;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.tether.reactor.simulation.swarm.Scenario;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A scenario file, read and checked. Its format is described in {@code docs/simulation-scenarios.md}. */
public final class ScenarioFile {

    static final YAMLMapper MAPPER = YAMLMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .build();

    private final ScenarioFields fields;
    private final @Nullable Long seed;

    private ScenarioFile(ScenarioFields fields, @Nullable Long seed) {
        this.fields = fields;
        this.seed = seed;
    }

    /**
     * Reads a file.
     *
     * @throws ScenarioFileException if it is not a scenario, naming the line, the field and what is allowed
     * @throws IOException if it cannot be read
     */
    public static ScenarioFile read(Path file) throws IOException {
        try {
            return parse(file, Files.readString(file));
        } catch (MalformedInputException e) {
            throw new ScenarioFileException(file, 0, "it is not text in UTF-8");
        }
    }

    /** The file that describes {@code scenario}: {@link #read} gives an equal one. */
    public static String write(Scenario scenario) {
        return ScenarioWriter.write(scenario);
    }

    /** The seed that the file names; null if it leaves that to whoever runs it. */
    public @Nullable Long seed() {
        return seed;
    }

    /** The scenario, with this seed. */
    public Scenario scenario(long seed) {
        return ScenarioReader.scenario(fields, seed);
    }

    static ScenarioFile parse(Path file, String text) throws ScenarioFileException {
        if (text.lines().allMatch(line -> line.isBlank() || line.startsWith("#"))) {
            throw new ScenarioFileException(file, 0, "it is empty; it needs 'peers' at least");
        }
        try {
            ScenarioFields fields = MAPPER.readValue(text, ScenarioFields.class);
            Long seed = ScenarioReader.seed(fields);
            ScenarioReader.scenario(fields, seed == null ? 0 : seed);
            return new ScenarioFile(fields, seed);
        } catch (InvalidFieldException e) {
            String where = e.path().isEmpty() ? "" : e.path() + ": ";
            throw new ScenarioFileException(file, Lines.of(text).line(e.path()), where + e.getMessage());
        } catch (UnrecognizedPropertyException e) {
            throw new ScenarioFileException(
                    file,
                    Lines.of(text).line(path(e)),
                    path(e) + ": there is no such field; allowed are " + allowed(e));
        } catch (MismatchedInputException e) {
            throw new ScenarioFileException(file, Lines.of(text).line(path(e)), path(e) + ": " + needed(e));
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 0 : Math.max(0, e.getLocation().getLineNr());
            throw new ScenarioFileException(file, line, "it cannot be read as YAML: " + firstLines(e));
        }
    }

    private static String allowed(UnrecognizedPropertyException e) {
        Collection<Object> known = Objects.requireNonNullElse(e.getKnownPropertyIds(), List.of());
        return known.stream().map(String::valueOf).sorted().collect(Collectors.joining(", "));
    }

    /** As {@code faults[2].crash}. */
    private static String path(JsonMappingException e) {
        StringBuilder path = new StringBuilder();
        for (JsonMappingException.Reference step : e.getPath()) {
            if (step.getFieldName() == null) {
                path.append('[').append(step.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
            }
        }
        return path.isEmpty() ? "the file" : path.toString();
    }

    private static String needed(MismatchedInputException e) {
        Class<?> type = e.getTargetType();
        if (type == ScenarioFields.Peers.class) {
            return "a number, or a list of names and blocks, is needed";
        }
        if (type == String.class) {
            return "one value is needed, not a list or a block";
        }
        return type != null && Collection.class.isAssignableFrom(type)
                ? "a list is needed, each of its items begun by '- '"
                : "a block of fields is needed, each as 'name: value'";
    }

    /** What YAML's own messages say, without their excerpts of the file. */
    private static String firstLines(JsonProcessingException e) {
        return e.getOriginalMessage()
                .lines()
                .filter(line -> !line.isBlank() && !Character.isWhitespace(line.charAt(0)))
                .collect(Collectors.joining(", "));
    }
}
