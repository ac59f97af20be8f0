package dev.tether.core.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.TransportSettings;
import dev.tether.core.noise.KeyPair;
import dev.tether.core.protection.StatelessResetTokens;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.core.wire.DatagramType;
import dev.tether.core.wire.StatelessResetDatagram;
import dev.tether.core.wire.WireWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Data that overtakes the response, from a peer that does not wait for its confirmation. docs/PROTOCOL.md, section 6.1. */
class EarlyDataTest {

    private static final String PING = "01";

    /** STREAM frames of stream 0: the messages "one" and "two". */
    private static final String ONE = "0a0004036f6e65";

    private static final String TWO = "0e00040403" + "74776f";

    private final SeededRandom random = new SeededRandom(16);
    private final LossyNetwork network = new LossyNetwork(random, LossyNetwork.Faults.NONE);
    private final InetSocketAddress remote = new InetSocketAddress(InetAddress.getLoopbackAddress(), 2);
    private final KeyPair remoteKey = KeyPair.generate(random);
    private final List<LossyNetwork.Sent> sent = new ArrayList<>();

    @Test
    void dataThatOvertakesTheResponseIsReceivedInItsOrder() {
        EnginePeer dialer = dialer(TransportSettings.defaults());
        HandmadeResponder responder = answer(dialer);
        arrive(dialer, responder.packet(ONE));
        arrive(dialer, responder.packet(TWO));
        EnginePeer.Session session = dialer.sessions().get(0);
        assertThat(session.received).isEmpty();
        assertThat(session.connection.isOpen()).isFalse();

        arrive(dialer, responder.response());

        assertThat(session.received).containsExactly(bytes("one"), bytes("two"));
        assertThat(session.connection.counters().packetsReceived).isEqualTo(2);
        assertThat(session.connection.counters().unauthenticated).isZero();
    }

    @Test
    void aPingThatOvertakesTheResponseIsAcknowledgedWithTheConfirmation() {
        EnginePeer dialer = dialer(TransportSettings.defaults());
        HandmadeResponder responder = answer(dialer);
        arrive(dialer, responder.packet(PING));
        sent.clear();
        arrive(dialer, responder.response());
        assertThat(sent).extracting(LossyNetwork.Sent::type).containsExactly(DatagramType.DATA);
        // One byte of PING, and the five of an ACK frame.
        assertThat(sent.get(0).datagram()).hasSize(17 + 6 + 16);
    }

    @Test
    void sixteenEarlyDatagramsAreKeptAndTheOthersCounted() {
        EnginePeer dialer = dialer(TransportSettings.defaults());
        HandmadeResponder responder = answer(dialer);
        for (int i = 0; i < 19; i++) {
            arrive(dialer, responder.packet(PING));
        }
        arrive(dialer, responder.response());
        EnginePeer.Session session = dialer.sessions().get(0);
        assertThat(session.connection.counters().packetsReceived).isEqualTo(16);
        assertThat(session.connection.counters().earlyDropped).isEqualTo(3);
    }

    @Test
    void noEarlyDatagramIsKeptIfTheSettingIsZero() {
        EnginePeer dialer = dialer(
                TransportSettings.defaults().toBuilder().earlyDatagrams(0).build());
        HandmadeResponder responder = answer(dialer);
        arrive(dialer, responder.packet(PING));
        arrive(dialer, responder.response());
        EnginePeer.Session session = dialer.sessions().get(0);
        assertThat(session.connection.isOpen()).isTrue();
        assertThat(session.connection.counters().packetsReceived).isZero();
        assertThat(session.connection.counters().earlyDropped).isEqualTo(1);
    }

    @Test
    void anEarlyForgeryIsDroppedWhenTheKeysAreThere() {
        EnginePeer dialer = dialer(TransportSettings.defaults());
        HandmadeResponder responder = answer(dialer);
        byte[] forged = responder.packet(ONE);
        forged[forged.length - 1] ^= 1;
        arrive(dialer, forged);
        arrive(dialer, responder.packet(PING));
        arrive(dialer, responder.response());
        EnginePeer.Session session = dialer.sessions().get(0);
        assertThat(session.connection.isOpen()).isTrue();
        assertThat(session.connection.counters().unauthenticated).isEqualTo(1);
        assertThat(session.connection.counters().packetsReceived).isEqualTo(1);
    }

    @Test
    void anEarlyDatagramThatIsNoDataPacketIsNotKept() {
        EnginePeer dialer = dialer(
                TransportSettings.defaults().toBuilder().earlyDatagrams(1).build());
        HandmadeResponder responder = answer(dialer);
        byte[] packet = responder.packet(PING);
        byte[] numberOutOfRange = packet.clone();
        numberOutOfRange[9] = (byte) 0x80;
        dialer.sessions()
                .get(0)
                .connection
                .handleDatagram(
                        numberOutOfRange,
                        0,
                        packet.length,
                        dialer.sessions().get(0).connection.remoteAddress(),
                        network.nowNs());
        arrive(dialer, packet);
        arrive(dialer, responder.response());
        assertThat(dialer.sessions().get(0).connection.counters().packetsReceived)
                .isEqualTo(1);
    }

    @Test
    void anEarlyCloseEndsTheConnectionAfterTheDataBeforeIt() {
        EnginePeer dialer = dialer(TransportSettings.defaults());
        HandmadeResponder responder = answer(dialer);
        arrive(dialer, responder.packet(ONE));
        arrive(dialer, responder.packet("1d0000"));
        arrive(dialer, responder.response());
        EnginePeer.Session session = dialer.sessions().get(0);
        assertThat(session.received).containsExactly(bytes("one"));
        assertThat(session.end).isNotNull();
        assertThat(session.end.isOrderly()).isTrue();
    }

    // Section 7.1

    @Test
    void noResetIsAcceptedFromAPeerThatHasToldNoToken() {
        EnginePeer dialer = dialer(TransportSettings.defaults());
        HandmadeResponder responder = answer(dialer);
        arrive(dialer, responder.response());
        byte[] token = new StatelessResetTokens(remoteKey).tokenOf(HandmadeResponder.CONNECTION_ID);
        for (byte[] guess : List.of(token, new byte[StatelessResetDatagram.TOKEN_LENGTH])) {
            byte[] reset = new byte[StatelessResetDatagram.LENGTH];
            StatelessResetDatagram.write(
                    new WireWriter().wrap(reset, 0, reset.length), HandmadeResponder.CONNECTION_ID, guess);
            arrive(dialer, reset);
        }
        assertThat(dialer.sessions().get(0).connection.isOpen()).isTrue();
        assertThat(dialer.endpoint().counters().strayDatagrams).isEqualTo(2);
    }

    private EnginePeer dialer(TransportSettings settings) {
        network.setScript(datagram -> {
            sent.add(datagram);
            return LossyNetwork.Script.LOST;
        });
        return new EnginePeer(network, 1, random, settings);
    }

    /** The dialer has sent its initiation, and the peer has answered it. */
    private HandmadeResponder answer(EnginePeer dialer) {
        dialer.endpoint().connect(remoteKey.identity(), remote, false, network.nowNs());
        dialer.pump(network.nowNs());
        return new HandmadeResponder(remoteKey, random, sent.get(0).datagram());
    }

    private void arrive(EnginePeer dialer, byte[] datagram) {
        network.inject(remote, dialer.address(), datagram, 0);
        network.run(0);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
