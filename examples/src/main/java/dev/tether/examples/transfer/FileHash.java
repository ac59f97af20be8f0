package dev.tether.examples.transfer;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.function.LongConsumer;

/** Reads the beginning of a file into a digest. Blocks: not for an event loop. */
final class FileHash {

    private static final int BUFFER_SIZE = 256 << 10;

    private FileHash() {}

    /**
     * The digest of the first {@code length} bytes of a file.
     *
     * @param progress is told now and then how many bytes have been read
     * @throws EOFException if the file is shorter
     */
    static Sha256 of(Path file, long length, LongConsumer progress) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            MessageDigest digest = Sha256.newDigest();
            update(digest, channel, length, progress);
            return Sha256.finish(digest);
        }
    }

    /** Puts the first {@code length} bytes of {@code channel} into {@code digest}. */
    static void update(MessageDigest digest, FileChannel channel, long length, LongConsumer progress)
            throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_SIZE);
        long position = 0;
        while (position < length) {
            buffer.clear().limit((int) Math.min(BUFFER_SIZE, length - position));
            int read = channel.read(buffer, position);
            if (read < 0) {
                throw new EOFException("ends at byte " + position + ", it had " + length);
            }
            digest.update(buffer.flip());
            position += read;
            progress.accept(position);
        }
    }
}
