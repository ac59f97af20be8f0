package dev.tether.core.noise;

import dev.tether.core.noise.HandshakeFailedException.Reason;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.KeyAgreement;
import org.jspecify.annotations.Nullable;

/**
 * The X25519 function of RFC 7748 §5 through the JCA: Noise's {@code DH()}. Clamping of the scalar and masking of the
 * coordinate's top bit happen in the provider.
 *
 * <p>Conscrypt (2.6 or newer) takes a fraction of the JDK's time for an agreement, so it is used when it is on the
 * class path. Keys go in through their RFC 8410 encodings, which every provider reads: a constant prefix before the 32
 * raw bytes.
 */
final class X25519 {

    static final int KEY_LENGTH = 32;

    private static final String ALGORITHM = "X25519";
    private static final byte[] PKCS8_PREFIX = HexFormat.of().parseHex("302e020100300506032b656e04220420");
    private static final byte[] X509_PREFIX = HexFormat.of().parseHex("302a300506032b656e032100");
    private static final @Nullable Provider CONSCRYPT = conscrypt();

    private X25519() {}

    /** The JCA form of a raw private key. */
    static PrivateKey privateKey(byte[] rawKey) {
        try {
            return keyFactory().generatePrivate(new PKCS8EncodedKeySpec(encode(PKCS8_PREFIX, rawKey)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK cannot make an X25519 key", e);
        }
    }

    /** The public key of a private one: X25519(key, 9), RFC 7748 §6.1. */
    static byte[] publicKey(PrivateKey privateKey) {
        byte[] basePoint = new byte[KEY_LENGTH];
        basePoint[0] = 9;
        try {
            return agree(privateKey, basePoint);
        } catch (HandshakeFailedException e) {
            throw new IllegalStateException("a clamped scalar never takes the base point to zero", e);
        }
    }

    /**
     * The shared secret of two keys, 32 bytes.
     *
     * @param rawPublicKey any 32 bytes
     * @throws HandshakeFailedException if the public key is of low order (RFC 7748 §6.1: the all-zero check)
     */
    static byte[] agree(PrivateKey privateKey, byte[] rawPublicKey) throws HandshakeFailedException {
        byte[] secret;
        try {
            PublicKey publicKey =
                    keyFactory().generatePublic(new X509EncodedKeySpec(encode(X509_PREFIX, rawPublicKey)));
            KeyAgreement agreement = keyAgreement();
            agreement.init(privateKey);
            agreement.doPhase(publicKey, true);
            secret = agreement.generateSecret();
        } catch (InvalidKeyException e) {
            // Both providers look for the all-zero secret themselves; any 32 bytes are a valid key otherwise.
            throw new HandshakeFailedException(Reason.LOW_ORDER_KEY);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK cannot agree on an X25519 secret", e);
        }
        if (isZero(secret)) {
            throw new HandshakeFailedException(Reason.LOW_ORDER_KEY);
        }
        return secret;
    }

    private static byte[] encode(byte[] prefix, byte[] rawKey) {
        byte[] encoded = Arrays.copyOf(prefix, prefix.length + KEY_LENGTH);
        System.arraycopy(rawKey, 0, encoded, prefix.length, KEY_LENGTH);
        return encoded;
    }

    /** Looks at every byte, so that the time taken tells nothing about a secret. */
    private static boolean isZero(byte[] secret) {
        int bits = 0;
        for (byte b : secret) {
            bits |= b;
        }
        return bits == 0;
    }

    private static KeyFactory keyFactory() throws GeneralSecurityException {
        return CONSCRYPT == null ? KeyFactory.getInstance(ALGORITHM) : KeyFactory.getInstance(ALGORITHM, CONSCRYPT);
    }

    private static KeyAgreement keyAgreement() throws GeneralSecurityException {
        return CONSCRYPT == null ? KeyAgreement.getInstance(ALGORITHM) : KeyAgreement.getInstance(ALGORITHM, CONSCRYPT);
    }

    private static @Nullable Provider conscrypt() {
        try {
            Provider provider = Security.getProvider("Conscrypt");
            if (provider == null) {
                provider = (Provider) Class.forName("org.conscrypt.Conscrypt")
                        .getMethod("newProvider")
                        .invoke(null);
            }
            KeyFactory.getInstance(ALGORITHM, provider);
            KeyAgreement.getInstance(ALGORITHM, provider);
            return provider;
        } catch (GeneralSecurityException | ReflectiveOperationException | LinkageError e) {
            // Not there, without a library for this platform, or too old for X25519.
            return null;
        }
    }
}
