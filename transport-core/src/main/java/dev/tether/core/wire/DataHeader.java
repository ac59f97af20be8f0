package dev.tether.core.wire;

/**
 * The header of a data packet, which is the additional authenticated data of its encryption. Source: docs/PROTOCOL.md,
 * "Data".
 *
 * <table>
 *   <caption>Layout</caption>
 *   <tr><th>offset</th><th>bytes</th><th>field</th></tr>
 *   <tr><td>0</td><td>1</td><td>type, {@link DatagramType#DATA}</td></tr>
 *   <tr><td>1</td><td>8</td><td>receiver's connection id</td></tr>
 *   <tr><td>9</td><td>8</td><td>packet number</td></tr>
 *   <tr><td>17</td><td>length - 17</td><td>frames, encrypted, and the tag</td></tr>
 * </table>
 *
 * <p>All methods take the datagram as a range of an array; all but {@link #isWellFormed} expect one that is well-formed.
 */
public final class DataHeader {

    /** The length of the header, in bytes. */
    public static final int LENGTH = 1 + 2 * Long.BYTES;

    /** The length of the tag at the end of the packet, in bytes. */
    public static final int TAG_LENGTH = 16;

    /** The least length of a data packet, in bytes: one frame of one byte. */
    public static final int MIN_DATAGRAM_LENGTH = LENGTH + 1 + TAG_LENGTH;

    private static final int RECEIVER_OFFSET = 1;
    private static final int PACKET_NUMBER_OFFSET = RECEIVER_OFFSET + Long.BYTES;

    private DataHeader() {}

    /**
     * Whether the bytes are a data packet, judged by type, length and the packet number's range (0 to
     * {@link VarInt#MAX}, RFC 9000 §12.3). Never throws.
     */
    public static boolean isWellFormed(byte[] datagram, int offset, int length) {
        return length >= MIN_DATAGRAM_LENGTH
                && datagram[offset] == DatagramType.DATA
                && packetNumber(datagram, offset) >>> 62 == 0;
    }

    /** The connection id that the receiver of this packet chose. */
    public static long receiverConnectionId(byte[] datagram, int offset) {
        return BigEndian.getLong(datagram, offset + RECEIVER_OFFSET);
    }

    /** The packet number; 0 to {@link VarInt#MAX} in a well-formed packet. */
    public static long packetNumber(byte[] datagram, int offset) {
        return BigEndian.getLong(datagram, offset + PACKET_NUMBER_OFFSET);
    }

    /** Writes the header, {@link #LENGTH} bytes. */
    public static void write(WireWriter out, long receiverConnectionId, long packetNumber) {
        out.writeByte(DatagramType.DATA).writeLong(receiverConnectionId).writeLong(packetNumber);
    }
}
