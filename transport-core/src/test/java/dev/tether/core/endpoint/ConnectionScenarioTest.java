package dev.tether.core.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.CloseReason;
import dev.tether.core.ConnectionState;
import dev.tether.core.TransportSettings;
import dev.tether.core.error.ConnectionClosedException;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.error.ConnectionLostException;
import dev.tether.core.error.InternalErrorException;
import dev.tether.core.noise.KeyPair;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.core.wire.DatagramType;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What can happen to a connection, in virtual time. */
class ConnectionScenarioTest {

    private static final long SECOND = 1_000_000_000L;
    private static final TransportSettings SETTINGS = TransportSettings.defaults();

    private final SeededRandom random = new SeededRandom(7);
    private final LossyNetwork network = new LossyNetwork(random, LossyNetwork.Faults.NONE);
    private final EnginePeer dialer = new EnginePeer(network, 1, random, SETTINGS);
    private final EnginePeer listener = new EnginePeer(network, 2, random, SETTINGS);

    @Test
    void aHandshakeTakesOneRoundTripAndTheListenerOneWayMore() {
        EnginePeer.Session session = dialer.connect(listener);
        network.run(2 * LossyNetwork.Faults.NONE.latencyNs());
        assertThat(session.connection.isOpen()).isTrue();
        assertThat(listener.endpoint().establishedCount()).isZero();
        network.run(LossyNetwork.Faults.NONE.latencyNs());
        assertThat(listener.endpoint().establishedCount()).isEqualTo(1);
        assertThat(session.states)
                .containsExactly(
                        new ConnectionState.Establishing(1), new ConnectionState.Established(listener.address()));
    }

    @Test
    void nobodyThereIsATimeOutAfterTenSeconds() {
        network.detach(listener);
        EnginePeer.Session session = dialer.connect(listener);
        network.run(10 * SECOND);
        assertThat(establishmentFailure(session)).isEqualTo(ConnectionEstablishmentException.Reason.TIMED_OUT);
        assertThat(session.states).hasSizeBetween(6, 10).allMatch(ConnectionState.Establishing.class::isInstance);
        assertThat(dialer.endpoint().connections()).isEmpty();
    }

    @Test
    void anAttemptThatTimesOutCarriesTheLastErrorOfASendToItsAddress() {
        network.detach(listener);
        EnginePeer.Session session = dialer.connect(listener);
        IOException last = new IOException("Network is unreachable");
        dialer.endpoint().handleSendError(listener.address(), new IOException("Permission denied"));
        dialer.endpoint().handleSendError(listener.address(), last);
        dialer.endpoint().handleSendError(dialer.address(), new IOException("another destination"));
        network.run(10 * SECOND);

        assertThat(establishmentFailure(session)).isEqualTo(ConnectionEstablishmentException.Reason.TIMED_OUT);
        assertThat(session.end.failure()).hasCause(last).hasMessageContaining("Network is unreachable");
    }

    @Test
    void anErrorOfASendEndsNoEstablishedConnection() {
        EnginePeer.Session session = dialer.connect(listener);
        network.run(SECOND);
        dialer.endpoint().handleSendError(listener.address(), new IOException("Network is unreachable"));
        network.run(SECOND);

        assertThat(session.connection.isOpen()).isTrue();
    }

    /** docs/PROTOCOL.md, section 14. */
    @Test
    void anInternalErrorEndsBothSidesWithATypedCauseOfWhichThePeerLearnsNoMore() {
        EnginePeer.Session session = dialer.connect(listener);
        network.run(SECOND);
        EnginePeer.Session there = listener.established();
        InternalErrorException failure = new InternalErrorException(
                false, "a secret", session.connection.context(), new IllegalStateException("a secret"));
        session.connection.closeForInternalError(failure, network.nowNs());
        dialer.pump(network.nowNs());
        network.run(SECOND);

        assertThat(session.end.failure()).isSameAs(failure);
        assertThat(there.end.failure())
                .isInstanceOfSatisfying(
                        InternalErrorException.class,
                        learnt -> assertThat(learnt.byPeer()).isTrue())
                .hasMessageNotContaining("a secret");
    }

