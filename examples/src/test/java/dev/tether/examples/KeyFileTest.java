package dev.tether.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.noise.KeyPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyFileTest {

    @TempDir
    Path directory;

    @Test
    void aKeySurvivesTheRoundTrip() throws IOException {
        Path file = directory.resolve("key");
        KeyPair key = KeyPair.generate();

        KeyFile.write(file, key, false);

        assertThat(KeyFile.read(file).identity()).isEqualTo(key.identity());
        assertThat(Files.readString(file)).matches("[0-9a-f]{64}\n");
    }

    @Test
    void onlyTheOwnerMayReadAKeyFile() throws IOException {
        Path file = directory.resolve("key");
        KeyFile.write(file, KeyPair.generate(), false);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> KeyFile.read(file)).hasMessageContaining("chmod 600");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "abcd", "zz2030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f00"})
    void anotherFileIsNoKeyFile(String content) throws IOException {
        Path file = directory.resolve("key");
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, content);

        assertThatThrownBy(() -> KeyFile.read(file)).hasMessageContaining("is not a key file");
    }

    @Test
    void keygenPrintsTheIdentityOfTheFileItWrites() throws Exception {
        Path file = directory.resolve("key");

        Cli cli = Cli.run("keygen", file.toString());

        assertThat(cli.exitCode()).isZero();
        assertThat(cli.out()).containsExactly(KeyFile.read(file).identity().toString());
    }

    @Test
    void keygenOverwritesOnlyByForce() throws Exception {
        Path file = directory.resolve("key");
        String first = Cli.run("keygen", file.toString()).out().get(0);

        Cli again = Cli.run("keygen", file.toString());
        assertThat(again.exitCode()).isEqualTo(1);
        assertThat(again.err()).singleElement().asString().contains("--force");
        assertThat(KeyFile.read(file).identity()).hasToString(first);

        Cli forced = Cli.run("keygen", file.toString(), "--force");
        assertThat(forced.exitCode()).isZero();
        assertThat(KeyFile.read(file).identity()).hasToString(forced.out().get(0));
        assertThat(forced.out().get(0)).isNotEqualTo(first);
        assertThat(directory.toFile().list()).containsExactly("key");
    }

    @Test
    void keygenRefusesADirectory() throws Exception {
        Cli cli = Cli.run("keygen", directory.toString(), "--force");

        assertThat(cli.exitCode()).isEqualTo(1);
        assertThat(cli.err()).containsExactly("tether: " + directory + " is a directory");
    }
}
