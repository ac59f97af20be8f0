package dev.tether.core.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.TransportSettings;
import dev.tether.core.connection.Connection;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.error.ConnectionEstablishmentException.Reason;
import dev.tether.core.frame.TransportErrorCode;
import dev.tether.core.noise.KeyPair;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.core.wire.DatagramType;
import dev.tether.core.wire.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Attempts that wait for a decision. docs/PROTOCOL.md, section 6.2. */
class AdmissionTest {

    private static final long MILLISECOND = 1_000_000L;
    private static final long SECOND = 1000 * MILLISECOND;
    private static final Refusal NOT_YOU =
            new Refusal(TransportErrorCode.CONNECTION_REFUSED, OptionalLong.of(0x41), "not you");

    private final SeededRandom random = new SeededRandom(7);
    private final LossyNetwork network = new LossyNetwork(random, LossyNetwork.Faults.NONE);
    private final KeyPair lower;
    private final KeyPair higher;
    private int port;

    AdmissionTest() {
        KeyPair one = KeyPair.generate(random);
        KeyPair two = KeyPair.generate(random);
        boolean inOrder = one.identity().compareTo(two.identity()) < 0;
        lower = inOrder ? one : two;
        higher = inOrder ? two : one;
    }

    @Test
    void anAttemptIsAnsweredOnlyWhenItIsAccepted() {
        EnginePeer listener = asking(lower);
        EnginePeer dialer = peer(higher);
        EnginePeer.Session session = dialer.connect(listener);
        network.run(5 * SECOND);
        assertThat(listener.endpoint().pendingAdmissionCount()).isEqualTo(1);
        assertThat(listener.sessions()).isEmpty();

        AdmissionRequest request = onlyRequest(listener);
        assertThat(request.remoteIdentity()).isEqualTo(dialer.identity());
        assertThat(request.remoteAddress()).isEqualTo(dialer.address());
        accept(listener, request);
        network.run(SECOND);

        assertThat(session.connection.isOpen()).isTrue();
        assertThat(listener.established().connection.remoteIdentity()).isEqualTo(dialer.identity());
        assertThat(listener.endpoint().pendingAdmissionCount()).isZero();
        assertThat(listener.endpoint().pollAdmissionRequest()).isNull();
    }

    @Test
    void aCopyAfterTheAcceptanceGetsTheSameResponse() {
        EnginePeer listener = asking(lower);
        EnginePeer.Session session = peer(higher).connect(listener);
        network.run(SECOND);
        List<byte[]> responses = new ArrayList<>();
        network.setBlackHole(datagram -> {
            boolean isResponse = datagram[0] == DatagramType.RESPONSE;
            if (isResponse) {
                responses.add(datagram.clone());
            }
            return isResponse && responses.size() == 1;
        });
        accept(listener, onlyRequest(listener));
        network.run(3 * SECOND);

        assertThat(session.connection.isOpen()).isTrue();
        assertThat(responses).hasSizeGreaterThan(1);
        assertThat(responses.get(1)).isEqualTo(responses.get(0));
        assertThat(listener.endpoint().pollAdmissionRequest()).isNull();
    }

    @Test
    void aRefusalHasTheApplicationsCodeAndIsNotMistakenForTheTransports() {
        EnginePeer listener = asking(lower);
        EnginePeer.Session session = peer(higher).connect(listener);
        network.run(SECOND);
        refuse(listener, onlyRequest(listener));
        network.run(SECOND);

        ConnectionEstablishmentException failure = failureOf(session);
        assertThat(failure.reason()).isEqualTo(Reason.REFUSED);
        assertThat(failure.isByApplication()).isTrue();
        assertThat(failure.code()).isEqualTo(0x41);
        assertThat(failure).hasMessageContaining("not you");
        assertThat(listener.sessions()).isEmpty();
        assertThat(listener.endpoint().counters().refused).isEqualTo(1);
        assertThat(listener.endpoint().counters().refusedByApplication).isEqualTo(1);
        assertThat(listener.endpoint().counters().refusedForCapacity).isZero();
    }

