package dev.tether.core.protection;

import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HMAC-SHA256 (RFC 2104) cut to its first 16 bytes, with a key that may be changed. */
final class HmacSha256 {

    static final int LENGTH = 16;

    private static final String ALGORITHM = "HmacSHA256";

    private final Mac mac;
    private final byte[] full;

    HmacSha256() {
        try {
            mac = Mac.getInstance(ALGORITHM);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has no HMAC-SHA256", e);
        }
        full = new byte[mac.getMacLength()];
    }

    void setKey(byte[] key) {
        try {
            mac.init(new SecretKeySpec(key, ALGORITHM));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HMAC-SHA256 takes any key", e);
        }
    }

    /** Writes the MAC of a range to {@code out}. */
    void write(byte[] data, int offset, int length, byte[] out, int outOffset) {
        compute(data, offset, length);
        System.arraycopy(full, 0, out, outOffset, LENGTH);
    }

    /** Whether {@code expected} holds the MAC of a range; takes the same time wherever they differ. */
    boolean matches(byte[] data, int offset, int length, byte[] expected, int expectedOffset) {
        compute(data, offset, length);
        int difference = 0;
        for (int i = 0; i < LENGTH; i++) {
            difference |= full[i] ^ expected[expectedOffset + i];
        }
        return difference == 0;
    }

    private void compute(byte[] data, int offset, int length) {
        try {
            mac.update(data, offset, length);
            mac.doFinal(full, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK cannot compute HMAC-SHA256", e);
        }
    }
}
