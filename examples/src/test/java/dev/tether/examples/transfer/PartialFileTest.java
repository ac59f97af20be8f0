package dev.tether.examples.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartialFileTest {

    @TempDir
    Path directory;

    private Path path;
    private Path target;
    private PartialFile file;
    private long nowNs = 1;

    @BeforeEach
    void open() throws IOException {
        path = directory.resolve("a.part");
        target = directory.resolve("a");
        file = PartialFile.open(path, () -> nowNs);
    }

    @AfterEach
    void close() throws IOException {
        file.close();
    }

    @Test
    void bytesAreAppendedAndHashed() throws IOException {
        file.append(bytes("hello "));
        file.append(bytes("world"));

        assertThat(path).hasContent("hello world");
        assertThat(file.position()).isEqualTo(11);
        assertThat(file.digest()).isEqualTo(Sha256.ofFile(path));
    }

    @Test
    void resumingContinuesTheHashBehindWhatIsThere() throws IOException {
        file.append(bytes("hello "));
        Sha256 prefix = file.digest();
        file.close();
        file = PartialFile.open(path, () -> nowNs);

        assertThat(file.resume(bytes -> {})).isEqualTo(prefix);
        file.append(bytes("world"));

        assertThat(path).hasContent("hello world");
        assertThat(file.digest()).isEqualTo(Sha256.ofFile(path));
    }

    @Test
    void restartingForgetsWhatIsThere() throws IOException {
        file.append(bytes("wrong and long"));
        file.restart();
        file.append(bytes("right"));

        assertThat(path).hasContent("right");
        assertThat(file.digest()).isEqualTo(Sha256.ofFile(path));
    }

    @Test
    void storingGivesTheFileItsName() throws IOException {
        file.append(bytes("hello"));
        file.store(target, false);

        assertThat(target).hasContent("hello");
        assertThat(path).doesNotExist();
    }

    @Test
    void storingDoesNotReplaceWhatHasAppearedMeanwhile() throws IOException {
        file.append(bytes("hello"));
        Files.writeString(target, "precious");

        assertThatThrownBy(() -> file.store(target, false)).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(target).hasContent("precious");
        assertThat(path).hasContent("hello");
    }

    @Test
    void storingReplacesWhenItShould() throws IOException {
        file.append(bytes("hello"));
        Files.writeString(target, "old");

        file.store(target, true);

        assertThat(target).hasContent("hello");
        assertThat(path).doesNotExist();
    }

    @Test
    void aFileThatIsTakenAwayCannotBeWritten() throws IOException {
        file.close();

        assertThatThrownBy(() -> file.append(bytes("late"))).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void aFileIsOpenOnce() {
        assertThatThrownBy(() -> PartialFile.open(path, () -> nowNs))
                .isInstanceOfSatisfying(
                        TransferException.class, e -> assertThat(e.failure()).isEqualTo(TransferFailure.BUSY));
    }

    @Test
    void aSymbolicLinkIsNotFollowed() throws IOException {
        Path victim = Files.writeString(directory.resolve("victim"), "precious");
        Path link = Files.createSymbolicLink(directory.resolve("b.part"), victim);

        assertThatThrownBy(() -> PartialFile.open(link, () -> nowNs)).isInstanceOf(IOException.class);
        assertThat(victim).hasContent("precious");
    }

    @Test
    void theIdleTimeRunsFromTheLastByte() throws IOException {
        nowNs = 10;
        file.append(bytes("x"));
        nowNs = 25;

        assertThat(file.idleNs()).isEqualTo(15);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
