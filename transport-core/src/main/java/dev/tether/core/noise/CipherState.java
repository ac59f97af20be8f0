package dev.tether.core.noise;

import dev.tether.core.noise.HandshakeFailedException.Reason;
import org.jspecify.annotations.Nullable;

/** A key, once there is one, and the counter of messages under it (Noise §5.1). */
final class CipherState {

    private @Nullable AesGcm k;
    private long n;

    CipherState() {}

    /** A copy that goes on from here on its own. */
    CipherState(CipherState other) {
        k = other.k;
        n = other.n;
    }

    /** {@code InitializeKey(key)}. */
    void initializeKey(byte[] key) {
        k = new AesGcm(key);
        n = 0;
    }

    /** How many bytes {@link #encryptWithAd} adds. */
    int overhead() {
        return k == null ? 0 : AesGcm.TAG_LENGTH;
    }

    /** {@code EncryptWithAd(ad, plaintext)}: without a key, a plain copy. Returns the length written. */
    int encryptWithAd(byte[] ad, byte[] plaintext, int offset, int length, byte[] out, int outOffset) {
        if (k == null) {
            System.arraycopy(plaintext, offset, out, outOffset, length);
            return length;
        }
        return k.seal(n++, ad, 0, ad.length, plaintext, offset, length, out, outOffset);
    }

    /** {@code DecryptWithAd(ad, ciphertext)}: without a key, a plain copy. Returns the length written. */
    int decryptWithAd(byte[] ad, byte[] ciphertext, int offset, int length, byte[] out, int outOffset)
            throws HandshakeFailedException {
        if (k == null) {
            System.arraycopy(ciphertext, offset, out, outOffset, length);
            return length;
        }
        int opened = k.open(n, ad, 0, ad.length, ciphertext, offset, length, out, outOffset);
        if (opened < 0) {
            throw new HandshakeFailedException(Reason.NOT_AUTHENTIC);
        }
        n++;
        return opened;
    }
}
