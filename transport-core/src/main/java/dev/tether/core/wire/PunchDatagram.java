package dev.tether.core.wire;

/**
 * The layout of a punch: a probe of a path between two peers, or the reply to one, of the same length. Source:
 * docs/PROTOCOL.md, "Punch".
 *
 * <table>
 *   <caption>Layout</caption>
 *   <tr><th>offset</th><th>bytes</th><th>field</th></tr>
 *   <tr><td>0</td><td>1</td><td>type, {@link DatagramType#PUNCH}</td></tr>
 *   <tr><td>1</td><td>1</td><td>kind: 0 probe, 1 reply</td></tr>
 *   <tr><td>2</td><td>8</td><td>transaction: tag of the introduction (4), number of the probe (4)</td></tr>
 *   <tr><td>10</td><td>16</td><td>MAC</td></tr>
 * </table>
 *
 * <p>All methods take the datagram as a range of an array; all but {@link #isWellFormed} expect one that is well-formed.
 */
public final class PunchDatagram {

    /** The kind of a datagram that asks for a reply. */
    public static final int PROBE = 0;

    /** The kind of a datagram that answers a probe. */
    public static final int REPLY = 1;

    /** The length of the MAC, in bytes. */
    public static final int MAC_LENGTH = 16;

    /** Where the MAC begins; what is before it is covered by it. */
    public static final int MAC_OFFSET = 2 + Long.BYTES;

    /** The length of a punch, in bytes. */
    public static final int LENGTH = MAC_OFFSET + MAC_LENGTH;

    private static final int KIND_OFFSET = 1;
    private static final int TAG_OFFSET = 2;
    private static final int NUMBER_OFFSET = TAG_OFFSET + Integer.BYTES;

    private PunchDatagram() {}

    /** Whether the bytes are a punch, judged by type, kind and length. Never throws. */
    public static boolean isWellFormed(byte[] datagram, int offset, int length) {
        return length == LENGTH && datagram[offset] == DatagramType.PUNCH && (datagram[offset + KIND_OFFSET] & ~1) == 0;
    }

    /** Whether it is a reply, and not a probe. */
    public static boolean isReply(byte[] datagram, int offset) {
        return datagram[offset + KIND_OFFSET] == REPLY;
    }

    /** Which attempt it claims to belong to: the same for all punches of both sides. */
    public static int tag(byte[] datagram, int offset) {
        return BigEndian.getInt(datagram, offset + TAG_OFFSET);
    }

    /** Which probe of its sender it is, or which one of its receiver it answers. */
    public static int number(byte[] datagram, int offset) {
        return BigEndian.getInt(datagram, offset + NUMBER_OFFSET);
    }

    /** A punch that is complete but for its MAC, which is zero. */
    public static byte[] of(int kind, int tag, int number) {
        byte[] datagram = new byte[LENGTH];
        datagram[0] = DatagramType.PUNCH;
        datagram[KIND_OFFSET] = (byte) kind;
        BigEndian.INT.set(datagram, TAG_OFFSET, tag);
        BigEndian.INT.set(datagram, NUMBER_OFFSET, number);
        return datagram;
    }
}
