package dev.tether.core.frame;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.wire.WireWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The packets of {@code src/test/resources/frames}: each file says in {@code frame:} lines what its bytes mean, and
 * whether they are {@code canonical}, that is, what this implementation itself writes.
 */
class FrameSamplesTest {

    private record Sample(String name, boolean canonical, List<String> frames, String hex) {

        byte[] bytes() {
            return HexFormat.of().parseHex(hex);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Sample> samples() throws IOException, URISyntaxException {
        Path directory = Path.of(Objects.requireNonNull(FrameSamplesTest.class.getResource("/frames"))
                .toURI());
        try (Stream<Path> files = Files.list(directory)) {
            List<Sample> samples = files.filter(file -> file.toString().endsWith(".hex"))
                    .sorted()
                    .map(FrameSamplesTest::load)
                    .toList();
            assertThat(samples).hasSizeGreaterThan(20);
            return samples.stream();
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void aSampleMeansWhatItSays(Sample sample) throws FrameFormatException {
        assertThat(read(sample.bytes())).isEqualTo(sample.frames());
    }

    @ParameterizedTest
    @MethodSource("samples")
    void aSampleIsWrittenAsItWasRead(Sample sample) throws FrameFormatException {
        byte[] buffer = new byte[200];
        WireWriter out = new WireWriter().wrap(buffer, 0, buffer.length);
        new FrameReader().read(sample.bytes(), 0, sample.bytes().length, new FrameRewriter(out));
        byte[] rewritten = Arrays.copyOf(buffer, out.written());
        assertThat(read(rewritten)).isEqualTo(sample.frames());
        assertThat(Arrays.equals(rewritten, sample.bytes()))
                .as("%s rewritten as %s", sample, HexFormat.of().formatHex(rewritten))
                .isEqualTo(sample.canonical());
    }

    private static List<String> read(byte[] packet) throws FrameFormatException {
        FrameRecorder recorder = new FrameRecorder(0, packet.length);
        new FrameReader().read(packet, 0, packet.length, recorder);
        return recorder.lines();
    }

    private static Sample load(Path file) {
        try {
            List<String> lines = Files.readAllLines(file);
            String hex = lines.stream()
                    .filter(line -> !line.startsWith("#") && !line.contains(":"))
                    .map(line -> line.replace(" ", ""))
                    .collect(Collectors.joining());
            List<String> frames = lines.stream()
                    .filter(line -> line.startsWith("frame: "))
                    .map(line -> line.substring("frame: ".length()))
                    .toList();
            String name = Objects.requireNonNull(file.getFileName()).toString();
            return new Sample(name, lines.contains("canonical: yes"), frames, hex);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