    @Test
    void aNewerInitiationOfTheSameKeyTakesThePlaceOfTheOlderOne() {
        EnginePeer listener = asking(lower);
        EnginePeer before = peer(higher);
        before.connect(listener);
        network.run(SECOND);
        AdmissionRequest older = onlyRequest(listener);
        network.detach(before);
        EnginePeer after = peer(higher);
        EnginePeer.Session session = after.connect(listener);
        network.run(SECOND);

        AdmissionRequest newer = onlyRequest(listener);
        assertThat(newer.remoteAddress()).isEqualTo(after.address());
        assertThat(listener.endpoint().pollWithdrawnRequest()).isEqualTo(older);
        accept(listener, older);
        network.run(SECOND);
        assertThat(listener.sessions())
                .as("after a decision that came too late")
                .isEmpty();
        accept(listener, newer);
        network.run(SECOND);
        assertThat(session.connection.isOpen()).isTrue();
    }

    @Test
    void anOlderInitiationOfTheSameKeyIsDropped() {
        EnginePeer listener = asking(lower);
        EnginePeer dialer = peer(higher);
        byte[] older = initiationOf(dialer, listener);
        network.run(SECOND);
        onlyRequest(listener);
        EnginePeer restarted = peer(higher);
        restarted.connect(listener);
        network.run(SECOND);
        AdmissionRequest newer = onlyRequest(listener);

        network.detach(dialer);
        network.inject(dialer.address(), listener.address(), older, 0);
        network.run(SECOND);
        assertThat(listener.endpoint().pollAdmissionRequest()).isNull();
        accept(listener, newer);
        network.run(SECOND);
        assertThat(restarted.established().connection.isOpen()).isTrue();
    }

    @Test
    void aReplacedRequestThatNobodyHasPolledIsNeverSeen() {
        EnginePeer listener = asking(lower);
        EnginePeer before = peer(higher);
        before.connect(listener);
        network.run(SECOND);
        network.detach(before);
        EnginePeer after = peer(higher);
        after.connect(listener);
        network.run(SECOND);

        assertThat(onlyRequest(listener).remoteAddress()).isEqualTo(after.address());
        assertThat(listener.endpoint().pollWithdrawnRequest()).isNull();
    }

    @Test
    void anOwnAttemptIsNotAskedAbout() {
        EnginePeer listener = asking(lower);
        EnginePeer dialer = asking(higher);
        dialer.connect(listener);
        network.run(SECOND);
        accept(listener, onlyRequest(listener));
        network.run(SECOND);
        assertThat(dialer.established().connection.isOpen()).isTrue();
        assertThat(dialer.endpoint().pollAdmissionRequest()).isNull();
    }

    @Test
    void anOwnAttemptThatSucceedsMeanwhileWithdrawsTheRequest() {
        // The peer answers with the higher key, as its own attempt has to wait for the lower one.
        EnginePeer listener = asking(lower);
        EnginePeer dialer = peer(higher);
        dialer.connect(listener);
        network.run(SECOND);
        AdmissionRequest request = onlyRequest(listener);
        EnginePeer.Session own = listener.connect(dialer);
        network.run(SECOND);

        assertThat(own.connection.isOpen()).isTrue();
        assertThat(listener.endpoint().pollWithdrawnRequest()).isEqualTo(request);
        assertThat(listener.endpoint().pendingAdmissionCount()).isZero();
        refuse(listener, request);
        network.run(5 * SECOND);
        assertThat(own.connection.isOpen()).isTrue();
        assertThat(listener.endpoint().connections()).containsExactly(own.connection);
        assertThat(dialer.endpoint().connections()).hasSize(1);
    }

    @Test
    void aDecisionOnAnAttemptThatLosesToTheOwnOneHasNoEffect() {
        EnginePeer listener = asking(lower);
        EnginePeer dialer = peer(higher);
        dialer.connect(listener);
        network.run(SECOND);
        AdmissionRequest request = onlyRequest(listener);
        network.setScript(sent -> sent.from().equals(listener.address()) ? LossyNetwork.Script.LOST : 0);
        EnginePeer.Session own = listener.connect(dialer);
        accept(listener, request);
        assertThat(listener.endpoint().halfOpenCount()).isZero();
        network.setScript(sent -> 0);
        network.run(3 * SECOND);

        assertThat(own.connection.isOpen()).isTrue();
        assertThat(listener.endpoint().connections()).containsExactly(own.connection);
        assertThat(dialer.endpoint().connections()).hasSize(1);
    }

