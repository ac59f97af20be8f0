package dev.tether.core;

import java.util.Arrays;

/**
 * Who a peer is: its static X25519 public key (32 bytes, little-endian u-coordinate as in RFC 7748). Immutable.
 *
 * <p>The text form is RFC 4648 base32 in lower case without padding, 52 characters. Identities are ordered by their bytes
 * as unsigned numbers, first byte first; the order decides which of two simultaneous connection attempts wins.
 */
public final class PeerIdentity implements Comparable<PeerIdentity> {

    /** The length of a public key, in bytes. */
    public static final int LENGTH = 32;

    private static final int TEXT_LENGTH = 52;
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

    private final byte[] publicKey;

    private PeerIdentity(byte[] publicKey) {
        this.publicKey = publicKey;
    }

    /**
     * The identity with this public key.
     *
     * @param publicKey 32 bytes, copied
     * @throws IllegalArgumentException if the length is not 32
     */
    public static PeerIdentity of(byte[] publicKey) {
        return of(publicKey, 0, publicKey.length);
    }

    /**
     * The identity whose public key is a range of {@code source}.
     *
     * @throws IllegalArgumentException if {@code length} is not 32
     */
    public static PeerIdentity of(byte[] source, int offset, int length) {
        if (length != LENGTH) {
            throw new IllegalArgumentException("a public key has " + LENGTH + " bytes, not " + length);
        }
        return new PeerIdentity(Arrays.copyOfRange(source, offset, offset + length));
    }

    /**
     * Reads the text form. Upper case is accepted.
     *
     * @throws IllegalArgumentException naming what is wrong with {@code text}
     */
    public static PeerIdentity parse(String text) {
        if (text.length() != TEXT_LENGTH) {
            throw new IllegalArgumentException("'" + text + "' is not a peer's key: it has " + text.length()
                    + " characters, a key has " + TEXT_LENGTH + " (base32)");
        }
        byte[] key = new byte[LENGTH];
        int bits = 0;
        int bitCount = 0;
        int index = 0;
        for (int i = 0; i < TEXT_LENGTH; i++) {
            int digit = digit(text.charAt(i));
            if (digit < 0) {
                throw new IllegalArgumentException("'" + text + "' is not a peer's key: '" + text.charAt(i)
                        + "' at position " + (i + 1) + " is not a base32 digit (a-z, 2-7)");
            }
            bits = bits << 5 | digit;
            bitCount += 5;
            if (bitCount >= 8) {
                bitCount -= 8;
                key[index++] = (byte) (bits >>> bitCount);
                bits &= (1 << bitCount) - 1;
            }
        }
        if (bits != 0) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a peer's key: its last digit has bits beyond 32 bytes; is it complete?");
        }
        return new PeerIdentity(key);
    }

    /** The value of a base32 digit, -1 if it is none. Only ASCII: no other letter stands for a digit, whatever its case. */
    private static int digit(char c) {
        return ALPHABET.indexOf(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }

    /** A copy of the public key, 32 bytes. */
    public byte[] toBytes() {
        return publicKey.clone();
    }

    @Override
    public int compareTo(PeerIdentity other) {
        return Arrays.compareUnsigned(publicKey, other.publicKey);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PeerIdentity identity && Arrays.equals(publicKey, identity.publicKey);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(publicKey);
    }

    /** The text form: 52 characters of base32. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(TEXT_LENGTH);
        int bits = 0;
        int bitCount = 0;
        for (byte b : publicKey) {
            bits = bits << 8 | b & 0xff;
            bitCount += 8;
            while (bitCount >= 5) {
                bitCount -= 5;
                text.append(ALPHABET.charAt(bits >>> bitCount & 31));
            }
            bits &= (1 << bitCount) - 1;
        }
        return text.append(ALPHABET.charAt(bits << (5 - bitCount) & 31)).toString();
    }

    /** The first 8 characters of the text form: enough for a log line, not for trust. */
    public String shortName() {
        return toString().substring(0, 8);
    }
}
