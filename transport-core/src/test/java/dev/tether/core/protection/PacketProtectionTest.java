package dev.tether.core.protection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** {@link PacketSealer} and {@link PacketOpener} are each other's inverse; RFC 9001 §5.3. */
class PacketProtectionTest {

    private static final long SEED = 42;
    private static final int HEADER = 17;

    private final Random random = new Random(SEED);
    private final byte[] key = randomBytes(32);
    private final byte[] header = randomBytes(HEADER);
    private final PacketSealer sealer = new PacketSealer(key);
    private final PacketOpener opener = new PacketOpener(key);

    @Test
    void aPacketIsOpenedToWhatWasSealed() {
        for (int length : new int[] {0, 1, 15, 16, 17, 1183, 8900, 65_000}) {
            byte[] plaintext = randomBytes(length);

            byte[] packet = seal(plaintext, length);

            assertThat(packet).hasSize(HEADER + length + PacketSealer.OVERHEAD).startsWith(header);
            assertThat(open(packet, length)).isEqualTo(plaintext);
        }
    }

    /** The nonce is four zero bytes and the packet number in big-endian order; the header is the associated data. */
    @Test
    void theFormatIsAes256GcmWithThePacketNumberAsNonce() throws GeneralSecurityException {
        byte[] plaintext = randomBytes(100);
        long packetNumber = 0x0102030405060708L;
        byte[] nonce = ByteBuffer.allocate(12).putInt(0).putLong(packetNumber).array();
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
        cipher.updateAAD(header);
        byte[] expected = cipher.doFinal(plaintext);

        byte[] packet = seal(plaintext, packetNumber);

        assertThat(Arrays.copyOfRange(packet, HEADER, packet.length)).isEqualTo(expected);
    }

    @Test
    void packetsStandAnywhereInTheirArrays() {
        byte[] plaintext = randomBytes(300);
        byte[] datagram = new byte[500];
        System.arraycopy(header, 0, datagram, 40, HEADER);

        int length = sealer.seal(plaintext, 100, 50, datagram, 40, HEADER, 9);
        byte[] out = new byte[80];
        int opened = opener.open(datagram, 40, length, HEADER, 9, out, 5);

        assertThat(length).isEqualTo(HEADER + 50 + PacketSealer.OVERHEAD);
        assertThat(opened).isEqualTo(50);
        assertThat(Arrays.copyOfRange(out, 5, 55)).isEqualTo(Arrays.copyOfRange(plaintext, 100, 150));
        assertThat(Arrays.copyOf(datagram, 40)).containsOnly(0);
        assertThat(Arrays.copyOfRange(datagram, 40 + length, 500)).containsOnly(0);
    }

    @Test
    void packetsAreOpenedInAnyOrder() {
        byte[] plaintext = randomBytes(20);
        byte[] first = seal(plaintext, 1);
        byte[] second = seal(plaintext, 2);

        assertThat(open(second, 2)).isEqualTo(plaintext);
        assertThat(open(first, 1)).isEqualTo(plaintext);
        assertThat(open(first, 1)).isEqualTo(plaintext);
    }

    @Test
    void aPacketWithAnyByteChangedIsNotAuthenticAndTheAuthenticOneStillOpens() {
        byte[] plaintext = randomBytes(60);
        byte[] packet = seal(plaintext, 7);
        for (int i = 0; i < packet.length; i++) {
            byte[] forged = packet.clone();
            forged[i] ^= (byte) (1 << i % 8);

            assertThat(opens(forged, 7)).as("byte %d", i).isFalse();
            assertThat(open(packet, 7)).as("after byte %d", i).isEqualTo(plaintext);
        }
    }

    @Test
    void aPacketCutShortIsNotAuthentic() {
        byte[] packet = seal(randomBytes(60), 7);
        for (int length = 0; length < packet.length; length++) {
            assertThat(opens(Arrays.copyOf(packet, length), 7))
                    .as("%d bytes", length)
                    .isFalse();
        }
    }

    @Test
    void randomBytesAreNotAuthentic() {
        for (int i = 0; i < 1000; i++) {
            byte[] garbage = randomBytes(random.nextInt(200));
            assertThat(opens(garbage, random.nextLong()))
                    .as("seed %d, packet %d", SEED, i)
                    .isFalse();
        }
    }

    @Test
    void aPacketUnderAnotherNumberIsNotAuthentic() {
        byte[] packet = seal(randomBytes(60), 7);

        assertThat(opens(packet, 8)).isFalse();
        assertThat(opens(packet, 7 | 1L << 40)).isFalse();
        assertThat(opens(packet, 7)).isTrue();
    }

    @Test
    void aPacketUnderAnotherKeyIsNotAuthentic() {
        byte[] packet = seal(randomBytes(60), 7);
        byte[] out = new byte[packet.length];

        assertThat(new PacketOpener(randomBytes(32)).open(packet, 0, packet.length, HEADER, 7, out, 0))
                .isEqualTo(-1);
    }

    @Test
    void aPacketNumberIsNeverUsedTwice() {
        byte[] plaintext = randomBytes(10);
        seal(plaintext, 5);

        assertThatIllegalArgumentException().isThrownBy(() -> seal(plaintext, 5));
        assertThatIllegalArgumentException().isThrownBy(() -> seal(plaintext, 4));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PacketSealer(key).seal(plaintext, 0, 10, new byte[100], 0, HEADER, -1));
    }

    @Test
    void trimmingAnIdleConnectionChangesNothing() {
        byte[] plaintext = randomBytes(10);
        open(seal(plaintext, 1), 1);

        sealer.trim();
        opener.trim();

        assertThat(open(seal(plaintext, 2), 2)).isEqualTo(plaintext);
    }

    @Test
    void anArrayThatIsTooSmallIsABug() {
        byte[] packet = seal(randomBytes(10), 1);

        assertThatThrownBy(() -> opener.open(packet, 0, packet.length, HEADER, 1, new byte[9], 0))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> sealer.seal(new byte[10], 0, 10, new byte[HEADER + 25], 0, HEADER, 2))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    private byte[] seal(byte[] plaintext, long packetNumber) {
        byte[] packet = Arrays.copyOf(header, HEADER + plaintext.length + PacketSealer.OVERHEAD);
        int length = sealer.seal(plaintext, 0, plaintext.length, packet, 0, HEADER, packetNumber);
        assertThat(length).isEqualTo(packet.length);
        return packet;
    }

    private byte[] open(byte[] packet, long packetNumber) {
        byte[] out = new byte[packet.length];
        int length = opener.open(packet, 0, packet.length, HEADER, packetNumber, out, 0);
        return Arrays.copyOf(out, length);
    }

    private boolean opens(byte[] packet, long packetNumber) {
        return opener.open(packet, 0, packet.length, HEADER, packetNumber, new byte[packet.length], 0) >= 0;
    }

    private byte[] randomBytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
