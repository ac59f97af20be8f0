package dev.tether.core.protection;

import dev.tether.core.PeerIdentity;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;

/** Keys that anybody can make who knows a peer's public key, one for each use: SHA-256(label ‖ public key). */
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
}
