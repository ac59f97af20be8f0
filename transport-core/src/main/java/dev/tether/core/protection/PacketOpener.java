package dev.tether.core.protection;

import dev.tether.core.noise.AesGcm;
import java.util.Objects;

/**
 * Opens incoming packets under one key: the counterpart of {@link PacketSealer}. Whether a packet is new is the
 * {@link ReplayWindow}'s to say, before and after.
 *
 * <p>Confined to one thread. A call allocates nothing but what the JCA allocates for a nonce, and, for a forged packet,
 * an exception inside the JCA. A forged packet leaves no trace.
 */
public final class PacketOpener {

    private final AesGcm cipher;

    /**
     * An opener with the given key.
     *
     * @param key 32 bytes, copied
     * @throws IllegalArgumentException if the length is not 32
     */
    public PacketOpener(byte[] key) {
        cipher = new AesGcm(key);
    }

    /**
     * Opens a packet.
     *
     * @param packet untrusted bytes: header, ciphertext, tag
     * @param packetLength the length of all three
     * @param packetNumber as the header says
     * @param out where the plaintext goes, with room for {@code packetLength} - {@code headerLength} -
     *     {@value PacketSealer#OVERHEAD} bytes. It should not be the array {@code packet}: where input and output
     *     overlap in one array, the JDK's provider allocates a buffer of the packet's size for each call
     * @return the length of the plaintext; -1 if the packet is too short or not authentic, in which case the contents
     *     of that range of {@code out} are unspecified
     * @throws IndexOutOfBoundsException if a range does not fit its array
     */
    public int open(
            byte[] packet,
            int packetOffset,
            int packetLength,
            int headerLength,
            long packetNumber,
            byte[] out,
            int outOffset) {
        Objects.checkFromIndexSize(packetOffset, packetLength, packet.length);
        if (packetLength < headerLength + PacketSealer.OVERHEAD) {
            return -1;
        }
        return cipher.open(
                packetNumber,
                packet,
                packetOffset,
                headerLength,
                packet,
                packetOffset + headerLength,
                packetLength - headerLength,
                out,
                outOffset);
    }

    /** Frees what an idle connection does not need; the next packet brings it back. */
    public void trim() {
        cipher.trim();
    }
}
