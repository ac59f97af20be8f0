package dev.tether.core.wire;

/**
 * The layout of a cookie reply: what a loaded responder sends instead of a response. Source: docs/PROTOCOL.md, "Cookie
 * reply".
 *
 * <table>
 *   <caption>Layout</caption>
 *   <tr><th>offset</th><th>bytes</th><th>field</th></tr>
 *   <tr><td>0</td><td>1</td><td>type, {@link DatagramType#COOKIE_REPLY}</td></tr>
 *   <tr><td>1</td><td>8</td><td>receiver's connection id: the sender's id of the datagram that is answered</td></tr>
 *   <tr><td>9</td><td>12</td><td>nonce</td></tr>
 *   <tr><td>21</td><td>32</td><td>sealed cookie: 16 bytes and a tag</td></tr>
 * </table>
 *
 * <p>All methods take the datagram as a range of an array; all but {@link #isWellFormed} expect one that is well-formed.
 */
public final class CookieReplyDatagram {

    /** The length of a cookie, in bytes. */
    public static final int COOKIE_LENGTH = 16;

    /** The length of the nonce, in bytes. */
    public static final int NONCE_LENGTH = 12;

    /** The length of the sealed cookie, in bytes. */
    public static final int SEALED_COOKIE_LENGTH = COOKIE_LENGTH + 16;

    /** The length of a cookie reply, in bytes. */
    public static final int LENGTH = 1 + Long.BYTES + NONCE_LENGTH + SEALED_COOKIE_LENGTH;

    private static final int RECEIVER_OFFSET = 1;
    private static final int NONCE_OFFSET = RECEIVER_OFFSET + Long.BYTES;

    private CookieReplyDatagram() {}

    /** Whether the bytes are a cookie reply, judged by type and length. Never throws. */
    public static boolean isWellFormed(byte[] datagram, int offset, int length) {
        return length == LENGTH && datagram[offset] == DatagramType.COOKIE_REPLY;
    }

    /** The sender's connection id of the datagram that is answered. */
    public static long receiverConnectionId(byte[] datagram, int offset) {
        return BigEndian.getLong(datagram, offset + RECEIVER_OFFSET);
    }

    /** The index in the array of the nonce. */
    public static int nonceOffset(int offset) {
        return offset + NONCE_OFFSET;
    }

    /** The index in the array of the sealed cookie. */
    public static int sealedCookieOffset(int offset) {
        return offset + NONCE_OFFSET + NONCE_LENGTH;
    }

    /**
     * Writes a cookie reply, {@link #LENGTH} bytes.
     *
     * @param nonce {@link #NONCE_LENGTH} bytes
     * @param sealedCookie {@link #SEALED_COOKIE_LENGTH} bytes
     * @throws IllegalArgumentException if a length is another
     */
    public static void write(WireWriter out, long receiverConnectionId, byte[] nonce, byte[] sealedCookie) {
        if (nonce.length != NONCE_LENGTH || sealedCookie.length != SEALED_COOKIE_LENGTH) {
            throw new IllegalArgumentException("a nonce of " + nonce.length + " bytes and a sealed cookie of "
                    + sealedCookie.length + ", " + NONCE_LENGTH + " and " + SEALED_COOKIE_LENGTH + " expected");
        }
        out.writeByte(DatagramType.COOKIE_REPLY)
                .writeLong(receiverConnectionId)
                .writeBytes(nonce)
                .writeBytes(sealedCookie);
    }
}
