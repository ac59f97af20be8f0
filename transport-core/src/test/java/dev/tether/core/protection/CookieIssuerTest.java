package dev.tether.core.protection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.PeerIdentity;
import dev.tether.core.RandomSource;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Random;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** The WireGuard paper §5.4.7. */
class CookieIssuerTest {

    private static final byte[] IP = {10, 0, 0, 1};
    private static final int PORT = 0xabcd;
    private static final long START_NS = -5_000_000_000L;
    private static final long PERIOD_NS = CookieIssuer.ROTATION_NS;

    private final RandomSource random = new Random(3)::nextBytes;
    private final CookieIssuer issuer = new CookieIssuer(random, START_NS);
    private final HandshakeMac mac = new HandshakeMac(PeerIdentity.of(new byte[32]));

    @Test
    void aCookieIsTheMacOfAddressAndPortUnderTheSecret() throws GeneralSecurityException {
        byte[] secret = new byte[32];
        new Random(3).nextBytes(secret);
        Mac hmac = Mac.getInstance("HmacSHA256");
        hmac.init(new SecretKeySpec(secret, "HmacSHA256"));
        byte[] expected = hmac.doFinal(new byte[] {10, 0, 0, 1, (byte) 0xab, (byte) 0xcd});

        assertThat(issuer.cookieFor(IP, PORT, START_NS)).isEqualTo(Arrays.copyOf(expected, 16));
    }

    @Test
    void aDatagramWithItsCookieIsVerified() {
        byte[] datagram = datagramWith(issuer.cookieFor(IP, PORT, START_NS));

        assertThat(verify(datagram, IP, PORT, START_NS)).isTrue();
    }

    @Test
    void aCookieIsGoodForOneAddressAndPortOnly() {
        byte[] datagram = datagramWith(issuer.cookieFor(IP, PORT, START_NS));

        assertThat(verify(datagram, new byte[] {10, 0, 0, 2}, PORT, START_NS)).isFalse();
        assertThat(verify(datagram, IP, PORT + 1, START_NS)).isFalse();
        assertThat(verify(datagram, new byte[16], PORT, START_NS)).isFalse();
    }

    @Test
    void aDatagramWithoutACookieIsRefused() {
        byte[] datagram = new byte[100];
        mac.write(datagram, 0, datagram.length, null);

        assertThat(verify(datagram, IP, PORT, START_NS)).isFalse();
    }

    @Test
    void theSecretChangesEveryTwoMinutes() {
        byte[] first = issuer.cookieFor(IP, PORT, START_NS);

        assertThat(issuer.cookieFor(IP, PORT, START_NS + PERIOD_NS - 1)).isEqualTo(first);
        assertThat(issuer.cookieFor(IP, PORT, START_NS + PERIOD_NS)).isNotEqualTo(first);
    }

    @Test
    void aCookieOfThePreviousSecretIsStillAccepted() {
        byte[] datagram = datagramWith(issuer.cookieFor(IP, PORT, START_NS + PERIOD_NS - 1));

        assertThat(verify(datagram, IP, PORT, START_NS + PERIOD_NS)).isTrue();
        assertThat(verify(datagram, IP, PORT, START_NS + 2 * PERIOD_NS - 1)).isTrue();
    }

    @Test
    void aCookieOfTheSecretBeforeThatIsRefused() {
        byte[] datagram = datagramWith(issuer.cookieFor(IP, PORT, START_NS));
        issuer.cookieFor(IP, PORT, START_NS + PERIOD_NS);

        assertThat(verify(datagram, IP, PORT, START_NS + 2 * PERIOD_NS)).isFalse();
    }

    @Test
    void aCookieFromBeforeALongSilenceIsRefused() {
        byte[] datagram = datagramWith(issuer.cookieFor(IP, PORT, START_NS));

        assertThat(verify(datagram, IP, PORT, START_NS + 2 * PERIOD_NS)).isFalse();
    }

    @Test
    void aLateRotationDoesNotLengthenThePeriod() {
        byte[] datagram = datagramWith(issuer.cookieFor(IP, PORT, START_NS));
        issuer.cookieFor(IP, PORT, START_NS + 2 * PERIOD_NS - 1);

        assertThat(verify(datagram, IP, PORT, START_NS + 2 * PERIOD_NS)).isFalse();
    }

    private byte[] datagramWith(byte[] cookie) {
        byte[] datagram = new byte[100];
        mac.write(datagram, 0, datagram.length, cookie);
        return datagram;
    }

    private boolean verify(byte[] datagram, byte[] ip, int port, long nowNs) {
        return issuer.verifyMac2(mac, datagram, 0, datagram.length, ip, port, nowNs);
    }
}
