package dev.tether.core.protection;

import dev.tether.core.noise.KeyPair;
import dev.tether.core.wire.StatelessResetDatagram;
import java.util.Objects;

/**
 * Makes the tokens of one peer's stateless resets (RFC 9000 §10.3.2): HMAC-SHA256 of a connection id, first 16 bytes,
 * under a key that follows from the peer's static private key, which is HMAC-SHA256 of "tether1-stateless-reset" under that
 * private key. So a peer that has started over with the same key and nothing else can still prove which connections were
 * its own. A token shows nothing about those of other connection ids. Not thread-safe.
 */
public final class StatelessResetTokens {

    /** The length of a token, in bytes. */
    public static final int LENGTH = StatelessResetDatagram.TOKEN_LENGTH;

    private static final String LABEL = "tether1-stateless-reset";

    private final HmacSha256 mac = new HmacSha256();
    private final byte[] id = new byte[Long.BYTES];

    /** The tokens of the peer that has this key pair. */
    public StatelessResetTokens(KeyPair keyPair) {
        mac.setKey(LabelledKey.of(LABEL, keyPair));
    }

    /** The token of one of the peer's connection ids, {@value #LENGTH} bytes. */
    public byte[] tokenOf(long connectionId) {
        for (int i = 0; i < id.length; i++) {
            id[i] = (byte) (connectionId >>> Long.SIZE - Byte.SIZE * (i + 1));
        }
        byte[] token = new byte[LENGTH];
        mac.write(id, 0, id.length, token, 0);
        return token;
    }

    /**
     * Whether untrusted bytes are this token; takes the same time wherever they differ.
     *
     * @param token {@value #LENGTH} bytes
     * @param bytes holds as many at {@code offset}
     */
    public static boolean matches(byte[] token, byte[] bytes, int offset) {
        Objects.checkFromIndexSize(offset, LENGTH, bytes.length);
        int difference = 0;
        for (int i = 0; i < LENGTH; i++) {
            difference |= token[i] ^ bytes[offset + i];
        }
        return difference == 0;
    }
}
