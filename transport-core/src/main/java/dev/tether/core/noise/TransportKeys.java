package dev.tether.core.noise;

/**
 * The two keys that a finished handshake leaves for the packets after it (Noise §5.2, {@code Split()}): one peer's send
 * key is the other's receive key.
 *
 * <p>The arrays belong to whoever called {@link HandshakeState#split()}; the handshake keeps no reference to them.
 */
@SuppressWarnings("ArrayRecordComponent") // two secrets to hand on once, never compared
public record TransportKeys(byte[] sendKey, byte[] receiveKey) {

    /** The length of each key, in bytes. */
    public static final int KEY_LENGTH = AesGcm.KEY_LENGTH;

    /** Never shows the keys. */
    @Override
    public String toString() {
        return "TransportKeys[secret]";
    }
}
