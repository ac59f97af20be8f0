package dev.tether.examples.transfer;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * What has arrived of a file: an open, locked file beside the place where the whole will be stored, and the running digest
 * of its content. Bytes are appended; what is there stays there when the transfer breaks.
 *
 * <p>One thread uses it. {@link #close()} may be called by any other, to take the file away: what the first one does next
 * then throws {@link java.nio.channels.ClosedChannelException}. Blocks: not for an event loop.
 */
final class PartialFile implements Closeable {

    private final Path path;
    private final FileChannel channel;
    private final LongSupplier nanoTime;
    private final MessageDigest digest = Sha256.newDigest();
    private long position;
    private volatile long activeNs;
    private volatile boolean storing;

    private PartialFile(Path path, FileChannel channel, LongSupplier nanoTime) {
        this.path = path;
        this.channel = channel;
        this.nanoTime = nanoTime;
        this.activeNs = nanoTime.getAsLong();
    }

    /**
     * Opens the file, and creates it if it is not there.
     *
     * @throws TransferException with {@link TransferFailure#BUSY} if somebody else has it open as a partial file
     */
    static PartialFile open(Path path, LongSupplier nanoTime) throws IOException {
        FileChannel channel = FileChannel.open(
                path,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS);
        try {
            if (isLocked(channel)) {
                throw new TransferException(
                        TransferFailure.BUSY, path.getFileName() + " is being written by another transfer");
            }
            return new PartialFile(path, channel, nanoTime);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Where it is. */
    Path path() {
        return path;
    }

    /** How many bytes the file has on the disk. */
    long length() throws IOException {
        return channel.size();
    }

    /** How many bytes have been appended, those that were kept by {@link #resume} included. */
    long position() {
        return position;
    }

    /** How long nothing has been appended or read, in nanoseconds; 0 while the file is moved to its place. */
    long idleNs() {
        return storing ? 0 : nanoTime.getAsLong() - activeNs;
    }

    /**
     * Goes on after the bytes that are there: reads them into the running digest, which is returned.
     *
     * @param progress is told now and then how many bytes have been read
     */
    Sha256 resume(LongConsumer progress) throws IOException {
        digest.reset();
        long length = channel.size();
        FileHash.update(digest, channel, length, bytes -> {
            activeNs = nanoTime.getAsLong();
            progress.accept(bytes);
        });
        position = length;
        return Sha256.peek(digest);
    }

    /** Forgets all bytes that are there. */
    void restart() throws IOException {
        channel.truncate(0);
        digest.reset();
        position = 0;
    }

    /** Appends the remaining bytes of {@code bytes}. */
    void append(ByteBuffer bytes) throws IOException {
        activeNs = nanoTime.getAsLong();
        digest.update(bytes.duplicate());
        while (bytes.hasRemaining()) {
            position += channel.write(bytes, position);
        }
    }

    /** The digest of all bytes so far. */
    Sha256 digest() {
        return Sha256.peek(digest);
    }

    /**
     * Brings the content to the disk and gives it its name, atomically: nobody ever sees {@code target} incomplete.
     *
     * @throws FileAlreadyExistsException if {@code target} is there and is not to be replaced; the partial file remains
     */
    void store(Path target, boolean replace) throws IOException {
        storing = true;
        try {
            channel.force(true);
            if (replace) {
                Files.move(path, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } else {
                moveWithoutReplacing(target);
            }
            syncDirectory(target);
        } finally {
            storing = false;
            activeNs = nanoTime.getAsLong();
        }
    }

    /** Removes it from the disk. */
    void discard() throws IOException {
        Files.deleteIfExists(path);
        close();
    }

    /** Lets go of it; the bytes stay on the disk. */
    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** A hard link fails when its name is taken, where a rename would replace; file systems without links get a rename. */
    private void moveWithoutReplacing(Path target) throws IOException {
        try {
            Files.createLink(target, path);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (UnsupportedOperationException | FileSystemException e) {
            Files.move(path, target);
            return;
        }
        Files.delete(path);
    }

    /** The name is safe from a power failure once the directory is on the disk, too; not every system can do that. */
    private static void syncDirectory(Path target) {
        Path directory = target.toAbsolutePath().getParent();
        if (directory == null) {
            return;
        }
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // The content is safe under one of its two names.
        }
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock == null;
        } catch (OverlappingFileLockException e) {
            return true;
        }
    }
}
