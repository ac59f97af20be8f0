package dev.tether.core.wire;

/**
 * The layout of an initiation: the first datagram of a handshake, from the dialing side. Source: docs/PROTOCOL.md,
 * "Initiation".
 *
 * <table>
 *   <caption>Layout</caption>
 *   <tr><th>offset</th><th>bytes</th><th>field</th></tr>
 *   <tr><td>0</td><td>1</td><td>type, {@link DatagramType#INITIATION}</td></tr>
 *   <tr><td>1</td><td>4</td><td>version of this layout and handshake, {@link #VERSION}</td></tr>
 *   <tr><td>5</td><td>8</td><td>sender's connection id</td></tr>
 *   <tr><td>13</td><td>32</td><td>Noise message 1: ephemeral public key</td></tr>
 *   <tr><td>45</td><td>48</td><td>Noise message 1: encrypted static public key</td></tr>
 *   <tr><td>93</td><td>length - 125</td><td>Noise message 1: encrypted {@link HandshakePayload}</td></tr>
 *   <tr><td>length - 32</td><td>16</td><td>mac1</td></tr>
 *   <tr><td>length - 16</td><td>16</td><td>mac2, zeros without a cookie</td></tr>
 * </table>
 *
 * <p>All methods take the datagram as a range of an array; all but {@link #isWellFormed} expect one that is well-formed.
 */
public final class InitiationDatagram {

    /** The version of the handshake that this class describes. */
    public static final long VERSION = 1;

    /**
     * The least length of an initiation, in bytes: its answer is allowed to be as long, and a path that does not carry
     * this length is found out at once. Source: RFC 9000 §14.1.
     */
    public static final int MIN_LENGTH = 1200;

    /** Where the Noise message starts. */
    public static final int NOISE_OFFSET = 1 + Integer.BYTES + Long.BYTES;

    /** The length of the ephemeral public key, with which the Noise message starts, in bytes. */
    public static final int EPHEMERAL_LENGTH = 32;

    /** The length of a mac, in bytes. */
    public static final int MAC_LENGTH = 16;

    /** The length of the Noise message without the payload that it carries: two keys and two tags. */
    public static final int NOISE_OVERHEAD = 32 + 32 + 16 + 16;

    private static final int VERSION_OFFSET = 1;
    private static final int SENDER_OFFSET = VERSION_OFFSET + Integer.BYTES;

    private InitiationDatagram() {}

    /** Whether the bytes are an initiation of {@link #VERSION}, judged by type, version and length. Never throws. */
    public static boolean isWellFormed(byte[] datagram, int offset, int length) {
        return length >= MIN_LENGTH
                && datagram[offset] == DatagramType.INITIATION
                && version(datagram, offset) == VERSION;
    }

    /** The version of the layout, 0 to 2^32 - 1. */
    public static long version(byte[] datagram, int offset) {
        return Integer.toUnsignedLong(BigEndian.getInt(datagram, offset + VERSION_OFFSET));
    }

    /** The connection id under which the dialing side receives. */
    public static long senderConnectionId(byte[] datagram, int offset) {
        return BigEndian.getLong(datagram, offset + SENDER_OFFSET);
    }

    /** The index in the array of the Noise message, which begins with the ephemeral public key. */
    public static int noiseOffset(int offset) {
        return offset + NOISE_OFFSET;
    }

    /** The length of the Noise message in a datagram of {@code length} bytes. */
    public static int noiseLength(int length) {
        return length - NOISE_OFFSET - 2 * MAC_LENGTH;
    }

    /** The index in the array of mac1, which covers all bytes before it. */
    public static int mac1Offset(int offset, int length) {
        return offset + length - 2 * MAC_LENGTH;
    }

    /** The index in the array of mac2, which covers all bytes before it, mac1 included. */
    public static int mac2Offset(int offset, int length) {
        return offset + length - MAC_LENGTH;
    }

    /** The length that {@link HandshakePayload#encode} has to pad to for a datagram of {@code length} bytes. */
    public static int payloadLength(int length) {
        return noiseLength(length) - NOISE_OVERHEAD;
    }

    /** Writes what stands before the Noise message: type, version and connection id, {@link #NOISE_OFFSET} bytes. */
    public static void writeHeader(WireWriter out, long senderConnectionId) {
        out.writeByte(DatagramType.INITIATION).writeInt((int) VERSION).writeLong(senderConnectionId);
    }
}
