package dev.tether.reactor.simulation.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * One seed gives one history, to the byte: in every run, and on every JDK, as the hashes in the file are the same for all.
 * What changes histories, which nearly each change of the engine does, has to write the file anew:
 * {@code mvn -pl transport-core,transport-reactor test -Dtest=TraceHashTest
 * -Dsurefire.failIfNoSpecifiedTests=false -Dtest.argLine=-Dtether.writeHashes=true}.
 */
class TraceHashTest {

    private static final String FILE = "trace-hashes.txt";
    private static final int SEEDS = 100;

    @Test
    void theHistoryOfASeedIsTheSameEverywhere() throws IOException {
        List<String> first = hashes();
        if (Boolean.getBoolean("tether.writeHashes")) {
            Path file =
                    Path.of("src/test/resources", getClass().getPackageName().replace('.', '/'), FILE);
            Files.createDirectories(file.getParent());
            Files.write(file, first);
        }

        assertThat(hashes()).as("a second run").isEqualTo(first);
        assertThat(first).as("the hashes in %s", FILE).isEqualTo(recorded());
    }

    private static List<String> hashes() {
        return LongStream.range(0, SEEDS)
                .parallel()
                .mapToObj(seed ->
                        seed + " " + ScenarioRun.run(Scenario.draw(seed)).traceHash())
                .toList();
    }

    private List<String> recorded() throws IOException {
        if (Boolean.getBoolean("tether.writeHashes")) {
            return hashes();
        }
        try (InputStream in = getClass().getResourceAsStream(FILE)) {
            assertThat(in).as(FILE).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .toList();
        }
    }
}