    @Test
    void aPeerWithAnotherKeyDoesNotAnswer() {
        EnginePeer impostor = new EnginePeer(network, 2, random, SETTINGS);
        EnginePeer.Session session = dialer.connect(listener);
        network.run(11 * SECOND);
        assertThat(establishmentFailure(session)).isEqualTo(ConnectionEstablishmentException.Reason.TIMED_OUT);
        assertThat(impostor.endpoint().counters().invalidInitiations).isPositive();
        assertThat(impostor.sessions()).isEmpty();
    }

    @Test
    void aLostInitiationAResponseAndAConfirmationAreRepaired() {
        for (byte type : new byte[] {DatagramType.INITIATION, DatagramType.RESPONSE, DatagramType.DATA}) {
            SeededRandom seeded = new SeededRandom(type);
            LossyNetwork lossy = new LossyNetwork(seeded, LossyNetwork.Faults.NONE);
            EnginePeer one = new EnginePeer(lossy, 1, seeded, SETTINGS);
            EnginePeer two = new EnginePeer(lossy, 2, seeded, SETTINGS);
            int[] seen = new int[1];
            lossy.setBlackHole(datagram -> datagram[0] == type && seen[0]++ == 0);
            one.connect(two);
            lossy.run(5 * SECOND);
            assertThat(one.established().connection.isOpen()).isTrue();
            assertThat(two.established().connection.isOpen()).isTrue();
        }
    }

    @Test
    void aDuplicateOfAnInitiationGetsTheSameResponseAndMakesNoSecondConnection() {
        byte[][] initiation = capture((byte) DatagramType.INITIATION);
        dialer.connect(listener);
        network.inject(dialer.address(), listener.address(), initiation[0], 100);
        network.run(SECOND);
        assertThat(listener.sessions()).hasSize(1);
        assertThat(listener.endpoint().establishedCount()).isEqualTo(1);
    }

    @Test
    void aReplayedInitiationChangesNothing() {
        byte[][] initiation = capture((byte) DatagramType.INITIATION);
        EnginePeer.Session session = dialer.connect(listener);
        network.run(SECOND);
        network.inject(dialer.address(), listener.address(), initiation[0], 0);
        network.run(20 * SECOND);
        assertThat(session.connection.isOpen()).isTrue();
        assertThat(listener.sessions()).hasSize(1);
        assertThat(listener.endpoint().counters().invalidInitiations).isEqualTo(1);
    }

    @Test
    void garbageAndForgeriesFromThePeersAddressMoveNothing() {
        EnginePeer.Session session = dialer.connect(listener);
        byte[][] data = capture((byte) DatagramType.DATA);
        network.run(SECOND);
        session.send(new byte[1000]);
        dialer.pump(network.nowNs());
        network.run(SECOND);
        EnginePeer.Session there = listener.established();
        long received = there.connection.counters().packetsReceived;
        long timeoutNs = there.connection.nextTimeoutNs();
        for (int i = 0; i < data[0].length; i++) {
            byte[] forged = data[0].clone();
            forged[i] ^= 1;
            network.inject(dialer.address(), listener.address(), forged, 0);
            network.inject(dialer.address(), listener.address(), Arrays.copyOf(data[0], i), 0);
        }
        network.inject(dialer.address(), listener.address(), data[0], 0);
        network.run(1_000_000);
        assertThat(there.connection.isOpen()).isTrue();
        assertThat(there.connection.counters().packetsReceived).isEqualTo(received);
        assertThat(there.connection.nextTimeoutNs()).isEqualTo(timeoutNs);
        assertThat(there.received).hasSize(1);
    }

    @Test
    void bothSidesDialingAtOnceEndUpWithOneConnection() {
        dialer.connect(listener);
        listener.connect(dialer);
        network.run(5 * SECOND);
        assertThat(dialer.endpoint().connections()).hasSize(1);
        assertThat(listener.endpoint().connections()).hasSize(1);
        EnginePeer.Session one = dialer.established();
        EnginePeer.Session two = listener.established();
        EnginePeer lower = dialer.identity().compareTo(listener.identity()) < 0 ? dialer : listener;
        assertThat(lower.established().connection.isDialing()).isTrue();
        one.send(new byte[] {1});
        two.send(new byte[] {2});
        dialer.pump(network.nowNs());
        listener.pump(network.nowNs());
        network.run(SECOND);
        assertThat(one.received).containsExactly(new byte[] {2});
        assertThat(two.received).containsExactly(new byte[] {1});
    }

