package dev.tether.core.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.ConnectionState;
import dev.tether.core.TransportSettings;
import dev.tether.core.connection.Connection;
import dev.tether.core.error.ConnectionLostException;
import dev.tether.core.noise.KeyPair;
import dev.tether.core.protection.StatelessResetTokens;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.core.wire.DataHeader;
import dev.tether.core.wire.DatagramType;
import dev.tether.core.wire.StatelessResetDatagram;
import dev.tether.core.wire.WireWriter;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A peer that has lost a connection proves it to the other one. RFC 9000 §10.3; docs/PROTOCOL.md, section 7.1. */
class StatelessResetTest {

    private static final long SECOND = 1_000_000_000L;
    private static final long LATENCY_NS = LossyNetwork.Faults.NONE.latencyNs();
    private static final TransportSettings SETTINGS = TransportSettings.defaults();

    private final SeededRandom random = new SeededRandom(103);
    private final LossyNetwork network = new LossyNetwork(random, LossyNetwork.Faults.NONE);
    private final EnginePeer dialer = new EnginePeer(network, 1, random, SETTINGS);
    private final EnginePeer listener = new EnginePeer(network, 2, random, SETTINGS);
    private final List<LossyNetwork.Sent> sent = new ArrayList<>();

    StatelessResetTest() {
        network.setScript(datagram -> {
            sent.add(datagram);
            return 0;
        });
    }

    // Who is reset

    @ParameterizedTest(name = "the dialing side has lost it: {0}")
    @ValueSource(booleans = {true, false})
    void thePacketForAConnectionThatThePeerHasLostEndsItWithinARoundTrip(boolean byDialer) {
        establish();
        EnginePeer loser = byDialer ? dialer : listener;
        EnginePeer other = byDialer ? listener : dialer;
        EnginePeer.Session session = other.established();
        EnginePeer restarted = restart(loser);
        sent.clear();
        send(other, session);
        network.run(2 * LATENCY_NS);
        assertThat(lossOf(session)).isEqualTo(ConnectionLostException.Reason.STATELESS_RESET);
        assertThat(restarted.endpoint().counters().statelessResets).isEqualTo(1);
        assertThat(restarted.endpoint().connections()).isEmpty();
        assertThat(other.endpoint().connections()).isEmpty();
        network.run(60 * SECOND);
        assertThat(sent)
                .extracting(LossyNetwork.Sent::type)
                .containsExactly(DatagramType.DATA, DatagramType.STATELESS_RESET);
    }

    @Test
    void aPeerWithAnotherKeyResetsNothing() {
        establish();
        EnginePeer.Session session = dialer.established();
        EnginePeer other = new EnginePeer(network, 2, random, SETTINGS, KeyPair.generate(random));
        send(dialer, session);
        network.run(SECOND);
        assertThat(other.endpoint().counters().statelessResets).isPositive();
        assertThat(dialer.endpoint().counters().strayDatagrams)
                .isEqualTo(other.endpoint().counters().statelessResets);
        assertThat(session.connection.isOpen()).isTrue();
    }

    @Test
    void aConnectionThatClosesEndsItsCloseByAResetAndIsClosed() {
        establish();
        EnginePeer.Session session = dialer.established();
        restart(listener);
        session.connection.close(3, "done", network.nowNs());
        dialer.pump(network.nowNs());
        assertThat(session.end).isNull();
        network.run(2 * LATENCY_NS);
        assertThat(session.end).isNotNull();
        assertThat(session.end.failure()).isNull();
        assertThat(dialer.endpoint().connections()).isEmpty();
    }

    @Test
    void anAnsweredInitiationThatIsNotConfirmedIsNotReset() {
        network.setScript(datagram -> datagram.type() == DatagramType.DATA ? LossyNetwork.Script.LOST : 0);
        dialer.connect(listener);
        network.run(2 * LATENCY_NS);
        Connection answering = listener.sessions().get(0).connection;
        byte[] reset = resetOf(dialer, dialer.established().connection.localConnectionId());
        network.inject(dialer.address(), listener.address(), reset, 0);
        network.setScript(datagram -> 0);
        network.run(SECOND);
        assertThat(listener.endpoint().counters().strayDatagrams).isEqualTo(1);
        assertThat(answering.isOpen()).isTrue();
    }

    // What is no reset

    @Test
    void aResetThatIsForgedInAnyBitMovesNothing() {
        establish();
        EnginePeer.Session session = dialer.established();
        byte[] reset = resetOf(listener, listener.established().connection.localConnectionId());
        long timeoutNs = session.connection.nextTimeoutNs();
        sent.clear();
        for (int bit = 0; bit < 8 * reset.length; bit++) {
            byte[] forged = reset.clone();
            forged[bit / 8] ^= (byte) (1 << bit % 8);
            network.inject(listener.address(), dialer.address(), forged, 0);
        }
        network.run(LATENCY_NS);
        assertThat(session.connection.isOpen()).isTrue();
        assertThat(session.connection.nextTimeoutNs()).isEqualTo(timeoutNs);
        EndpointCounters counters = dialer.endpoint().counters();
        assertThat(counters.strayDatagrams + counters.invalidInitiations).isEqualTo(8 * reset.length);
        assertThat(sent).isEmpty();
        assertEnds(session, reset);
    }

