package dev.tether.examples.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileNameTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "report.pdf",
                ".profile",
                "...",
                "two words",
                "-rf",
                "naïve ☃ 🙂.txt",
                "12:30.log",
                "x.part",
                "CON"
            })
    void aPlainNameIsTaken(String name) {
        assertThat(FileName.problemWith(name)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                "/",
                "/etc/passwd",
                "../a",
                "a/b",
                "a/",
                "..\\a",
                "C:\\a",
                "a\u0000",
                "a\nb",
                "\u001b[2Ja",
                "a\u007f",
                "exe\u202etxt.",
                "a\u2066",
                "a\u2028",
                "a\ud83d",
                "a.0123abcd.part"
            })
    void aHostileNameIsRefused(String name) {
        assertThat(FileName.problemWith(name)).isNotNull();
    }

    @Test
    void theLongestNameLeavesRoomForThePartialFile() {
        Sha256 digest = Sha256.finish(Sha256.newDigest());
        String longest = "ü".repeat(FileName.MAX_BYTES / 2) + "x".repeat(FileName.MAX_BYTES % 2);

        assertThat(FileName.problemWith(longest)).isNull();
        assertThat(FileName.problemWith(longest + "x")).isNotNull();
        assertThat(FileName.partial(longest, digest)).hasSize(longest.length() + 14);
    }

    @Test
    void aPartialFileIsNamedByNameAndContent() {
        Sha256 digest = Sha256.finish(Sha256.newDigest());

        assertThat(FileName.partial("a.txt", digest)).isEqualTo("a.txt.e3b0c442.part");
    }

    @Test
    void anAlternativeNameKeepsTheEnding() {
        assertThat(FileName.alternative("a.tar.gz", 2)).isEqualTo("a.tar-2.gz");
        assertThat(FileName.alternative("a", 1)).isEqualTo("a-1");
        assertThat(FileName.alternative(".profile", 1)).isEqualTo(".profile-1");
    }
}
