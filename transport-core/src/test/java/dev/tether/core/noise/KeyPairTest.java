package dev.tether.core.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tether.core.RandomSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeyPairTest {

    @Test
    void generatedPairsDiffer() {
        assertThat(KeyPair.generate().identity())
                .isNotEqualTo(KeyPair.generate().identity());
    }

    @Test
    void theSameRandomnessGivesTheSamePair() {
        RandomSource one = new Random(7)::nextBytes;
        RandomSource other = new Random(7)::nextBytes;

        assertThat(KeyPair.generate(one).identity())
                .isEqualTo(KeyPair.generate(other).identity());
    }

    @Test
    void aPairIsRestoredFromItsPrivateKey() {
        KeyPair pair = KeyPair.generate();

        assertThat(KeyPair.of(pair.privateKey()).identity()).isEqualTo(pair.identity());
    }

    @Test
    void thePrivateKeyIsCopiedInAndOut() {
        byte[] given = new byte[32];
        KeyPair pair = KeyPair.of(given);
        Arrays.fill(given, (byte) 1);
        Arrays.fill(pair.privateKey(), (byte) 2);

        assertThat(pair.privateKey()).containsOnly(0);
    }

    @Test
    void aPrivateKeyOfAnotherLengthIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KeyPair.of(new byte[31]))
                .withMessageContaining("31");
        assertThatIllegalArgumentException().isThrownBy(() -> KeyPair.of(new byte[33]));
    }

    @Test
    void theTextShowsThePublicKeyOnly() {
        KeyPair pair = KeyPair.generate();

        assertThat(pair.toString())
                .isEqualTo("KeyPair[" + pair.identity() + "]")
                .doesNotContain(HexFormat.of().formatHex(pair.privateKey()));
    }
}