    @Test
    void aResetOfAnotherLengthMovesNothing() {
        establish();
        EnginePeer.Session session = dialer.established();
        byte[] reset = resetOf(listener, listener.established().connection.localConnectionId());
        for (int length = 1; length <= 64; length++) {
            if (length != reset.length) {
                network.inject(listener.address(), dialer.address(), Arrays.copyOf(reset, length), 0);
            }
        }
        network.run(LATENCY_NS);
        assertThat(session.connection.isOpen()).isTrue();
        assertThat(dialer.endpoint().counters().strayDatagrams).isEqualTo(63);
        assertEnds(session, reset);
    }

    @Test
    void aResetFromAnotherAddressMovesNothing() {
        establish();
        EnginePeer.Session session = dialer.established();
        byte[] reset = resetOf(listener, listener.established().connection.localConnectionId());
        network.inject(new InetSocketAddress("127.0.0.1", 3), dialer.address(), reset, 0);
        network.run(LATENCY_NS);
        assertThat(session.connection.isOpen()).isTrue();
        assertThat(dialer.endpoint().counters().strayDatagrams).isEqualTo(1);
        assertEnds(session, reset);
    }

    @Test
    void theResetOfOneConnectionDoesNotEndAnotherOneWithTheSamePeer() {
        establish();
        EnginePeer.Session first = dialer.established();
        EnginePeer restarted = restart(listener);
        sent.clear();
        send(dialer, first);
        network.run(2 * LATENCY_NS);
        byte[] reset = sent.get(1).datagram();
        dialer.connect(restarted);
        network.run(SECOND);
        EnginePeer.Session second = dialer.established();
        byte[] renamed = reset.clone();
        new WireWriter()
                .wrap(renamed, 1, Long.BYTES)
                .writeLong(restarted.established().connection.localConnectionId());
        network.inject(restarted.address(), dialer.address(), reset, 0);
        network.inject(restarted.address(), dialer.address(), renamed, 0);
        network.run(SECOND);
        assertThat(second.connection.isOpen()).isTrue();
        assertThat(dialer.endpoint().counters().strayDatagrams).isEqualTo(2);
    }

    // What is answered with a reset

    @Test
    void aConnectionThatLivesIsNeverResetWhoeverAsks() {
        establish();
        byte[] forged = new byte[60];
        long id = listener.established().connection.localConnectionId();
        DataHeader.write(new WireWriter().wrap(forged, 0, forged.length), id, 1 << 20);
        sent.clear();
        network.inject(dialer.address(), listener.address(), forged, 0);
        network.inject(new InetSocketAddress("127.0.0.1", 3), listener.address(), forged, 0);
        network.run(LATENCY_NS);
        assertThat(sent).isEmpty();
        assertThat(listener.endpoint().counters().statelessResets).isZero();
        assertThat(listener.established().connection.counters().unauthenticated).isEqualTo(2);
    }

    @Test
    void anAttemptIsNotResetEither() {
        network.setScript(datagram -> LossyNetwork.Script.LOST);
        EnginePeer.Session attempt = dialer.connect(listener);
        byte[] forged = new byte[60];
        DataHeader.write(new WireWriter().wrap(forged, 0, forged.length), attempt.connection.localConnectionId(), 0);
        network.inject(new InetSocketAddress("127.0.0.1", 3), dialer.address(), forged, 0);
        network.run(LATENCY_NS);
        assertThat(attempt.connection.counters().unauthenticated).isEqualTo(1);
        assertThat(dialer.endpoint().counters().statelessResets).isZero();
    }

    @Test
    void aResetIsNotAnsweredWithAReset() {
        network.inject(dialer.address(), listener.address(), resetOf(dialer, 5), 0);
        network.run(SECOND);
        assertThat(sent).isEmpty();
        assertThat(listener.endpoint().counters().strayDatagrams).isEqualTo(1);
    }

    @Test
    void whatIsTooMuchToAnswerIsCounted() {
        byte[] data = new byte[34];
        DataHeader.write(new WireWriter().wrap(data, 0, data.length), 5, 0);
        for (int i = 0; i < 130; i++) {
            network.inject(dialer.address(), listener.address(), data, 0);
        }
        network.run(0);
        assertThat(sent).hasSize(100).allMatch(datagram -> datagram.type() == DatagramType.STATELESS_RESET);
        assertThat(listener.endpoint().counters().strayDatagrams).isEqualTo(130);
        assertThat(listener.endpoint().counters().statelessResets).isEqualTo(100);
        assertThat(listener.endpoint().counters().statelessResetsWithheld).isEqualTo(30);
    }

