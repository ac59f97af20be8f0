package dev.tether.core.protection;

import dev.tether.core.PeerIdentity;
import dev.tether.core.RandomSource;
import dev.tether.core.noise.AesGcm;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Seals the cookie of a cookie reply (the WireGuard paper §5.4.7, with AES-256-GCM): a random nonce, then the sealed
 * cookie. The key is SHA-256("tether1-cookie" ‖ the public key of whom the initiation was for), the associated data is
 * {@code mac1} of the datagram that is being answered; so only somebody who saw that datagram can make a reply to it.
 * Not thread-safe.
 */
public final class CookieSeal {

    /** The length of a sealed cookie, in bytes: nonce, cookie, tag. */
    public static final int LENGTH = AesGcm.NONCE_LENGTH + CookieIssuer.COOKIE_LENGTH + AesGcm.TAG_LENGTH;

    private final AesGcm cipher;

    /** The seal of replies to datagrams that were sent to {@code recipient}. */
    public CookieSeal(PeerIdentity recipient) {
        cipher = new AesGcm(LabelledKey.of("tether1-cookie", recipient));
    }

    /**
     * Seals a cookie.
     *
     * @param cookie {@value CookieIssuer#COOKIE_LENGTH} bytes
     * @param datagram the datagram that is being answered, whose {@code mac1} is at {@code mac1Offset}
     * @param out where {@link #LENGTH} bytes are written
     * @param random where the nonce comes from
     * @throws IndexOutOfBoundsException if a range does not fit its array
     */
    public void seal(byte[] cookie, byte[] datagram, int mac1Offset, byte[] out, int outOffset, RandomSource random) {
        Objects.checkFromIndexSize(outOffset, LENGTH, out.length);
        byte[] nonce = new byte[AesGcm.NONCE_LENGTH];
        random.nextBytes(nonce);
        System.arraycopy(nonce, 0, out, outOffset, nonce.length);
        cipher.seal(
                nonce,
                datagram,
                mac1Offset,
                HandshakeMac.MAC_LENGTH,
                cookie,
                0,
                CookieIssuer.COOKIE_LENGTH,
                out,
                outOffset + nonce.length);
    }

    /**
     * Opens a sealed cookie.
     *
     * @param in untrusted bytes, {@link #LENGTH} of them at {@code offset}
     * @param mac1 of the datagram that was sent
     * @return the cookie, {@value CookieIssuer#COOKIE_LENGTH} bytes, or null if it is not authentic
     * @throws IndexOutOfBoundsException if the range does not fit the array
     */
    public byte @Nullable [] open(byte[] in, int offset, byte[] mac1) {
        Objects.checkFromIndexSize(offset, LENGTH, in.length);
        int sealedOffset = offset + AesGcm.NONCE_LENGTH;
        byte[] nonce = Arrays.copyOfRange(in, offset, sealedOffset);
        byte[] cookie = new byte[CookieIssuer.COOKIE_LENGTH];
        int opened =
                cipher.open(nonce, mac1, 0, mac1.length, in, sealedOffset, LENGTH - AesGcm.NONCE_LENGTH, cookie, 0);
        return opened < 0 ? null : cookie;
    }
}
