package dev.tether.core.protection;

import dev.tether.core.PeerIdentity;
import dev.tether.core.noise.KeyPair;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Keys for one use each, which a label names: those that anybody can make who knows a peer's public key, SHA-256(label ‖
 * public key), and those that only the peer itself can make, HMAC-SHA256(private key, label).
 */
final class LabelledKey {

    private LabelledKey() {}

    static byte[] of(String label, PeerIdentity identity) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(label.getBytes(StandardCharsets.US_ASCII));
            return digest.digest(identity.toBytes());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has no SHA-256", e);
        }
    }

    static byte[] of(String label, KeyPair keyPair) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(keyPair.privateKey(), "HmacSHA256"));
            return mac.doFinal(label.getBytes(StandardCharsets.US_ASCII));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has no HMAC-SHA256", e);
        }
    }
}