    @Test
    void aRestartedPeerReplacesItsOldConnection() {
        dialer.connect(listener);
        network.run(SECOND);
        EnginePeer.Session old = listener.established();
        EnginePeer restarted = new EnginePeer(network, 1, random, SETTINGS, dialer.keyPair());
        restarted.connect(listener);
        network.run(SECOND);
        assertThat(lossOf(old)).isEqualTo(ConnectionLostException.Reason.PEER_RESTARTED);
        assertThat(listener.established()).isNotSameAs(old);
    }

    @Test
    void anotherKeyAtTheSameAddressReplacesTheOldConnection() {
        dialer.connect(listener);
        network.run(SECOND);
        EnginePeer.Session old = listener.established();
        EnginePeer other = new EnginePeer(network, 1, random, SETTINGS, KeyPair.generate(random));
        other.connect(listener);
        network.run(SECOND);
        assertThat(lossOf(old)).isEqualTo(ConnectionLostException.Reason.IDENTITY_CHANGED);
        assertThat(listener.established().connection.remoteIdentity()).isEqualTo(other.identity());
    }

    @Test
    void aSilentPeerBecomesUnresponsiveAndIsLostAfterTheIdleTimeout() {
        EnginePeer.Session session = dialer.connect(listener);
        network.run(SECOND);
        network.detach(listener);
        network.run(119 * SECOND);
        assertThat(session.connection.state()).isInstanceOf(ConnectionState.Unresponsive.class);
        network.run(2 * SECOND);
        assertThat(lossOf(session)).isEqualTo(ConnectionLostException.Reason.IDLE_TIMEOUT);
        assertThat(session.end.failure().remoteIdentity()).isEqualTo(listener.identity());
    }

    @Test
    void aBlackHoleOfTwoSecondsIsSurvived() {
        EnginePeer.Session session = dialer.connect(listener);
        network.run(SECOND);
        EnginePeer.Session there = listener.established();
        network.setBlackHole(datagram -> true);
        byte[] message = new byte[100_000];
        random.nextBytes(message);
        session.send(message);
        dialer.pump(network.nowNs());
        network.run(2 * SECOND);
        assertThat(session.connection.state()).isInstanceOf(ConnectionState.Unresponsive.class);
        network.setBlackHole(datagram -> false);
        network.run(10 * SECOND);
        assertThat(session.connection.state()).isInstanceOf(ConnectionState.Established.class);
        assertThat(there.received).containsExactly(message);
    }

    @Test
    void idleConnectionsAreKeptAliveWithFewDatagrams() {
        EnginePeer.Session session = dialer.connect(listener);
        network.run(SECOND);
        long before = network.datagramsCarried();
        network.run(3600 * SECOND);
        assertThat(session.connection.isOpen()).isTrue();
        assertThat(network.datagramsCarried() - before).isBetween(240L, 4L * 240);
    }

    @Test
    void aCloseEndsBothSidesAtOnceWithItsReason() {
        EnginePeer.Session session = dialer.connect(listener);
        network.run(SECOND);
        EnginePeer.Session there = listener.established();
        session.connection.close(42, "bye", network.nowNs());
        dialer.pump(network.nowNs());
        network.run(SECOND);
        assertThat(session.end.failure()).isNull();
        assertThat(there.end.failure()).isNull();
        assertThat(((ConnectionClosedException) there.end.pendingFailure()).reason())
                .isEqualTo(new CloseReason(true, true, 42, "bye"));
        assertThat(there.states).last().isEqualTo(new ConnectionState.Closing(new CloseReason(true, true, 42, "bye")));
    }

    @Test
    void aCloseSurvivesLossAndAClosedSideEndsEvenIfNobodyConfirms() {
        EnginePeer.Session session = dialer.connect(listener);
        network.run(SECOND);
        int[] lost = new int[1];
        network.setBlackHole(datagram -> lost[0]++ < 2);
        session.connection.close(0, "", network.nowNs());
        dialer.pump(network.nowNs());
        network.run(SECOND);
        assertThat(listener.endpoint().connections()).isEmpty();
        assertThat(session.end).isNotNull();
    }