    @Test
    void anAcceptedAttemptOfTheLowerKeyPausesTheOwnOne() {
        EnginePeer listener = asking(higher);
        EnginePeer dialer = peer(lower);
        dialer.connect(listener);
        network.run(SECOND);
        AdmissionRequest request = onlyRequest(listener);
        EnginePeer.Session own = listener.connect(dialer);
        network.run(SECOND);
        assertThat(own.connection.isOpen())
                .as("an attempt that the lower key ignores")
                .isFalse();
        accept(listener, request);
        network.run(SECOND);

        assertThat(failureOf(own).reason()).isEqualTo(Reason.ALREADY_EXISTS);
        assertThat(listener.established().connection.isDialing()).isFalse();
        assertThat(dialer.endpoint().connections()).hasSize(1);
    }

    @Test
    void whatWaitsTakesThePlaceOfAHalfOpenOne() {
        EnginePeer listener = asking(lower, settings().maxHalfOpen(2).build());
        dial(listener);
        dial(listener);
        EnginePeer.Session third = dial(listener);
        network.run(SECOND);

        assertThat(requests(listener)).hasSize(2);
        assertThat(failureOf(third).reason()).isEqualTo(Reason.OVERLOADED);
        assertThat(listener.endpoint().counters().refusedForCapacity).isEqualTo(1);
    }

    @Test
    void thereHasToBeRoomWhenTheDecisionComes() {
        EnginePeer listener = asking(lower);
        EnginePeer.Session session = dial(listener);
        network.run(SECOND);
        listener.endpoint().setAcceptable(0);
        accept(listener, onlyRequest(listener));
        network.run(SECOND);
        assertThat(failureOf(session).reason()).isEqualTo(Reason.OVERLOADED);
    }

    @Test
    void anotherOneThatWaitsDoesNotTakeThePlaceOfOneThatIsAccepted() {
        EnginePeer listener = asking(lower, settings().maxHalfOpen(2).build());
        EnginePeer.Session first = dial(listener);
        dial(listener);
        network.run(SECOND);
        listener.endpoint().setAcceptable(1);
        accept(listener, requests(listener).get(0));
        network.run(SECOND);
        assertThat(first.connection.isOpen()).isTrue();
    }

    @Test
    void aNodeThatClosesRefusesWhatWaits() {
        EnginePeer listener = asking(lower);
        EnginePeer.Session session = dial(listener);
        network.run(SECOND);
        AdmissionRequest request = onlyRequest(listener);
        listener.endpoint().stopAccepting();
        listener.pump(network.nowNs());
        network.run(SECOND);

        ConnectionEstablishmentException failure = failureOf(session);
        assertThat(failure.reason()).isEqualTo(Reason.REFUSED);
        assertThat(failure.isByApplication()).isFalse();
        assertThat(failure.code()).isEqualTo(TransportErrorCode.NODE_CLOSING);
        assertThat(listener.endpoint().pollWithdrawnRequest()).isEqualTo(request);
        accept(listener, request);
        assertThat(listener.sessions()).isEmpty();
    }

    @Test
    void aNodeThatClosesRefusesWhoComesLater() {
        EnginePeer listener = peer(lower);
        listener.endpoint().stopAccepting();
        EnginePeer.Session session = dial(listener);
        network.run(SECOND);
        assertThat(failureOf(session).code()).isEqualTo(TransportErrorCode.NODE_CLOSING);
    }

