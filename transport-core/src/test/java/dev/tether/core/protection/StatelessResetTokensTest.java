package dev.tether.core.protection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.noise.KeyPair;
import dev.tether.core.simulation.SeededRandom;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** RFC 9000 §10.3.2. */
class StatelessResetTokensTest {

    private static final long ID = 0xf1f2f3f4f5f6f7f8L;

    private final KeyPair keyPair = KeyPair.generate(new SeededRandom(3));
    private final StatelessResetTokens tokens = new StatelessResetTokens(keyPair);

    @Test
    void aTokenIsAsSpecified() throws GeneralSecurityException {
        byte[] key = hmac(keyPair.privateKey(), "tether1-stateless-reset".getBytes(StandardCharsets.US_ASCII));
        byte[] id = ByteBuffer.allocate(Long.BYTES).putLong(ID).array();
        assertThat(tokens.tokenOf(ID)).isEqualTo(Arrays.copyOf(hmac(key, id), 16));
    }

    @Test
    void aPeerThatStartsOverWithTheSameKeyMakesTheSameTokens() {
        byte[] token = tokens.tokenOf(ID);
        tokens.tokenOf(7);
        assertThat(new StatelessResetTokens(KeyPair.of(keyPair.privateKey())).tokenOf(ID))
                .isEqualTo(token)
                .isEqualTo(tokens.tokenOf(ID));
    }

    @Test
    void anotherKeyOrAnotherIdMakesAnotherToken() {
        byte[] token = tokens.tokenOf(ID);
        KeyPair other = KeyPair.generate(new SeededRandom(4));
        assertThat(new StatelessResetTokens(other).tokenOf(ID)).isNotEqualTo(token);
        for (int bit = 0; bit < Long.SIZE; bit++) {
            assertThat(tokens.tokenOf(ID ^ 1L << bit)).as("bit %d", bit).isNotEqualTo(token);
        }
    }

    @Test
    void onlyTheWholeTokenMatches() {
        byte[] token = tokens.tokenOf(ID);
        byte[] bytes = new byte[25];
        System.arraycopy(token, 0, bytes, 9, token.length);
        assertThat(StatelessResetTokens.matches(token, bytes, 9)).isTrue();
        assertThat(StatelessResetTokens.matches(token, bytes, 8)).isFalse();
        for (int bit = 0; bit < 128; bit++) {
            byte[] forged = bytes.clone();
            forged[9 + bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(StatelessResetTokens.matches(token, forged, 9))
                    .as("bit %d", bit)
                    .isFalse();
        }
    }

    @Test
    void aRangeOutsideOfTheBytesIsABug() {
        byte[] token = tokens.tokenOf(ID);
        assertThatThrownBy(() -> StatelessResetTokens.matches(token, new byte[24], 9))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    private static byte[] hmac(byte[] key, byte[] data) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(data);
    }
}
