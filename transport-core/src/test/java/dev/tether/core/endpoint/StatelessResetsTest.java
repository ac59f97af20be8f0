package dev.tether.core.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.connection.Transmit;
import dev.tether.core.noise.KeyPair;
import dev.tether.core.protection.StatelessResetTokens;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.core.wire.DataHeader;
import dev.tether.core.wire.DatagramType;
import dev.tether.core.wire.StatelessResetDatagram;
import dev.tether.core.wire.WireWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9000 §10.3; docs/PROTOCOL.md, section 7.1: what is answered, and how often. */
class StatelessResetsTest {

    private static final long NOW_NS = 1_800_000_000_000_000_000L;
    private static final long ID = 0xf1f2f3f4f5f6f7f8L;

    private final InetSocketAddress from = new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);
    private final StatelessResetTokens tokens = new StatelessResetTokens(KeyPair.generate(new SeededRandom(1)));
    private final StatelessResets resets = new StatelessResets(tokens);
    private final Transmit transmit = new Transmit(64);

    @Test
    void aDataPacketIsAnsweredWithItsIdAndTheTokenOfThat() {
        assertThat(resets.answer(data(34), 0, from, NOW_NS)).isTrue();
        assertThat(resets.pollTransmit(transmit)).isTrue();
        assertThat(transmit.destination()).isEqualTo(from);
        byte[] expected = new byte[StatelessResetDatagram.LENGTH];
        StatelessResetDatagram.write(new WireWriter().wrap(expected, 0, expected.length), ID, tokens.tokenOf(ID));
        assertThat(transmit.buffer()).startsWith(expected);
        assertThat(transmit.length()).isEqualTo(25);
        assertThat(resets.pollTransmit(transmit)).isFalse();
    }

    @Test
    void nothingShorterThanADataPacketIsATrigger() {
        assertThat(StatelessResets.isTrigger(data(34), 0, 34)).isTrue();
        for (int length = 0; length < 34; length++) {
            assertThat(StatelessResets.isTrigger(data(34), 0, length))
                    .as("%d bytes", length)
                    .isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, DatagramType.INITIATION, DatagramType.RESPONSE, 3, DatagramType.STATELESS_RESET, 6, 255})
    void nothingButADataPacketIsATrigger(int type) {
        byte[] datagram = data(1200);
        datagram[0] = (byte) type;
        assertThat(StatelessResets.isTrigger(datagram, 0, datagram.length)).isFalse();
        assertThat(StatelessResets.isTrigger(datagram, 0, 25)).isFalse();
    }

    @Test
    void aHundredAreAnsweredAtOnceAndThenAHundredASecond() {
        assertThat(answered(150, NOW_NS)).isEqualTo(100);
        assertThat(answered(1, NOW_NS + 9_999_999)).isZero();
        assertThat(answered(2, NOW_NS + 10_000_000)).isEqualTo(1);
        assertThat(answered(150, NOW_NS + 510_000_000)).isEqualTo(50);
    }

    @Test
    void noMoreThanAHundredAreSavedUpByARest() {
        assertThat(answered(100, NOW_NS)).isEqualTo(100);
        assertThat(answered(150, NOW_NS + 3_600_000_000_000L)).isEqualTo(100);
    }

    @Test
    void noMoreThanAHundredWaitForTheSocket() {
        int waiting = 0;
        for (int i = 0; i < 1000; i++) {
            waiting += resets.answer(data(34), 0, from, NOW_NS + i * 1_000_000_000L) ? 1 : 0;
        }
        assertThat(waiting).isEqualTo(100);
    }

    private int answered(int triggers, long nowNs) {
        int answered = 0;
        for (int i = 0; i < triggers; i++) {
            answered += resets.answer(data(34), 0, from, nowNs) ? 1 : 0;
        }
        while (resets.pollTransmit(transmit)) {}
        return answered;
    }

    private static byte[] data(int length) {
        byte[] datagram = new byte[length];
        DataHeader.write(new WireWriter().wrap(datagram, 0, length), ID, 7);
        return datagram;
    }
}
