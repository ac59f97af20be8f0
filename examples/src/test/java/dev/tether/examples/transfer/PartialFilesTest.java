package dev.tether.examples.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartialFilesTest {

    private static final Sha256 DIGEST = Sha256.finish(Sha256.newDigest());

    @TempDir
    Path directory;

    private PartialFiles files;
    private long nowNs;

    @BeforeEach
    void create() {
        files = new PartialFiles(directory, () -> nowNs);
    }

    @Test
    void aTransferKeepsItsFileWhileBytesArrive() throws IOException {
        PartialFile first = files.open("a", DIGEST);
        nowNs += PartialFiles.STALLED.toNanos();
        first.append(ByteBuffer.wrap(new byte[1]));
        nowNs += PartialFiles.STALLED.toNanos() - 1;

        assertThatThrownBy(() -> files.open("a", DIGEST))
                .isInstanceOfSatisfying(
                        TransferException.class, e -> assertThat(e.failure()).isEqualTo(TransferFailure.BUSY));
        files.close(first);
    }

    @Test
    void aStalledTransferLosesItsFileToTheNext() throws IOException {
        PartialFile first = files.open("a", DIGEST);
        first.append(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        nowNs += PartialFiles.STALLED.toNanos();

        PartialFile second = files.open("a", DIGEST);

        assertThat(second.length()).isEqualTo(3);
        assertThatThrownBy(() -> first.append(ByteBuffer.wrap(new byte[1]))).isInstanceOf(ClosedChannelException.class);
        files.close(second);
    }

    @Test
    void whoHasLostAFileDoesNotTakeItFromTheNext() throws IOException {
        PartialFile first = files.open("a", DIGEST);
        nowNs += PartialFiles.STALLED.toNanos();
        PartialFile second = files.open("a", DIGEST);

        files.close(first);
        files.discard(first);

        assertThat(second.path()).exists();
        assertThatThrownBy(() -> files.open("a", DIGEST)).isInstanceOf(TransferException.class);
        files.close(second);
    }

    @Test
    void filesOfOtherNamesAndContentsAreIndependent() throws IOException {
        Sha256 other = Sha256.of(new byte[Sha256.LENGTH]);

        PartialFile a = files.open("a", DIGEST);
        PartialFile b = files.open("b", DIGEST);
        PartialFile c = files.open("a", other);

        assertThat(directory).isDirectoryContaining(path -> path.equals(a.path()));
        assertThat(directory).isDirectoryContaining(path -> path.equals(b.path()));
        assertThat(directory).isDirectoryContaining(path -> path.equals(c.path()));
        files.discard(a);
        files.discard(b);
        files.discard(c);
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aPartialFileWithoutBytesIsNotLeft() throws IOException {
        files.close(files.open("a", DIGEST));

        assertThat(directory).isEmptyDirectory();
    }
}
