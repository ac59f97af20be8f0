package dev.tether.core.wire;

/**
 * The layout of a response: the answer to an initiation. Source: docs/PROTOCOL.md, "Response".
 *
 * <table>
 *   <caption>Layout</caption>
 *   <tr><th>offset</th><th>bytes</th><th>field</th></tr>
 *   <tr><td>0</td><td>1</td><td>type, {@link DatagramType#RESPONSE}</td></tr>
 *   <tr><td>1</td><td>8</td><td>sender's connection id</td></tr>
 *   <tr><td>9</td><td>8</td><td>receiver's connection id: the one that the initiation brought</td></tr>
 *   <tr><td>17</td><td>32</td><td>Noise message 2: ephemeral public key</td></tr>
 *   <tr><td>49</td><td>length - 81</td><td>Noise message 2: encrypted {@link HandshakePayload}</td></tr>
 *   <tr><td>length - 32</td><td>16</td><td>mac1</td></tr>
 *   <tr><td>length - 16</td><td>16</td><td>mac2, zeros without a cookie</td></tr>
 * </table>
 *
 * <p>All methods take the datagram as a range of an array; all but {@link #isWellFormed} expect one that is well-formed.
 */
public final class ResponseDatagram {

    /** Where the Noise message starts. */
    public static final int NOISE_OFFSET = 1 + 2 * Long.BYTES;

    /** The length of a mac, in bytes. */
    public static final int MAC_LENGTH = 16;

    /** The length of the Noise message without the payload that it carries: a key and a tag. */
    public static final int NOISE_OVERHEAD = 32 + 16;

    /** The least length of a response, in bytes: one with an empty payload. */
    public static final int MIN_LENGTH = NOISE_OFFSET + NOISE_OVERHEAD + 2 * MAC_LENGTH;

    private static final int SENDER_OFFSET = 1;
    private static final int RECEIVER_OFFSET = SENDER_OFFSET + Long.BYTES;

    private ResponseDatagram() {}

    /** Whether the bytes are a response, judged by type and length. Never throws. */
    public static boolean isWellFormed(byte[] datagram, int offset, int length) {
        return length >= MIN_LENGTH && datagram[offset] == DatagramType.RESPONSE;
    }

    /** The connection id under which the responder receives. */
    public static long senderConnectionId(byte[] datagram, int offset) {
        return BigEndian.getLong(datagram, offset + SENDER_OFFSET);
    }

    /** The connection id that the dialing side chose. */
    public static long receiverConnectionId(byte[] datagram, int offset) {
        return BigEndian.getLong(datagram, offset + RECEIVER_OFFSET);
    }

    /** The index in the array of the Noise message. */
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

    /** The length of a response whose payload has {@code payloadLength} bytes before its encryption. */
    public static int length(int payloadLength) {
        return MIN_LENGTH + payloadLength;
    }

    /** Writes what stands before the Noise message: type and connection ids, {@link #NOISE_OFFSET} bytes. */
    public static void writeHeader(WireWriter out, long senderConnectionId, long receiverConnectionId) {
        out.writeByte(DatagramType.RESPONSE).writeLong(senderConnectionId).writeLong(receiverConnectionId);
    }
}
