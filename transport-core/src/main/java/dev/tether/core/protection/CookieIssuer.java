package dev.tether.core.protection;

import dev.tether.core.RandomSource;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes the cookies of a loaded peer and knows them again (the WireGuard paper §5.4.7): a cookie is the HMAC-SHA256 of
 * an address and port, first 16 bytes, under a secret of the peer's own. It keeps nothing for each sender.
 *
 * <p>The secret changes every {@linkplain #ROTATION_NS 120 seconds} and the one before it is still accepted, so that a
 * cookie is good for more than 120 and at most 240 seconds. Not thread-safe.
 */
public final class CookieIssuer {

    /** The length of a cookie, in bytes. */
    public static final int COOKIE_LENGTH = HmacSha256.LENGTH;

    /** How long a secret makes cookies, in nanoseconds (the WireGuard paper §5.4.7: two minutes). */
    public static final long ROTATION_NS = TimeUnit.SECONDS.toNanos(120);

    private static final int SECRET_LENGTH = 32;

    private final RandomSource random;
    private final HmacSha256 mac = new HmacSha256();
    private byte[] secret;
    private byte @Nullable [] previousSecret;
    private long rotatedAtNs;

    /** An issuer whose first secret is drawn now. */
    public CookieIssuer(RandomSource random, long nowNs) {
        this.random = random;
        secret = newSecret();
        rotatedAtNs = nowNs;
    }

    /**
     * The cookie for a sender's address.
     *
     * @param ip the address's bytes, 4 or 16
     * @param port 0 to 65535
     * @return {@value #COOKIE_LENGTH} bytes
     */
    public byte[] cookieFor(byte[] ip, int port, long nowNs) {
        rotate(nowNs);
        return cookie(secret, ip, port);
    }

    /**
     * Whether {@code mac2} of an untrusted datagram was made with a cookie that this issuer gave to the address the
     * datagram came from, and that is still good.
     */
    public boolean verifyMac2(
            HandshakeMac handshakeMac, byte[] datagram, int offset, int length, byte[] ip, int port, long nowNs) {
        rotate(nowNs);
        return handshakeMac.verifyMac2(datagram, offset, length, cookie(secret, ip, port))
                || previousSecret != null
                        && handshakeMac.verifyMac2(datagram, offset, length, cookie(previousSecret, ip, port));
    }

    private void rotate(long nowNs) {
        long ageNs = nowNs - rotatedAtNs;
        if (ageNs < ROTATION_NS) {
            return;
        }
        // A secret that nobody looked at for two periods is as old as one that was replaced twice.
        previousSecret = ageNs < 2 * ROTATION_NS ? secret : null;
        secret = newSecret();
        rotatedAtNs += ageNs - ageNs % ROTATION_NS;
    }

    private byte[] newSecret() {
        byte[] bytes = new byte[SECRET_LENGTH];
        random.nextBytes(bytes);
        return bytes;
    }

    private byte[] cookie(byte[] key, byte[] ip, int port) {
        byte[] address = new byte[ip.length + 2];
        System.arraycopy(ip, 0, address, 0, ip.length);
        address[ip.length] = (byte) (port >>> 8);
        address[ip.length + 1] = (byte) port;
        byte[] cookie = new byte[COOKIE_LENGTH];
        mac.setKey(key);
        mac.write(address, 0, address.length, cookie, 0);
        return cookie;
    }
}
