package dev.tether.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the README shows is what runs. */
class ReadmeTest {

    private static final Path README = Path.of("..", "README.md");
    private static final Path FIRST_PROGRAM =
            Path.of("src", "main", "java", "dev", "tether", "examples", "FirstProgram.java");
    private static final Pattern SNIPPET =
            Pattern.compile("<!-- snippet: FirstProgram -->\n```java\n(.*?)```\n<!-- /snippet -->", Pattern.DOTALL);
    private static final Pattern COMMAND = Pattern.compile("^    examples/tether ([a-z]+)", Pattern.MULTILINE);

    @Test
    void theFirstProgramIsTheOneThatIsCompiled() throws IOException {
        Matcher snippet = SNIPPET.matcher(Files.readString(README));
        assertThat(snippet.find()).as("the snippet in the README").isTrue();
        assertThat(snippet.group(1)).isEqualTo(compiledSnippet());
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void theFirstProgramSaysHello() {
        PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            FirstProgram.main(new String[0]);
        } finally {
            System.setOut(out);
        }
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .contains("state: Established")
                .contains("answer: hello");
    }

    @Test
    void everyCommandInTheReadmeExists() throws IOException {
        List<String> commands = COMMAND.matcher(Files.readString(README))
                .results()
                .map((MatchResult result) -> result.group(1))
                .toList();
        assertThat(commands).contains("demo", "listen", "send", "receive");
        assertThat(TetherCommand.commandLine().getSubcommands().keySet()).containsAll(commands);
    }

    private static String compiledSnippet() throws IOException {
        String source = Files.readString(FIRST_PROGRAM);
        return source.substring(source.indexOf("import "));
    }
}
