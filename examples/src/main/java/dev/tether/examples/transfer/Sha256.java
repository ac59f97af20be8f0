package dev.tether.examples.transfer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** A SHA-256 digest (FIPS 180-4). Immutable. */
public final class Sha256 {

    /** The length of a digest, in bytes. */
    static final int LENGTH = 32;

    private final byte[] bytes;

    private Sha256(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * The digest with these bytes.
     *
     * @param bytes 32 bytes, copied
     * @throws IllegalArgumentException if the length is not 32
     */
    static Sha256 of(byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new IllegalArgumentException("a SHA-256 digest has " + LENGTH + " bytes, not " + bytes.length);
        }
        return new Sha256(bytes.clone());
    }

    /** The digest of a file's content. Blocks. */
    public static Sha256 ofFile(Path file) throws IOException {
        return FileHash.of(file, Files.size(file), bytes -> {});
    }

    /** What {@code digest} gives, which is reset by that. */
    static Sha256 finish(MessageDigest digest) {
        return new Sha256(digest.digest());
    }

    /** What {@code digest} would give now; it can go on. */
    static Sha256 peek(MessageDigest digest) {
        try {
            return finish((MessageDigest) digest.clone());
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the JDK's SHA-256 can be cloned", e);
        }
    }

    /** A fresh computation. */
    static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** A copy of the 32 bytes. */
    byte[] toBytes() {
        return bytes.clone();
    }

    /** The first 8 hexadecimal digits: enough to tell files of one name apart, not to trust them. */
    public String shortName() {
        return toString().substring(0, 8);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Sha256 digest && Arrays.equals(bytes, digest.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** 64 hexadecimal digits, as {@code sha256sum} prints them. */
    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
