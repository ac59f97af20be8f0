package dev.tether.core.protection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.PeerIdentity;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Random;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** The WireGuard paper §5.4.4. */
class HandshakeMacTest {

    private static final int LENGTH = 150;

    private final Random random = new Random(11);
    private final PeerIdentity recipient = PeerIdentity.of(randomBytes(32));
    private final HandshakeMac mac = new HandshakeMac(recipient);
    private final byte[] cookie = randomBytes(16);
    private final byte[] datagram = randomBytes(LENGTH);

    @Test
    void bothMacsAreAsSpecified() throws GeneralSecurityException {
        mac.write(datagram, 0, LENGTH, cookie);

        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        sha256.update("tether1-mac1".getBytes(StandardCharsets.US_ASCII));
        byte[] key = sha256.digest(recipient.toBytes());
        assertThat(Arrays.copyOfRange(datagram, LENGTH - 32, LENGTH - 16))
                .isEqualTo(hmac(key, Arrays.copyOf(datagram, LENGTH - 32)));
        assertThat(Arrays.copyOfRange(datagram, LENGTH - 16, LENGTH))
                .isEqualTo(hmac(cookie, Arrays.copyOf(datagram, LENGTH - 16)));
    }

    @Test
    void whatIsWrittenIsVerified() {
        mac.write(datagram, 0, LENGTH, cookie);

        assertThat(mac.verifyMac1(datagram, 0, LENGTH)).isTrue();
        assertThat(mac.verifyMac2(datagram, 0, LENGTH, cookie)).isTrue();
    }

    @Test
    void withoutACookieTheSecondMacIsZero() {
        mac.write(datagram, 0, LENGTH, null);

        assertThat(Arrays.copyOfRange(datagram, LENGTH - 16, LENGTH)).containsOnly(0);
        assertThat(mac.verifyMac1(datagram, 0, LENGTH)).isTrue();
        assertThat(mac.verifyMac2(datagram, 0, LENGTH, cookie)).isFalse();
    }

    @Test
    void theFirstMacDoesNotDependOnTheCookie() {
        byte[] other = datagram.clone();

        mac.write(datagram, 0, LENGTH, cookie);
        mac.write(other, 0, LENGTH, null);

        assertThat(Arrays.copyOf(other, LENGTH - 16)).isEqualTo(Arrays.copyOf(datagram, LENGTH - 16));
    }

    @Test
    void aChangedByteBreaksEveryMacThatCoversIt() {
        mac.write(datagram, 0, LENGTH, cookie);
        for (int i = 0; i < LENGTH; i++) {
            byte[] forged = datagram.clone();
            forged[i] ^= (byte) (1 << i % 8);

            assertThat(mac.verifyMac1(forged, 0, LENGTH)).as("mac1, byte %d", i).isEqualTo(i >= LENGTH - 16);
            assertThat(mac.verifyMac2(forged, 0, LENGTH, cookie))
                    .as("mac2, byte %d", i)
                    .isFalse();
        }
    }

    @Test
    void aMacForAnotherRecipientIsRefused() {
        mac.write(datagram, 0, LENGTH, cookie);

        assertThat(new HandshakeMac(PeerIdentity.of(randomBytes(32))).verifyMac1(datagram, 0, LENGTH))
                .isFalse();
    }

    @Test
    void aMacWithAnotherCookieIsRefusedAndTheRightOneStillAccepted() {
        mac.write(datagram, 0, LENGTH, cookie);

        assertThat(mac.verifyMac2(datagram, 0, LENGTH, randomBytes(16))).isFalse();
        assertThat(mac.verifyMac2(datagram, 0, LENGTH, cookie)).isTrue();
    }

    @Test
    void aDatagramTooShortForTheMacsIsRefused() {
        for (int length = 0; length < HandshakeMac.TRAILER_LENGTH; length++) {
            assertThat(mac.verifyMac1(datagram, 0, length)).isFalse();
            assertThat(mac.verifyMac2(datagram, 0, length, cookie)).isFalse();
        }
        assertThatThrownBy(() -> mac.write(datagram, 0, 31, cookie)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void aDatagramOfNothingButMacsIsVerified() {
        mac.write(datagram, 0, HandshakeMac.TRAILER_LENGTH, cookie);

        assertThat(mac.verifyMac1(datagram, 0, HandshakeMac.TRAILER_LENGTH)).isTrue();
        assertThat(mac.verifyMac2(datagram, 0, HandshakeMac.TRAILER_LENGTH, cookie))
                .isTrue();
    }

    @Test
    void theDatagramMayStandAnywhereInItsArray() {
        byte[] before = datagram.clone();
        mac.write(datagram, 20, 100, cookie);

        assertThat(mac.verifyMac1(datagram, 20, 100)).isTrue();
        assertThat(mac.verifyMac2(datagram, 20, 100, cookie)).isTrue();
        byte[] alone = Arrays.copyOfRange(datagram, 20, 120);
        assertThat(mac.verifyMac1(alone, 0, 100)).isTrue();
        assertThat(Arrays.copyOf(datagram, 88)).isEqualTo(Arrays.copyOf(before, 88));
        assertThat(Arrays.copyOfRange(datagram, 120, LENGTH)).isEqualTo(Arrays.copyOfRange(before, 120, LENGTH));
        assertThat(HandshakeMac.mac1Offset(20, 100)).isEqualTo(88);
    }

    private static byte[] hmac(byte[] key, byte[] data) throws GeneralSecurityException {
        Mac hmac = Mac.getInstance("HmacSHA256");
        hmac.init(new SecretKeySpec(key, "HmacSHA256"));
        return Arrays.copyOf(hmac.doFinal(data), 16);
    }

    private byte[] randomBytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
