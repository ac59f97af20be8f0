package dev.tether.core.protection;

import dev.tether.core.PeerIdentity;
import dev.tether.core.frame.PunchNonce;
import dev.tether.core.wire.PunchDatagram;
import dev.tether.core.wire.WireWriter;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;

/**
 * Authenticates the punches between two peers. The key is SHA-256("tether1-punch" ‖ requester's public key ‖ target's public key
 * ‖ requester's nonce ‖ target's nonce); the gateway that has introduced them knows it, too. The MAC is HMAC-SHA256 of a byte that
 * says who sends (0 the requester, 1 the target) and all bytes before the MAC, first 16 bytes: so a punch that is sent back to
 * where it came from is not authentic there. docs/PROTOCOL.md, section 12.2. Not thread-safe.
 */
public final class PunchMac {

    /** The sides of an introduction. */
    public enum Role {

        /** The one that has asked to be introduced. */
        REQUESTER,

        /** The one that it was introduced to. */
        TARGET;

        /** The other side. */
        public Role other() {
            return this == REQUESTER ? TARGET : REQUESTER;
        }
    }

    private static final String KEY_LABEL = "tether1-punch";
    private static final byte[] TAG_LABEL = "tether1-punch-tag".getBytes(StandardCharsets.US_ASCII);

    private final HmacSha256 mac = new HmacSha256();
    private final byte[] covered = new byte[1 + PunchDatagram.MAC_OFFSET];
    private final int tag;

    /** The MACs of one introduction. */
    public PunchMac(PeerIdentity requester, PeerIdentity target, PunchNonce requesterNonce, PunchNonce targetNonce) {
        mac.setKey(key(requester, target, requesterNonce, targetNonce));
        byte[] tagBytes = new byte[HmacSha256.LENGTH];
        mac.write(TAG_LABEL, 0, TAG_LABEL.length, tagBytes, 0);
        tag = (tagBytes[0] & 0xff) << 24 | (tagBytes[1] & 0xff) << 16 | (tagBytes[2] & 0xff) << 8 | tagBytes[3] & 0xff;
    }

    /** The tag in all punches of this introduction. It tells them from those of others, and proves nothing. */
    public int tag() {
        return tag;
    }

    /** Writes the MAC into a punch that begins at index 0. */
    public void seal(byte[] punch, Role sender) {
        cover(punch, 0, sender);
        mac.write(covered, 0, covered.length, punch, PunchDatagram.MAC_OFFSET);
    }

    /** Whether the MAC of an untrusted, well-formed punch is that of this sender. */
    public boolean verify(byte[] punch, int offset, Role sender) {
        cover(punch, offset, sender);
        return mac.matches(covered, 0, covered.length, punch, offset + PunchDatagram.MAC_OFFSET);
    }

    private void cover(byte[] punch, int offset, Role sender) {
        covered[0] = (byte) (sender == Role.REQUESTER ? 0 : 1);
        System.arraycopy(punch, offset, covered, 1, PunchDatagram.MAC_OFFSET);
    }

    private static byte[] key(PeerIdentity requester, PeerIdentity target, PunchNonce first, PunchNonce second) {
        byte[] nonces = new byte[2 * PunchNonce.LENGTH];
        WireWriter out = new WireWriter().wrap(nonces, 0, nonces.length);
        out.writeLong(first.high()).writeLong(first.low());
        out.writeLong(second.high()).writeLong(second.low());
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(KEY_LABEL.getBytes(StandardCharsets.US_ASCII));
            digest.update(requester.toBytes());
            digest.update(target.toBytes());
            return digest.digest(nonces);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has no SHA-256", e);
        }
    }
}
