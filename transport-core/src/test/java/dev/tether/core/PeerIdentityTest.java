package dev.tether.core;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PeerIdentityTest {

    // RFC 4648 §10: "fooba" is MZXW6YTB, "fo" is MZXQ====; 32 bytes are six times the first and once the second.
    private static final byte[] KEY = "foobafoobafoobafoobafoobafoobafo".getBytes(US_ASCII);
    private static final String TEXT = "mzxw6ytbmzxw6ytbmzxw6ytbmzxw6ytbmzxw6ytbmzxw6ytbmzxq";

    @Test
    void theTextFormIsBase32InLowerCaseWithoutPadding() {
        assertThat(PeerIdentity.of(KEY)).hasToString(TEXT);
    }

    @Test
    void theTextFormIsReadInEitherCase() {
        assertThat(PeerIdentity.parse(TEXT).toBytes()).isEqualTo(KEY);
        assertThat(PeerIdentity.parse(TEXT.toUpperCase(Locale.ROOT))).isEqualTo(PeerIdentity.of(KEY));
    }

    @Test
    void everyKeySurvivesItsTextForm() {
        for (long seed = 0; seed < 500; seed++) {
            byte[] key = new byte[PeerIdentity.LENGTH];
            new SplittableRandom(seed).nextBytes(key);
            PeerIdentity identity = PeerIdentity.of(key);
            assertThat(identity.toString()).as("seed %d", seed).hasSize(52);
            assertThat(PeerIdentity.parse(identity.toString()))
                    .as("seed %d", seed)
                    .isEqualTo(identity);
        }
    }

    @Test
    void keysOfZerosAndOnesAreTheEdgesOfTheTextForm() {
        byte[] ones = new byte[PeerIdentity.LENGTH];
        Arrays.fill(ones, (byte) 0xff);
        assertThat(PeerIdentity.of(new byte[PeerIdentity.LENGTH])).hasToString("a".repeat(52));
        assertThat(PeerIdentity.of(ones)).hasToString("7".repeat(51) + "q");
    }

    @Test
    void aTextOfAnotherLengthIsRefusedWithItsLength() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PeerIdentity.parse(TEXT.substring(1)))
                .withMessageContaining("51 characters, a key has 52");
    }

    @Test
    void aCharacterOutsideTheAlphabetIsRefusedWithItsPosition() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PeerIdentity.parse("mz1" + TEXT.substring(3)))
                .withMessageContaining("'1' at position 3");
    }

    @Test
    void aLetterThatOnlyLowersToADigitIsRefused() {
        // The Kelvin sign lowers to 'k', and a capital I with a dot to two characters.
        for (String letter : new String[] {"\u212a", "\u0130"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PeerIdentity.parse(TEXT.substring(0, 51) + letter))
                    .withMessageContaining("position 52");
        }
    }

    @Test
    void bitsBeyondTheKeyAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PeerIdentity.parse(TEXT.substring(0, 51) + "r"))
                .withMessageContaining("bits beyond 32 bytes");
    }

    @Test
    void aKeyOfAnotherLengthIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PeerIdentity.of(new byte[31]))
                .withMessageContaining("not 31");
    }

    @Test
    void theKeyIsCopiedOnItsWayInAndOut() {
        byte[] key = KEY.clone();
        PeerIdentity identity = PeerIdentity.of(key);
        key[0] = 0;
        identity.toBytes()[1] = 0;
        assertThat(identity.toBytes()).isEqualTo(KEY);
    }

    @Test
    void aRangeOfAnArrayIsAKey() {
        byte[] array = new byte[40];
        System.arraycopy(KEY, 0, array, 5, KEY.length);
        assertThat(PeerIdentity.of(array, 5, 32))
                .isEqualTo(PeerIdentity.of(KEY))
                .hasSameHashCodeAs(PeerIdentity.of(KEY));
    }

    @Test
    void identitiesAreOrderedByUnsignedBytesFromTheFirst() {
        PeerIdentity low = identity(0x7f, 0xff);
        PeerIdentity high = identity(0x80, 0x00);
        assertThat(low).isLessThan(high);
        assertThat(high).isGreaterThan(low);
        assertThat(low).isEqualByComparingTo(identity(0x7f, 0xff));
    }

    @Test
    void theShortNameIsTheBeginningOfTheTextForm() {
        assertThat(PeerIdentity.of(KEY).shortName()).isEqualTo("mzxw6ytb");
    }

    private static PeerIdentity identity(int first, int last) {
        byte[] key = new byte[PeerIdentity.LENGTH];
        key[0] = (byte) first;
        key[31] = (byte) last;
        return PeerIdentity.of(key);
    }
}
