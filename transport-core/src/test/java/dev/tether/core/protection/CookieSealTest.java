package dev.tether.core.protection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.PeerIdentity;
import dev.tether.core.RandomSource;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** The WireGuard paper §5.4.7. */
class CookieSealTest {

    private final RandomSource random = new Random(5)::nextBytes;
    private final PeerIdentity recipient = PeerIdentity.of(randomBytes(32));
    private final byte[] datagram = randomBytes(120);
    private final int mac1Offset = HandshakeMac.mac1Offset(0, datagram.length);
    private final byte[] mac1 = Arrays.copyOfRange(datagram, mac1Offset, mac1Offset + 16);
    private final byte[] cookie = randomBytes(16);
    private final CookieSeal issuing = new CookieSeal(recipient);
    private final CookieSeal receiving = new CookieSeal(recipient);

    @Test
    void theInitiatorOpensTheCookie() {
        assertThat(receiving.open(sealed(), 0, mac1)).isEqualTo(cookie);
    }

    @Test
    void theFormatIsTheNonceThenAes256GcmWithTheMacAsAssociatedData() throws GeneralSecurityException {
        byte[] sealed = sealed();

        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        sha256.update("tether1-cookie".getBytes(StandardCharsets.US_ASCII));
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(
                Cipher.DECRYPT_MODE,
                new SecretKeySpec(sha256.digest(recipient.toBytes()), "AES"),
                new GCMParameterSpec(128, sealed, 0, 12));
        cipher.updateAAD(mac1);
        assertThat(sealed).hasSize(44);
        assertThat(cipher.doFinal(sealed, 12, 32)).isEqualTo(cookie);
    }

    @Test
    void everySealHasAnotherNonce() {
        assertThat(Arrays.copyOf(sealed(), 12)).isNotEqualTo(Arrays.copyOf(sealed(), 12));
    }

    @Test
    void aReplyWithAnyByteChangedIsNotAuthenticAndTheAuthenticOneStillOpens() {
        byte[] sealed = sealed();
        for (int i = 0; i < sealed.length; i++) {
            byte[] forged = sealed.clone();
            forged[i] ^= (byte) (1 << i % 8);

            assertThat(receiving.open(forged, 0, mac1)).as("byte %d", i).isNull();
        }
        assertThat(receiving.open(sealed, 0, mac1)).isEqualTo(cookie);
    }

    @Test
    void aReplyToAnotherDatagramIsNotAuthentic() {
        assertThat(receiving.open(sealed(), 0, randomBytes(16))).isNull();
    }

    @Test
    void aReplyFromAnotherPeerIsNotAuthentic() {
        assertThat(new CookieSeal(PeerIdentity.of(randomBytes(32))).open(sealed(), 0, mac1))
                .isNull();
    }

    @Test
    void aSealedCookieMayStandAnywhereInItsArray() {
        byte[] reply = new byte[60];
        issuing.seal(cookie, datagram, mac1Offset, reply, 9, random);

        assertThat(receiving.open(reply, 9, mac1)).isEqualTo(cookie);
        assertThat(Arrays.copyOf(reply, 9)).containsOnly(0);
        assertThatThrownBy(() -> receiving.open(reply, 17, mac1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    private byte[] sealed() {
        byte[] sealed = new byte[CookieSeal.LENGTH];
        issuing.seal(cookie, datagram, mac1Offset, sealed, 0, random);
        return sealed;
    }

    private byte[] randomBytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