    @Test
    void eachConfirmedConnectionTakesOneOfThePlacesThatAreLeft() {
        EnginePeer listener = peer(lower);
        listener.endpoint().setAcceptable(2);
        EnginePeer.Session first = dial(listener);
        network.run(SECOND);
        EnginePeer.Session second = dial(listener);
        network.run(SECOND);
        EnginePeer.Session third = dial(listener);
        network.run(SECOND);

        assertThat(first.connection.isOpen()).isTrue();
        assertThat(second.connection.isOpen()).isTrue();
        assertThat(failureOf(third).reason()).isEqualTo(Reason.OVERLOADED);
    }

    @Test
    void anInitiationBeyondTheRateIsAnsweredWhenItComesAgain() {
        EnginePeer listener = peer(lower, settings().handshakesPerSecond(4).build(), false);
        EnginePeer.Session first = dial(listener);
        EnginePeer.Session second = dial(listener);
        network.run(100 * MILLISECOND);
        assertThat(first.connection.isOpen()).isTrue();
        assertThat(second.connection.isOpen()).isFalse();
        assertThat(listener.endpoint().counters().deferredInitiations).isEqualTo(1);
        network.run(SECOND);
        assertThat(second.connection.isOpen()).isTrue();
        assertThat(listener.endpoint().counters().refused).isZero();
    }

    @Test
    void aCopyOfAnAnsweredInitiationIsNotHeldBackByTheRate() {
        EnginePeer listener = peer(lower, settings().handshakesPerSecond(1).build(), false);
        int[] responses = new int[1];
        network.setBlackHole(datagram -> datagram[0] == DatagramType.RESPONSE && responses[0]++ == 0);
        EnginePeer.Session session = dial(listener);
        network.run(500 * MILLISECOND);
        assertThat(session.connection.isOpen()).isTrue();
        assertThat(listener.endpoint().counters().deferredInitiations).isZero();
    }

    private EnginePeer.Session dial(EnginePeer listener) {
        return peer(KeyPair.generate(random)).connect(listener);
    }

    private EnginePeer peer(KeyPair key) {
        return peer(key, TransportSettings.defaults(), false);
    }

    private EnginePeer asking(KeyPair key) {
        return asking(key, TransportSettings.defaults());
    }

    private EnginePeer asking(KeyPair key, TransportSettings settings) {
        return peer(key, settings, true);
    }

    private EnginePeer peer(KeyPair key, TransportSettings settings, boolean asks) {
        return new EnginePeer(network, ++port, random, settings, key, asks);
    }

    private static TransportSettings.Builder settings() {
        return TransportSettings.defaults().toBuilder();
    }

    private void accept(EnginePeer peer, AdmissionRequest request) {
        peer.endpoint().accept(request.id(), network.nowNs());
        peer.pump(network.nowNs());
    }

    private void refuse(EnginePeer peer, AdmissionRequest request) {
        peer.endpoint().refuse(request.id(), NOT_YOU, network.nowNs());
        peer.pump(network.nowNs());
    }

    private static AdmissionRequest onlyRequest(EnginePeer peer) {
        List<AdmissionRequest> requests = requests(peer);
        assertThat(requests).hasSize(1);
        return requests.get(0);
    }

    private static List<AdmissionRequest> requests(EnginePeer peer) {
        List<AdmissionRequest> requests = new ArrayList<>();
        for (AdmissionRequest request = peer.endpoint().pollAdmissionRequest();
                request != null;
                request = peer.endpoint().pollAdmissionRequest()) {
            requests.add(request);
        }
        return requests;
    }

    /** Dials, and keeps what it sends. */
    private byte[] initiationOf(EnginePeer dialer, EnginePeer listener) {
        byte @Nullable [][] captured = new byte[1][];
        network.setBlackHole(datagram -> {
            captured[0] = captured[0] == null ? datagram.clone() : captured[0];
            return false;
        });
        dialer.connect(listener);
        return Objects.requireNonNull(captured[0]);
    }

    private static ConnectionEstablishmentException failureOf(EnginePeer.Session session) {
        Connection connection = session.connection;
        assertThat(session.end).as("the end of %s", connection.state()).isNotNull();
        assertThat(session.end.failure()).isInstanceOf(ConnectionEstablishmentException.class);
        return (ConnectionEstablishmentException) session.end.failure();
    }
}