    // Section 6: connections that follow each other, and attempts that cross

    @Test
    void latePacketsOfASupersededConnectionAreResetAndTheNewOneLives() {
        establish();
        EnginePeer.Session old = dialer.established();
        long oldId = listener.established().connection.localConnectionId();
        send(dialer, old);
        network.run(SECOND);
        List<LossyNetwork.Sent> late = ofType(DatagramType.DATA);
        EnginePeer restarted = restart(listener);
        restarted.connect(dialer);
        network.run(SECOND);
        assertThat(lossOf(old)).isEqualTo(ConnectionLostException.Reason.PEER_RESTARTED);
        sent.clear();
        for (LossyNetwork.Sent datagram : late) {
            network.inject(datagram.from(), datagram.to(), datagram.datagram(), 0);
        }
        network.run(SECOND);
        assertThat(ofType(DatagramType.STATELESS_RESET))
                .isNotEmpty()
                .anyMatch(reset -> StatelessResetDatagram.connectionId(reset.datagram(), 0) == oldId);
        assertThat(dialer.established().connection.isOpen()).isTrue();
        assertThat(restarted.established().connection.isOpen()).isTrue();
    }

    @Test
    void aResetOfTheOldConnectionDoesNotDisturbTheHandshakeOfTheNewOne() {
        establish();
        EnginePeer.Session old = dialer.established();
        EnginePeer restarted = restart(listener);
        EnginePeer.Session again = restarted.connect(dialer);
        send(dialer, old);
        network.run(2 * LATENCY_NS);
        assertThat(lossOf(old)).isEqualTo(ConnectionLostException.Reason.STATELESS_RESET);
        assertThat(again.connection.isOpen()).isTrue();
        network.run(SECOND);
        assertThat(dialer.established().connection.isOpen()).isTrue();
        assertThat(again.connection.state()).isInstanceOf(ConnectionState.Established.class);
    }

    /** Section 6.4: an initiation for an unproven connection gets a PING, and the PING a reset. */
    @Test
    void aPeerThatHasRestartedBeforeItsConfirmationIsAnsweredWithoutWaitingForTheUnprovenConnection() {
        network.setScript(datagram -> datagram.type() == DatagramType.DATA ? LossyNetwork.Script.LOST : 0);
        EnginePeer.Session unproven = dialer.connect(listener);
        network.run(2 * LATENCY_NS);
        assertThat(unproven.connection.isUnproven(network.nowNs())).isTrue();
        EnginePeer restarted = restart(listener);
        network.setScript(datagram -> 0);
        EnginePeer.Session again = restarted.connect(dialer);
        network.run(SECOND / 2);
        assertThat(lossOf(unproven)).isEqualTo(ConnectionLostException.Reason.STATELESS_RESET);
        assertThat(again.connection.isOpen()).isTrue();
        assertThat(dialer.established().connection.isOpen()).isTrue();
    }

    // Steps

    private void establish() {
        dialer.connect(listener);
        network.run(SECOND);
        assertThat(dialer.established().connection.isOpen()).isTrue();
        assertThat(listener.established().connection.isOpen()).isTrue();
    }

    /** A peer with the key and the address of {@code peer}, which is gone from then on. */
    private EnginePeer restart(EnginePeer peer) {
        return new EnginePeer(network, peer.address().getPort(), random, SETTINGS, peer.keyPair());
    }

    private void send(EnginePeer peer, EnginePeer.Session session) {
        session.send(new byte[] {1});
        peer.pump(network.nowNs());
    }

    /** The reset by which a peer would prove that it has lost this connection id of its own. */
    private static byte[] resetOf(EnginePeer peer, long connectionId) {
        byte[] reset = new byte[StatelessResetDatagram.LENGTH];
        StatelessResetDatagram.write(
                new WireWriter().wrap(reset, 0, reset.length),
                connectionId,
                new StatelessResetTokens(peer.keyPair()).tokenOf(connectionId));
        return reset;
    }

    /** The dialer's session ends by this reset: only what was wrong with the ones before it has kept it alive. */
    private void assertEnds(EnginePeer.Session session, byte[] reset) {
        network.inject(listener.address(), dialer.address(), reset, 0);
        network.run(LATENCY_NS);
        assertThat(lossOf(session)).isEqualTo(ConnectionLostException.Reason.STATELESS_RESET);
    }

    private List<LossyNetwork.Sent> ofType(int type) {
        return sent.stream().filter(datagram -> datagram.type() == type).toList();
    }

    private static ConnectionLostException.Reason lossOf(EnginePeer.Session session) {
        assertThat(session.end).isNotNull();
        assertThat(session.end.failure()).isInstanceOf(ConnectionLostException.class);
        return ((ConnectionLostException) session.end.failure()).reason();
    }
}
