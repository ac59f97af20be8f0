package dev.tether.core.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class AesGcmTest {

    private static final byte[] KEY =
            HexFormat.of().parseHex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    private static final byte[] NO_AD = {};

    /** McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, test case 16. */
    @Test
    void sealsAsInThePublishedTestCase() {
        byte[] nonce = HexFormat.of().parseHex("cafebabefacedbaddecaf888");
        byte[] ad = HexFormat.of().parseHex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        byte[] plaintext = HexFormat.of()
                .parseHex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                        + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
        byte[] out = new byte[plaintext.length + AesGcm.TAG_LENGTH];

        int length = new AesGcm(KEY).seal(nonce, ad, 0, ad.length, plaintext, 0, plaintext.length, out, 0);

        assertThat(length).isEqualTo(out.length);
        assertThat(HexFormat.of().formatHex(out))
                .isEqualTo("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                        + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                        + "76fc6ece0f4e1768cddf8853bb2d551b");
    }

    /** Noise §12.4. */
    @Test
    void aCounterIsTheLastEightBytesOfTheNonceInBigEndianOrder() {
        byte[] withCounter = new byte[AesGcm.TAG_LENGTH];
        byte[] withNonce = new byte[AesGcm.TAG_LENGTH];

        new AesGcm(KEY).seal(0x0102030405060708L, NO_AD, 0, 0, NO_AD, 0, 0, withCounter, 0);
        new AesGcm(KEY)
                .seal(HexFormat.of().parseHex("000000000102030405060708"), NO_AD, 0, 0, NO_AD, 0, 0, withNonce, 0);

        assertThat(withCounter).isEqualTo(withNonce);
    }

    @Test
    void aMessageMayBeSealedAndOpenedInPlace() {
        byte[] buffer = new byte[100 + AesGcm.TAG_LENGTH];
        buffer[99] = 42;

        int sealed = new AesGcm(KEY).seal(1, NO_AD, 0, 0, buffer, 0, 100, buffer, 0);
        int opened = new AesGcm(KEY).open(1, NO_AD, 0, 0, buffer, 0, sealed, buffer, 0);

        assertThat(opened).isEqualTo(100);
        assertThat(buffer[99]).isEqualTo((byte) 42);
    }

    @Test
    void anEmptyMessageIsOnlyATag() {
        byte[] sealed = new byte[AesGcm.TAG_LENGTH];
        AesGcm cipher = new AesGcm(KEY);

        assertThat(cipher.seal(1, NO_AD, 0, 0, NO_AD, 0, 0, sealed, 0)).isEqualTo(AesGcm.TAG_LENGTH);
        assertThat(cipher.open(1, NO_AD, 0, 0, sealed, 0, sealed.length, NO_AD, 0))
                .isZero();
    }

    @Test
    void trimmingChangesNothingButMemory() {
        AesGcm cipher = new AesGcm(KEY);
        byte[] before = new byte[AesGcm.TAG_LENGTH];
        byte[] after = new byte[AesGcm.TAG_LENGTH];

        cipher.seal(1, NO_AD, 0, 0, NO_AD, 0, 0, before, 0);
        cipher.trim();
        cipher.seal(1, NO_AD, 0, 0, NO_AD, 0, 0, after, 0);

        assertThat(after).isEqualTo(before);
    }

    @Test
    void sealingTwiceInARowWithOneNonceIsABug() {
        AesGcm cipher = new AesGcm(KEY);
        byte[] out = new byte[AesGcm.TAG_LENGTH];
        cipher.seal(1, NO_AD, 0, 0, NO_AD, 0, 0, out, 0);

        assertThatIllegalStateException().isThrownBy(() -> cipher.seal(1, NO_AD, 0, 0, NO_AD, 0, 0, out, 0));
    }

    @Test
    void aKeyOfAnotherLengthIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new AesGcm(new byte[16]));
    }

    @Test
    void anOutputThatIsTooSmallIsABug() {
        assertThatThrownBy(() -> new AesGcm(KEY).seal(1, NO_AD, 0, 0, new byte[10], 0, 10, new byte[25], 0))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }
}
