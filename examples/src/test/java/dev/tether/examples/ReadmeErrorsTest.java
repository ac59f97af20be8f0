package dev.tether.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.error.TransportException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The README's table of errors has a row for each error that there is, and no other. */
class ReadmeErrorsTest {

    private static final Path README = Path.of("..", "README.md");
    private static final Pattern TABLE = Pattern.compile("<!-- errors -->\n(.*?)<!-- /errors -->", Pattern.DOTALL);
    private static final Pattern ROW =
            Pattern.compile("^\\| `(\\w+)` \\|(?: `(\\w+)`)? \\| [^|]+ \\|(?: [^|]+)? \\|$", Pattern.MULTILINE);

    /** The lines of the table's head. */
    private static final int HEAD = 2;

    @Test
    void theTableHasEachClassWithEachOfItsReasonsOnce() throws IOException {
        Matcher table = TABLE.matcher(Files.readString(README));
        assertThat(table.find()).as("the table in the README").isTrue();
        List<String> rows = ROW.matcher(table.group(1))
                .results()
                .map(ReadmeErrorsTest::errorOf)
                .toList();

        assertThat(rows)
                .as("each line is a row")
                .hasSize((int) table.group(1).lines().count() - HEAD);
        assertThat(rows)
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(TransportException.class.getPermittedSubclasses())
                        .flatMap(ReadmeErrorsTest::errorsOf)
                        .toList());
    }

    private static String errorOf(MatchResult row) {
        return row.group(2) == null ? row.group(1) : row.group(1) + "/" + row.group(2);
    }

    /** The class, with each of its reasons if it has any. */
    private static Stream<String> errorsOf(Class<?> error) {
        List<String> reasons = Arrays.stream(error.getDeclaredClasses())
                .filter(nested -> nested.isEnum() && nested.getSimpleName().equals("Reason"))
                .flatMap(nested -> Arrays.stream(nested.getEnumConstants()))
                .map(reason -> error.getSimpleName() + "/" + reason)
                .toList();
        return reasons.isEmpty() ? Stream.of(error.getSimpleName()) : reasons.stream();
    }
}
