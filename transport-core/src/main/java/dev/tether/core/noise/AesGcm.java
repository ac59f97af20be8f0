package dev.tether.core.noise;

import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.util.Objects;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * AES-256-GCM with one key: the cipher functions {@code AESGCM} of Noise §12.4, and the only place that knows how the
 * JCA spells them. Confined to one thread.
 *
 * <p>Input and output should be different heap arrays: where they are the same one and overlap, the JDK's provider
 * allocates a buffer of the message's size for each call; with direct buffers it is slower still.
 *
 * <p>The JCA's {@link Cipher} is made by the first message and is by far the larger part of this object's memory;
 * {@link #trim()} lets go of it.
 */
public final class AesGcm {

    /** The length of a key, in bytes. */
    public static final int KEY_LENGTH = 32;

    /** The length of a nonce, in bytes. */
    public static final int NONCE_LENGTH = 12;

    /** How many bytes a sealed message is longer than its plaintext. */
    public static final int TAG_LENGTH = 16;

    private static final String TRANSFORMATION = "AES/GCM/NoPadding";

    private final SecretKeySpec key;
    private final byte[] counterNonce = new byte[NONCE_LENGTH];
    private @Nullable Cipher cipher;

    /**
     * A cipher with the given key.
     *
     * @param key 32 bytes, copied
     * @throws IllegalArgumentException if the length is not 32
     */
    public AesGcm(byte[] key) {
        if (key.length != KEY_LENGTH) {
            throw new IllegalArgumentException("a key has " + KEY_LENGTH + " bytes, not " + key.length);
        }
        this.key = new SecretKeySpec(key, "AES");
    }

    /**
     * Seals a message with a counter for a nonce (Noise §12.4: four zero bytes, then the counter in big-endian order).
     * The caller never uses a counter twice.
     *
     * @return the length of what was written to {@code out}: {@code length} + {@value #TAG_LENGTH}
     * @throws IndexOutOfBoundsException if a range does not fit its array
     */
    public int seal(
            long counter,
            byte[] ad,
            int adOffset,
            int adLength,
            byte[] plaintext,
            int offset,
            int length,
            byte[] out,
            int outOffset) {
        return seal(nonce(counter), ad, adOffset, adLength, plaintext, offset, length, out, outOffset);
    }

    /**
     * Seals a message.
     *
     * @param nonce {@value #NONCE_LENGTH} bytes that the caller never uses twice
     * @return the length of what was written to {@code out}: {@code length} + {@value #TAG_LENGTH}
     * @throws IndexOutOfBoundsException if a range does not fit its array
     */
    public int seal(
            byte[] nonce,
            byte[] ad,
            int adOffset,
            int adLength,
            byte[] plaintext,
            int offset,
            int length,
            byte[] out,
            int outOffset) {
        checkRanges(ad, adOffset, adLength, plaintext, offset, length, out, outOffset, length + TAG_LENGTH);
        try {
            Cipher c = cipher(Cipher.ENCRYPT_MODE, nonce);
            c.updateAAD(ad, adOffset, adLength);
            return c.doFinal(plaintext, offset, length, out, outOffset);
        } catch (InvalidAlgorithmParameterException e) {
            throw new IllegalStateException("a nonce was used twice", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK cannot seal with AES-256-GCM", e);
        }
    }

    /**
     * Opens a message that was sealed with a counter.
     *
     * @param length the length of ciphertext and tag
     * @return the length of the plaintext written to {@code out}, or -1 if the message is not authentic, in which case
     *     the contents of that range of {@code out} are unspecified
     * @throws IndexOutOfBoundsException if a range does not fit its array; {@code out} needs room for
     *     {@code length} - {@value #TAG_LENGTH} bytes
     */
    public int open(
            long counter,
            byte[] ad,
            int adOffset,
            int adLength,
            byte[] sealed,
            int offset,
            int length,
            byte[] out,
            int outOffset) {
        return open(nonce(counter), ad, adOffset, adLength, sealed, offset, length, out, outOffset);
    }

    /** Opens a message that was sealed with this nonce, as the other {@code open} does. */
    public int open(
            byte[] nonce,
            byte[] ad,
            int adOffset,
            int adLength,
            byte[] sealed,
            int offset,
            int length,
            byte[] out,
            int outOffset) {
        int plaintextLength = Math.max(0, length - TAG_LENGTH);
        checkRanges(ad, adOffset, adLength, sealed, offset, length, out, outOffset, plaintextLength);
        if (length < TAG_LENGTH) {
            return -1;
        }
        try {
            Cipher c = cipher(Cipher.DECRYPT_MODE, nonce);
            c.updateAAD(ad, adOffset, adLength);
            return c.doFinal(sealed, offset, length, out, outOffset);
        } catch (AEADBadTagException e) {
            return -1;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK cannot open with AES-256-GCM", e);
        }
    }

    /** Frees the memory of the JCA's cipher until the next message. */
    public void trim() {
        cipher = null;
    }

    private Cipher cipher(int mode, byte[] nonce) throws GeneralSecurityException {
        Cipher c = cipher;
        if (c == null) {
            c = Cipher.getInstance(TRANSFORMATION);
            cipher = c;
        }
        c.init(mode, key, new GCMParameterSpec(TAG_LENGTH * Byte.SIZE, nonce));
        return c;
    }

    /** The JCA copies the nonce, so one array serves every message. */
    private byte[] nonce(long counter) {
        for (int i = 0; i < Long.BYTES; i++) {
            counterNonce[NONCE_LENGTH - 1 - i] = (byte) (counter >>> Byte.SIZE * i);
        }
        return counterNonce;
    }

    private static void checkRanges(
            byte[] ad,
            int adOffset,
            int adLength,
            byte[] in,
            int offset,
            int length,
            byte[] out,
            int outOffset,
            int outLength) {
        Objects.checkFromIndexSize(adOffset, adLength, ad.length);
        Objects.checkFromIndexSize(offset, length, in.length);
        Objects.checkFromIndexSize(outOffset, outLength, out.length);
    }
}
