package dev.tether.core.protection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.PeerIdentity;
import dev.tether.core.frame.PunchNonce;
import dev.tether.core.protection.PunchMac.Role;
import dev.tether.core.wire.PunchDatagram;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** docs/PROTOCOL.md, section 12.2; the vectors are those of the page, and were made with Python's hmac and hashlib. */
class PunchMacTest {

    private static final String REQUESTERS_PROBE = "060081ec51570102030418a999a5a031df15d4496c55ec53773f";
    private static final String TARGETS_REPLY = "060181ec515701020304ed16324a7a9a218ec97b14587bb31a85";
    private static final int NUMBER = 0x01020304;

    private static final PeerIdentity REQUESTER = identity(0x00);
    private static final PeerIdentity TARGET = identity(0x20);
    private static final PunchNonce REQUESTERS = new PunchNonce(0x4041424344454647L, 0x48494a4b4c4d4e4fL);
    private static final PunchNonce TARGETS = new PunchNonce(0x5051525354555657L, 0x58595a5b5c5d5e5fL);

    private final PunchMac mac = new PunchMac(REQUESTER, TARGET, REQUESTERS, TARGETS);

    @Test
    void aPunchIsTheOneOfTheSpecification() {
        assertThat(sealed(PunchDatagram.PROBE, Role.REQUESTER)).isEqualTo(REQUESTERS_PROBE);
        assertThat(sealed(PunchDatagram.REPLY, Role.TARGET)).isEqualTo(TARGETS_REPLY);
    }

    @Test
    void itIsVerifiedAsThatOfItsSender() {
        byte[] probe = HexFormat.of().parseHex("ffff" + REQUESTERS_PROBE);
        assertThat(mac.verify(probe, 2, Role.REQUESTER)).isTrue();
        assertThat(mac.verify(probe, 2, Role.TARGET)).as("reflected").isFalse();
    }

    @Test
    void everyBitCounts() {
        byte[] probe = HexFormat.of().parseHex(REQUESTERS_PROBE);
        for (int bit = 0; bit < probe.length * Byte.SIZE; bit++) {
            byte[] forged = probe.clone();
            forged[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            assertThat(mac.verify(forged, 0, Role.REQUESTER)).as("bit %d", bit).isFalse();
        }
    }

    @Test
    void theKeyDependsOnBothPeersAndBothNonces() {
        byte[] probe = HexFormat.of().parseHex(REQUESTERS_PROBE);
        PunchMac[] others = {
            new PunchMac(TARGET, REQUESTER, REQUESTERS, TARGETS),
            new PunchMac(identity(0x01), TARGET, REQUESTERS, TARGETS),
            new PunchMac(REQUESTER, identity(0x01), REQUESTERS, TARGETS),
            new PunchMac(REQUESTER, TARGET, TARGETS, REQUESTERS),
            new PunchMac(REQUESTER, TARGET, REQUESTERS, PunchNonce.ZERO),
            new PunchMac(REQUESTER, TARGET, PunchNonce.ZERO, TARGETS)
        };
        for (PunchMac other : others) {
            assertThat(other.verify(probe, 0, Role.REQUESTER)).isFalse();
            assertThat(other.tag()).isNotEqualTo(mac.tag());
        }
    }

    private String sealed(int kind, Role sender) {
        byte[] punch = PunchDatagram.of(kind, mac.tag(), NUMBER);
        mac.seal(punch, sender);
        return HexFormat.of().formatHex(punch);
    }

    private static PeerIdentity identity(int first) {
        byte[] key = new byte[PeerIdentity.LENGTH];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) (first + i);
        }
        return PeerIdentity.of(key);
    }
}
