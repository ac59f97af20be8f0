package dev.tether.examples;

import dev.tether.core.noise.KeyPair;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Set;

/**
 * The file that keeps an identity: one line, the private X25519 key as 64 hexadecimal digits. Only its owner may read it;
 * where the file system knows permissions (POSIX), it is created with mode 600, and refused if others may read it.
 */
final class KeyFile {

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final int DIGITS = 2 * KeyPair.PRIVATE_KEY_LENGTH;
    private static final int MAX_SIZE = 1024;

    private KeyFile() {}

    /**
     * Reads a key.
     *
     * @throws IOException if the file cannot be read, is none, or may be read by others than its owner
     */
    static KeyPair read(Path file) throws IOException {
        requirePrivate(file);
        if (Files.size(file) > MAX_SIZE) {
            throw new IOException(file + " is not a key file: it is too long");
        }
        String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).strip();
        if (text.length() != DIGITS) {
            throw new IOException(file + " is not a key file: it must have one line of " + DIGITS + " hex digits");
        }
        try {
            return KeyPair.of(HexFormat.of().parseHex(text));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " is not a key file: it has something else than hex digits", e);
        }
    }

    /**
     * Writes a key.
     *
     * @param overwrite whether to replace a file that is there, at once and whole
     * @throws IOException if the file cannot be written, or is there and is not to be replaced
     */
    static void write(Path file, KeyPair key, boolean overwrite) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException(file + " is a directory");
        }
        String text = HexFormat.of().formatHex(key.privateKey()) + "\n";
        if (!overwrite) {
            try {
                create(file, text);
            } catch (FileAlreadyExistsException e) {
                throw new IOException(file + " is there already; --force replaces it, and its identity is lost", e);
            }
            return;
        }
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        create(fresh, text);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void create(Path file, String text) throws IOException {
        FileAttribute<?>[] attributes = isPosix()
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
                : new FileAttribute<?>[0];
        Files.createFile(file, attributes);
        Files.writeString(file, text, StandardCharsets.US_ASCII, StandardOpenOption.WRITE);
    }

    private static void requirePrivate(Path file) throws IOException {
        if (isPosix() && !OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
            throw new IOException(file + " may be read by others; make it private with: chmod 600 " + file);
        }
    }

    private static boolean isPosix() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    }
}