    @Test
    void bothSidesMayCloseAtOnce() {
        EnginePeer.Session session = dialer.connect(listener);
        network.run(SECOND);
        EnginePeer.Session there = listener.established();
        session.connection.close(1, "a", network.nowNs());
        there.connection.close(2, "b", network.nowNs());
        dialer.pump(network.nowNs());
        listener.pump(network.nowNs());
        network.run(SECOND);
        assertThat(List.of(session, there)).allMatch(ended -> ended.end != null && ended.end.failure() == null);
    }

    @Test
    void aPingIsAnsweredWithinOneRoundTrip() {
        EnginePeer.Session session = dialer.connect(listener);
        network.run(SECOND);
        long id = session.connection.ping(network.nowNs());
        dialer.pump(network.nowNs());
        network.run(SECOND);
        assertThat(session.pongs).singleElement().satisfies(pong -> {
            assertThat(pong.id()).isEqualTo(id);
            assertThat(pong.roundTripNs()).isEqualTo(2 * LossyNetwork.Faults.NONE.latencyNs());
        });
    }

    @Test
    void aSideThatReadsNothingStopsTheOtherAfterTheWindow() {
        EnginePeer.Session session = dialer.connect(listener);
        network.run(SECOND);
        EnginePeer.Session there = listener.established();
        there.reading = false;
        byte[] message = new byte[100_000];
        for (int i = 0; i < 50; i++) {
            session.send(message);
        }
        dialer.pump(network.nowNs());
        network.run(10 * SECOND);
        assertThat(session.connection.messages().acknowledgedBytes()).isEqualTo(SETTINGS.streamWindow());
        there.reading = true;
        listener.pump(network.nowNs());
        network.run(10 * SECOND);
        assertThat(there.received).hasSize(50);
        assertThat(session.isDelivered()).isTrue();
    }

    @Test
    void moreAttemptsThanAreAcceptableAreRefusedAsOverloaded() {
        listener.endpoint().setAcceptable(0);
        EnginePeer.Session session = dialer.connect(listener);
        network.run(SECOND);
        assertThat(establishmentFailure(session)).isEqualTo(ConnectionEstablishmentException.Reason.OVERLOADED);
    }

    @Test
    void anOversizedMessageIsAViolationThatBothSidesLearnOf() {
        EnginePeer small = new EnginePeer(
                network, 3, random, SETTINGS.toBuilder().maxMessageSize(1000).build());
        EnginePeer.Session session = dialer.connect(small);
        network.run(SECOND);
        EnginePeer.Session there = small.established();
        assertThat(session.connection.messages().maxSize()).isEqualTo(1000);
        session.send(new byte[1001]);
        dialer.pump(network.nowNs());
        network.run(SECOND);
        assertThat(there.end.failure()).isNotNull();
        assertThat(session.end.failure()).isNotNull().hasMessageContaining("1001");
    }

    @Test
    void theLowerOfBothIdleTimeoutsHolds() {
        EnginePeer brief = new EnginePeer(
                network,
                3,
                random,
                SETTINGS.toBuilder().idleTimeout(Duration.ofSeconds(5)).build());
        EnginePeer.Session session = dialer.connect(brief);
        network.run(SECOND);
        network.detach(brief);
        network.run(6 * SECOND);
        assertThat(lossOf(session)).isEqualTo(ConnectionLostException.Reason.IDLE_TIMEOUT);
    }

    /** Keeps the first datagram of a type that is sent from now on. */
    private byte[][] capture(byte type) {
        byte[][] captured = new byte[1][];
        network.setBlackHole(datagram -> {
            if (captured[0] == null && datagram[0] == type) {
                captured[0] = datagram.clone();
            }
            return false;
        });
        return captured;
    }

    private static ConnectionEstablishmentException.Reason establishmentFailure(EnginePeer.Session session) {
        assertThat(session.end).isNotNull();
        assertThat(session.end.failure()).isInstanceOf(ConnectionEstablishmentException.class);
        return ((ConnectionEstablishmentException) session.end.failure()).reason();
    }

    private static ConnectionLostException.Reason lossOf(EnginePeer.Session session) {
        assertThat(session.end).isNotNull();
        assertThat(session.end.failure()).isInstanceOf(ConnectionLostException.class);
        return ((ConnectionLostException) session.end.failure()).reason();
    }
}
