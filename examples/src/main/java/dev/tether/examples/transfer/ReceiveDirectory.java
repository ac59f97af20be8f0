package dev.tether.examples.transfer;

import dev.tether.examples.transfer.ReceivePlan.Existing;
import dev.tether.examples.transfer.TransferMessage.Offer;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The directory where a receiver stores files: what is there already, and how a file gets there. Blocks. */
final class ReceiveDirectory {

    private final Path directory;
    private final ConflictPolicy policy;
    private final PartialFiles partials;

    ReceiveDirectory(Path directory, ConflictPolicy policy, LongSupplier nanoTime) {
        this.directory = directory;
        this.policy = policy;
        this.partials = new PartialFiles(directory, nanoTime);
    }

    /** What is wrong with a name, here, or null. */
    @Nullable
    String problemWith(String name) {
        String problem = FileName.problemWith(name);
        if (problem != null) {
            return problem;
        }
        try {
            // A second opinion, from the file system that will have to live with the name.
            return directory.equals(directory.resolve(name).normalize().getParent()) ? null : "it leaves the directory";
        } catch (InvalidPathException e) {
            return "this system cannot store it";
        }
    }

    /**
     * What to do with an offered file, whose name has no problem. Reads a file of that name and size.
     *
     * @param progress is told now and then how many bytes have been read
     */
    ReceivePlan plan(Offer offer, LongConsumer progress) throws IOException {
        return ReceivePlan.decide(offer.name(), policy, name -> existing(directory.resolve(name), offer, progress));
    }

    /**
     * Opens the partial file of an offered file.
     *
     * @throws TransferException with {@link TransferFailure#BUSY} if another transfer has it
     */
    PartialFile open(Offer offer) throws IOException {
        PartialFile partial = partials.open(offer.name(), offer.digest());
        try {
            if (partial.length() > offer.size()) {
                partial.restart();
            }
            requireSpace(offer.size() - partial.length());
            return partial;
        } catch (IOException | RuntimeException e) {
            partials.close(partial);
            throw e;
        }
    }

    /**
     * Stores a complete partial file, and closes it.
     *
     * @return the name that the file has got
     * @throws TransferException if its digest is not the offered one, or if its name was taken in the meantime
     */
    String store(PartialFile partial, Offer offer) throws IOException {
        if (!partial.digest().equals(offer.digest())) {
            partials.discard(partial);
            throw new TransferException(
                    TransferFailure.CHANGED,
                    "the SHA-256 of what arrived is not the offered one: the file has changed since it was offered");
        }
        ReceivePlan plan = plan(offer, bytes -> {});
        if (plan instanceof ReceivePlan.Refuse refuse) {
            throw new TransferException(refuse.failure(), refuse.text());
        }
        if (plan instanceof ReceivePlan.Present present) {
            partials.discard(partial);
            return present.name();
        }
        ReceivePlan.Receive receive = (ReceivePlan.Receive) plan;
        try {
            partial.store(directory.resolve(receive.name()), receive.replace());
        } catch (FileAlreadyExistsException e) {
            throw new TransferException(
                    TransferFailure.EXISTS, receive.name() + " was taken while the file was being received", e);
        }
        partials.close(partial);
        return receive.name();
    }

    /** Closes a partial file and keeps its bytes. */
    void close(PartialFile partial) throws IOException {
        partials.close(partial);
    }

    /** Closes a partial file and removes it. */
    void discard(PartialFile partial) throws IOException {
        partials.discard(partial);
    }

    private void requireSpace(long missing) throws IOException {
        long usable = Files.getFileStore(directory).getUsableSpace();
        if (usable < missing) {
            throw new TransferException(
                    TransferFailure.NO_SPACE,
                    "the receiver's disk has " + usable + " bytes left, the file needs " + missing + " more");
        }
    }

    private static Existing existing(Path path, Offer offer, LongConsumer progress) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return Existing.ABSENT;
        }
        if (!Files.isRegularFile(path)) {
            return Existing.NOT_A_FILE;
        }
        boolean same = Files.size(path) == offer.size()
                && FileHash.of(path, offer.size(), progress).equals(offer.digest());
        return same ? Existing.SAME_CONTENT : Existing.OTHER_CONTENT;
    }
}
