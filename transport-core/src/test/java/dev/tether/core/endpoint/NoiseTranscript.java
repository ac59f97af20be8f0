package dev.tether.core.endpoint;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The hashes and chaining keys of a handshake, computed as docs/PROTOCOL.md, "The Noise computation" tells it and with
 * nothing but the JDK: a second opinion on the engine.
 */
final class NoiseTranscript {

    private static final byte[] PRIVATE_KEY_PREFIX = HexFormat.of().parseHex("302e020100300506032b656e04220420");
    private static final byte[] PUBLIC_KEY_PREFIX = HexFormat.of().parseHex("302a300506032b656e032100");

    private byte[] hash;
    private byte[] chainingKey;
    private byte[] key = new byte[0];

    NoiseTranscript(byte[] protocolName) {
        hash = Arrays.copyOf(protocolName, 32);
        chainingKey = hash;
    }

    byte[] hash() {
        return hash;
    }

    byte[] chainingKey() {
        return chainingKey;
    }

    /** The key of the encryptions that follow; after {@code mixKey} of nothing, that of the accepting side's packets. */
    byte[] key() {
        return key;
    }

    void mixHash(byte[] data) throws GeneralSecurityException {
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        sha256.update(hash);
        hash = sha256.digest(data);
    }

    void mixKey(byte[] input) throws GeneralSecurityException {
        byte[] secret = hmac(chainingKey, input);
        chainingKey = hmac(secret, new byte[] {1});
        key = hmac(secret, concat(chainingKey, new byte[] {2}));
    }

    static byte[] agree(byte[] privateKey, byte[] publicKey) throws GeneralSecurityException {
        KeyFactory factory = KeyFactory.getInstance("X25519");
        KeyAgreement agreement = KeyAgreement.getInstance("X25519");
        agreement.init(factory.generatePrivate(new PKCS8EncodedKeySpec(concat(PRIVATE_KEY_PREFIX, privateKey))));
        agreement.doPhase(factory.generatePublic(new X509EncodedKeySpec(concat(PUBLIC_KEY_PREFIX, publicKey))), true);
        return agreement.generateSecret();
    }

    static byte[] hmac(byte[] key, byte[] data) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(data);
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }
}
