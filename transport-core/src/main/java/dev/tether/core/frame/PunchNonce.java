package dev.tether.core.frame;

import dev.tether.core.RandomSource;
import java.util.HexFormat;

/**
 * What each of two peers adds to the key of their punch datagrams, 16 random bytes that are used for one introduction only.
 * docs/PROTOCOL.md, section 12.2.
 *
 * @param high the first 8 bytes, big-endian
 * @param low the last 8 bytes
 */
public record PunchNonce(long high, long low) {

    /** The length of a nonce, in bytes. */
    public static final int LENGTH = 2 * Long.BYTES;

    /** The nonce of a frame that offers nothing. */
    public static final PunchNonce ZERO = new PunchNonce(0, 0);

    /** A nonce that was never used. */
    public static PunchNonce draw(RandomSource random) {
        return new PunchNonce(random.nextLong(), random.nextLong());
    }

    /** 32 hexadecimal digits. */
    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
    }
}
