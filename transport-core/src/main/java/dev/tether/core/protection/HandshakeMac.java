package dev.tether.core.protection;

import dev.tether.core.PeerIdentity;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The two MACs that end every handshake datagram (the WireGuard paper §5.4.4, with HMAC-SHA256), for one recipient.
 *
 * <ul>
 *   <li>{@code mac1} shows that the sender knows whom it writes to, and costs a scan of the network its answer. Its key
 *       is SHA-256("tether1-mac1" ‖ the recipient's public key); it covers all bytes before it.
 *   <li>{@code mac2} shows that the sender receives at the address it writes from: its key is the cookie that the
 *       recipient sent there. It covers all bytes before it, {@code mac1} included, and is zero without a cookie.
 * </ul>
 *
 * <p>Each has {@value #MAC_LENGTH} bytes; {@code mac1} begins {@value #TRAILER_LENGTH} bytes and {@code mac2}
 * {@value #MAC_LENGTH} bytes before the end of the datagram. Comparisons take the same time wherever the difference is.
 * Not thread-safe.
 */
public final class HandshakeMac {

    /** The length of each MAC, in bytes. */
    public static final int MAC_LENGTH = 16;

    /** The length of both MACs, in bytes: the shortest datagram that can carry them. */
    public static final int TRAILER_LENGTH = 2 * MAC_LENGTH;

    private final HmacSha256 mac1;
    private final HmacSha256 mac2 = new HmacSha256();

    /** The MACs of datagrams to {@code recipient}. */
    public HandshakeMac(PeerIdentity recipient) {
        mac1 = new HmacSha256();
        mac1.setKey(LabelledKey.of("tether1-mac1", recipient));
    }

    /** Where {@code mac1} begins in a datagram at {@code offset}. */
    public static int mac1Offset(int offset, int length) {
        return offset + length - TRAILER_LENGTH;
    }

    /**
     * Writes both MACs into the last {@value #TRAILER_LENGTH} bytes of a datagram that is complete but for them.
     *
     * @param cookie the cookie that the recipient sent for this sender's address, or null if there is none
     * @throws IndexOutOfBoundsException if the range does not fit the array or is shorter than the MACs
     */
    public void write(byte[] datagram, int offset, int length, byte @Nullable [] cookie) {
        Objects.checkFromIndexSize(offset, length, datagram.length);
        if (length < TRAILER_LENGTH) {
            throw new IndexOutOfBoundsException("two MACs do not fit in " + length + " bytes");
        }
        int mac1Offset = mac1Offset(offset, length);
        int mac2Offset = mac1Offset + MAC_LENGTH;
        mac1.write(datagram, offset, mac1Offset - offset, datagram, mac1Offset);
        if (cookie == null) {
            Arrays.fill(datagram, mac2Offset, mac2Offset + MAC_LENGTH, (byte) 0);
        } else {
            mac2.setKey(cookie);
            mac2.write(datagram, offset, mac2Offset - offset, datagram, mac2Offset);
        }
    }

    /** Whether {@code mac1} of an untrusted datagram is right; a datagram too short for it is not. */
    public boolean verifyMac1(byte[] datagram, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, datagram.length);
        if (length < TRAILER_LENGTH) {
            return false;
        }
        int mac1Offset = mac1Offset(offset, length);
        return mac1.matches(datagram, offset, mac1Offset - offset, datagram, mac1Offset);
    }

    /** Whether {@code mac2} of an untrusted datagram was made with this cookie; one too short for it was not. */
    public boolean verifyMac2(byte[] datagram, int offset, int length, byte[] cookie) {
        Objects.checkFromIndexSize(offset, length, datagram.length);
        if (length < TRAILER_LENGTH) {
            return false;
        }
        int mac2Offset = mac1Offset(offset, length) + MAC_LENGTH;
        mac2.setKey(cookie);
        return mac2.matches(datagram, offset, mac2Offset - offset, datagram, mac2Offset);
    }
}
