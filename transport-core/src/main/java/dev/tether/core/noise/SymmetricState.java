package dev.tether.core.noise;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The chaining key, the handshake hash and the cipher that follows from them (Noise §5.2), with SHA-256. The arrays are
 * replaced, never changed, so a copy may share them.
 */
final class SymmetricState {

    static final int HASH_LENGTH = 32;

    private final CipherState cipherState;
    private byte[] ck;
    private byte[] h;

    /** {@code InitializeSymmetric(protocol_name)}. */
    SymmetricState(String protocolName) {
        byte[] name = protocolName.getBytes(StandardCharsets.US_ASCII);
        cipherState = new CipherState();
        h = name.length <= HASH_LENGTH ? Arrays.copyOf(name, HASH_LENGTH) : sha256(new byte[0], name, 0, name.length);
        ck = h;
    }

    /** A copy that goes on from here on its own. */
    SymmetricState(SymmetricState other) {
        cipherState = new CipherState(other.cipherState);
        ck = other.ck;
        h = other.h;
    }

    /** {@code MixKey(input_key_material)}. */
    void mixKey(byte[] inputKeyMaterial) {
        byte[][] outputs = hkdf(ck, inputKeyMaterial);
        ck = outputs[0];
        cipherState.initializeKey(outputs[1]);
    }

    /** {@code MixHash(data)}. */
    void mixHash(byte[] data) {
        mixHash(data, 0, data.length);
    }

    private void mixHash(byte[] data, int offset, int length) {
        h = sha256(h, data, offset, length);
    }

    /** How many bytes {@link #encryptAndHash} adds. */
    int overhead() {
        return cipherState.overhead();
    }

    /** {@code EncryptAndHash(plaintext)}. Returns the length written to {@code out}. */
    int encryptAndHash(byte[] plaintext, int offset, int length, byte[] out, int outOffset) {
        int written = cipherState.encryptWithAd(h, plaintext, offset, length, out, outOffset);
        mixHash(out, outOffset, written);
        return written;
    }

    /** {@code DecryptAndHash(ciphertext)}. Returns the length written to {@code out}. */
    int decryptAndHash(byte[] ciphertext, int offset, int length, byte[] out, int outOffset)
            throws HandshakeFailedException {
        byte[] mixed = sha256(h, ciphertext, offset, length);
        int written = cipherState.decryptWithAd(h, ciphertext, offset, length, out, outOffset);
        h = mixed;
        return written;
    }

    /** {@code GetHandshakeHash()}. */
    byte[] handshakeHash() {
        return h.clone();
    }

    /** {@code Split()}: the initiator's sending key, then the responder's. */
    byte[][] split() {
        return hkdf(ck, new byte[0]);
    }

    /** {@code HKDF(chaining_key, input_key_material, 2)}, Noise §4.3. */
    private static byte[][] hkdf(byte[] chainingKey, byte[] inputKeyMaterial) {
        byte[] tempKey = hmac(chainingKey, inputKeyMaterial);
        byte[] first = hmac(tempKey, new byte[] {1});
        byte[] second = Arrays.copyOf(first, HASH_LENGTH + 1);
        second[HASH_LENGTH] = 2;
        return new byte[][] {first, hmac(tempKey, second)};
    }

    private static byte[] hmac(byte[] key, byte[] data) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(data);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has no HMAC-SHA256", e);
        }
    }

    private static byte[] sha256(byte[] prefix, byte[] data, int offset, int length) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(prefix);
            digest.update(data, offset, length);
            return digest.digest();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has no SHA-256", e);
        }
    }
}
