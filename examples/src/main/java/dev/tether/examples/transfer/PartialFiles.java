package dev.tether.examples.transfer;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The partial files of one directory that are open: one transfer at a time has each of them. A transfer that has stalled
 * loses its file to the next one that asks, because the usual reason is a sender that was killed and started again, long
 * before its old connection times out. Safe for use by several threads.
 */
final class PartialFiles {

    /** How long a transfer may append nothing before another one may take over: longer than a burst of losses. */
    static final Duration STALLED = Duration.ofSeconds(2);

    private final Path directory;
    private final LongSupplier nanoTime;
    private final Map<Path, PartialFile> open = new HashMap<>();

    PartialFiles(Path directory, LongSupplier nanoTime) {
        this.directory = directory;
        this.nanoTime = nanoTime;
    }

    /**
     * Opens the partial file for a name and a content; {@link #close} gives it back.
     *
     * @throws TransferException with {@link TransferFailure#BUSY} if another transfer has it and has not stalled
     */
    synchronized PartialFile open(String name, Sha256 digest) throws IOException {
        Path path = directory.resolve(FileName.partial(name, digest));
        PartialFile holder = open.get(path);
        if (holder != null) {
            if (holder.idleNs() < STALLED.toNanos()) {
                throw new TransferException(TransferFailure.BUSY, name + " is being received from another connection");
            }
            close(holder);
        }
        PartialFile file = PartialFile.open(path, nanoTime);
        open.put(path, file);
        return file;
    }

    /** Closes a file and keeps what is on the disk, if that is anything. */
    synchronized void close(PartialFile file) throws IOException {
        if (open.remove(file.path(), file) && file.length() == 0) {
            file.discard();
        } else {
            file.close();
        }
    }

    /** Closes a file and removes it from the disk, unless another transfer has taken it over. */
    synchronized void discard(PartialFile file) throws IOException {
        if (open.remove(file.path(), file)) {
            file.discard();
        } else {
            file.close();
        }
    }
}
