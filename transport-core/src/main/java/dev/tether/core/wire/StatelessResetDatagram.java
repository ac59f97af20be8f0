package dev.tether.core.wire;

/**
 * The layout of a stateless reset: the answer to a data packet for a connection that the sender of the reset does not
 * have. Always shorter than a data packet, so that a reset is never longer than what has caused it. Source:
 * docs/PROTOCOL.md, "Stateless reset", after RFC 9000 §10.3.
 *
 * <table>
 *   <caption>Layout</caption>
 *   <tr><th>offset</th><th>bytes</th><th>field</th></tr>
 *   <tr><td>0</td><td>1</td><td>type, {@link DatagramType#STATELESS_RESET}</td></tr>
 *   <tr><td>1</td><td>8</td><td>connection id of the data packet that is answered</td></tr>
 *   <tr><td>9</td><td>16</td><td>token</td></tr>
 * </table>
 *
 * <p>All methods take the datagram as a range of an array; all but {@link #isWellFormed} expect one that is well-formed.
 */
public final class StatelessResetDatagram {

    /** The length of a token, in bytes. RFC 9000 §10.3. */
    public static final int TOKEN_LENGTH = 16;

    /** The length of a stateless reset, in bytes. */
    public static final int LENGTH = 1 + Long.BYTES + TOKEN_LENGTH;

    private static final int CONNECTION_ID_OFFSET = 1;
    private static final int TOKEN_OFFSET = CONNECTION_ID_OFFSET + Long.BYTES;

    private StatelessResetDatagram() {}

    /** Whether the bytes are a stateless reset, judged by type and length. Never throws. */
    public static boolean isWellFormed(byte[] datagram, int offset, int length) {
        return length == LENGTH && datagram[offset] == DatagramType.STATELESS_RESET;
    }

    /** The connection id that is gone: the one that the receiver of the reset sends to. */
    public static long connectionId(byte[] datagram, int offset) {
        return BigEndian.getLong(datagram, offset + CONNECTION_ID_OFFSET);
    }

    /** The index in the array of the token. */
    public static int tokenOffset(int offset) {
        return offset + TOKEN_OFFSET;
    }

    /**
     * Writes a stateless reset, {@link #LENGTH} bytes.
     *
     * @param token {@link #TOKEN_LENGTH} bytes
     * @throws IllegalArgumentException if its length is another
     */
    public static void write(WireWriter out, long connectionId, byte[] token) {
        if (token.length != TOKEN_LENGTH) {
            throw new IllegalArgumentException(
                    "a reset token of " + token.length + " bytes, " + TOKEN_LENGTH + " expected");
        }
        out.writeByte(DatagramType.STATELESS_RESET).writeLong(connectionId).writeBytes(token);
    }
}
