package dev.tether.examples.transfer;

import dev.tether.examples.transfer.TransferMessage.Accept;
import dev.tether.examples.transfer.TransferMessage.Offer;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that is to be sent, and what is offered of it. */
record OfferedFile(Path path, Offer offer) {

    /**
     * Reads a file to describe it. Blocks.
     *
     * @param number the number of the offer
     * @throws TransferException if it is not a regular file, cannot be read, or changes meanwhile
     */
    static OfferedFile describe(Path path, int number) {
        try {
            requireReadableFile(path);
            long size = Files.size(path);
            Sha256 digest = FileHash.of(path, size, bytes -> {});
            return new OfferedFile(path, new Offer(number, size, digest, nameOf(path)));
        } catch (EOFException e) {
            throw new TransferException(TransferFailure.CHANGED, path + " has become shorter while it was read", e);
        } catch (AccessDeniedException e) {
            throw new TransferException(TransferFailure.READ_ERROR, path + " cannot be read: permission denied", e);
        } catch (IOException e) {
            throw new TransferException(TransferFailure.READ_ERROR, path + " cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Checks what can be checked without reading.
     *
     * @throws TransferException if it is not there, is not a regular file, or may not be read
     */
    static void requireReadableFile(Path path) {
        if (!Files.exists(path)) {
            throw new TransferException(TransferFailure.READ_ERROR, path + " does not exist");
        }
        if (Files.isDirectory(path)) {
            throw new TransferException(TransferFailure.READ_ERROR, path + " is a directory; only files are sent");
        }
        if (!Files.isRegularFile(path)) {
            throw new TransferException(TransferFailure.READ_ERROR, path + " is not a regular file");
        }
        if (!Files.isReadable(path)) {
            throw new TransferException(TransferFailure.READ_ERROR, path + " cannot be read: permission denied");
        }
    }

    /** The name under which a file is offered. */
    static String nameOf(Path path) {
        Path name = path.toAbsolutePath().normalize().getFileName();
        return name == null ? "" : name.toString();
    }

    /** Where to begin: at the offset that the receiver offers if its bytes are the beginning of this file, else at 0. Blocks. */
    long beginning(Accept accept) {
        if (accept.offset() == 0 || accept.offset() > offer.size()) {
            return 0;
        }
        try {
            Sha256 prefix = FileHash.of(path, accept.offset(), bytes -> {});
            return prefix.equals(accept.prefix()) ? accept.offset() : 0;
        } catch (IOException e) {
            throw new TransferException(TransferFailure.READ_ERROR, path + " cannot be read: " + e.getMessage(), e);
        }
    }
}
