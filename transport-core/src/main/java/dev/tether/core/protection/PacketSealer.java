package dev.tether.core.protection;

import dev.tether.core.noise.AesGcm;
import java.util.Objects;

/**
 * Seals outgoing packets under one key: AES-256-GCM, the packet's number as the nonce and its header as the associated
 * data (RFC 9001 §5.3, with Noise's nonce: four zero bytes, then the number in big-endian order).
 *
 * <p>Confined to one thread. A call allocates nothing but what the JCA allocates for a nonce.
 */
public final class PacketSealer {

    /** How many bytes a sealed packet is longer than its header and plaintext. */
    public static final int OVERHEAD = AesGcm.TAG_LENGTH;

    private final AesGcm cipher;
    private long lastPacketNumber = -1;

    /**
     * A sealer with the given key.
     *
     * @param key 32 bytes, copied; no other sealer, here or at the other peer, may have the same one
     * @throws IllegalArgumentException if the length is not 32
     */
    public PacketSealer(byte[] key) {
        cipher = new AesGcm(key);
    }

    /**
     * Seals a packet.
     *
     * @param plaintext the frames. It should not be the array {@code packet}: where input and output overlap in one
     *     array, the JDK's provider allocates a buffer of the packet's size for each call
     * @param packet holds the header at {@code packetOffset}; ciphertext and tag are written behind it
     * @param packetNumber greater than that of any call before: a nonce used twice would give the key away
     * @return the length of the whole packet: {@code headerLength} + {@code length} + {@value #OVERHEAD}
     * @throws IllegalArgumentException if the packet number is negative or not greater than the last one
     * @throws IndexOutOfBoundsException if a range does not fit its array
     */
    public int seal(
            byte[] plaintext,
            int offset,
            int length,
            byte[] packet,
            int packetOffset,
            int headerLength,
            long packetNumber) {
        if (packetNumber <= lastPacketNumber) {
            throw new IllegalArgumentException("packet " + packetNumber + " after packet " + lastPacketNumber);
        }
        Objects.checkFromIndexSize(packetOffset, headerLength, packet.length);
        lastPacketNumber = packetNumber;
        return headerLength
                + cipher.seal(
                        packetNumber,
                        packet,
                        packetOffset,
                        headerLength,
                        plaintext,
                        offset,
                        length,
                        packet,
                        packetOffset + headerLength);
    }

    /** Frees what an idle connection does not need; the next packet brings it back. */
    public void trim() {
        cipher.trim();
    }
}
