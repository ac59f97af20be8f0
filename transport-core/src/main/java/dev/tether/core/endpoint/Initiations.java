package dev.tether.core.endpoint;

import dev.tether.core.PeerIdentity;
import dev.tether.core.connection.Connection;
import dev.tether.core.connection.ConnectionObserver;
import dev.tether.core.connection.EngineContext;
import dev.tether.core.connection.ResponderHandshake;
import dev.tether.core.connection.Transmit;
import dev.tether.core.frame.TransportErrorCode;
import dev.tether.core.noise.HandshakeFailedException;
import dev.tether.core.noise.HandshakeState;
import dev.tether.core.wire.HandshakePayload;
import dev.tether.core.wire.InitiationDatagram;
import dev.tether.core.wire.Refusal;
import dev.tether.core.wire.VersionRange;
import dev.tether.core.wire.WireFormatException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What peers send to begin a connection: each authentic initiation is answered, refused, passed over, or left to the
 * application to decide on. docs/PROTOCOL.md, "The accepting side".
 */
final class Initiations {

    private static final int MAX_QUEUED_REFUSALS = 256;

    private record StatelessReply(InetSocketAddress to, byte[] datagram) {}

    private final EngineContext context;
    private final ConnectionObserver observer;
    private final ConnectionTable table;
    private final EndpointCounters counters;
    private final boolean asksForAdmission;
    private final HandshakeRamp ramp;
    private final AnsweredInitiations answered = new AnsweredInitiations();
    private final PendingAdmissions admissions = new PendingAdmissions();
    private final ArrayDeque<StatelessReply> refusals = new ArrayDeque<>();
    private final byte[] payload = new byte[Transmit.MAX_LENGTH];
    private int acceptable = Integer.MAX_VALUE;
    private boolean stopped;

    Initiations(
            EngineContext context,
            ConnectionObserver observer,
            ConnectionTable table,
            EndpointCounters counters,
            boolean asksForAdmission,
            long startNs) {
        this.context = context;
        this.observer = observer;
        this.table = table;
        this.counters = counters;
        this.asksForAdmission = asksForAdmission;
        this.ramp = new HandshakeRamp(
                context.settings().handshakesPerSecond(),
                context.settings().handshakeRamp().toNanos(),
                startNs);
    }

    /** How many are answered and not confirmed. */
    int answered() {
        return answered.size();
    }

    /** How many wait for a decision of the application. */
    int pendingAdmissions() {
        return admissions.size();
    }

    boolean isForThis(byte[] datagram, int offset, int length) {
        return InitiationDatagram.isWellFormed(datagram, offset, length)
                && context.handshakeMac().verifyMac1(datagram, offset, length);
    }

    void handle(byte[] datagram, int offset, int length, InetSocketAddress from, long nowNs) {
        if (!isForThis(datagram, offset, length)) {
            counters.invalidInitiations++;
            return;
        }
        Connection duplicateOf = answered.find(datagram, offset);
        if (duplicateOf != null) {
            handleDuplicate(duplicateOf, from, nowNs);
            return;
        }
        if (admissions.contains(datagram, offset)) {
            return;
        }
        if (!ramp.tryTake(nowNs)) {
            counters.deferredInitiations++;
            return;
        }
        HandshakeState noise = HandshakeState.responder(context.keyPair(), EngineContext.prologue(), context.random());
        try {
            int payloadLength = noise.readMessage(
                    datagram,
                    InitiationDatagram.noiseOffset(offset),
                    InitiationDatagram.noiseLength(length),
                    payload,
                    0);
            HandshakePayload initiation = HandshakePayload.decodeInitiation(payload, 0, payloadLength);
            handleAuthentic(noise, Initiation.of(initiation, datagram, offset, from), nowNs);
        } catch (HandshakeFailedException | WireFormatException e) {
            counters.invalidInitiations++;
        }
    }

    void setAcceptable(int acceptable) {
        this.acceptable = acceptable;
    }

    void stopAccepting() {
        stopped = true;
        for (PendingAdmissions.Pending pending : admissions.withdrawAll()) {
            refuse(pending.noise(), pending.initiation(), closing());
        }
    }

    @Nullable
    AdmissionRequest pollAdmissionRequest() {
        return admissions.pollRequest();
    }

    @Nullable
    AdmissionRequest pollWithdrawnRequest() {
        return admissions.pollWithdrawn();
    }

    /** Produces a refusal. */
    boolean pollTransmit(Transmit transmit) {
        StatelessReply reply = refusals.poll();
        if (reply == null) {
            return false;
        }
        transmit.setSingle(reply.to, reply.datagram);
        return true;
    }

    void onConfirmed(Connection connection) {
        answered.remove(connection);
        if (connection.isDialing()) {
            // The peer has given up its own attempt for this one.
            admissions.withdraw(connection.remoteIdentity());
        } else if (acceptable > 0 && acceptable < Integer.MAX_VALUE) {
            acceptable--;
        }
    }

    void onEnded(Connection connection) {
        answered.remove(connection);
    }

    private void handleAuthentic(HandshakeState noise, Initiation initiation, long nowNs) {
        PeerIdentity identity = noise.remoteStatic();
        InitiationRule rule = ruleFor(identity, initiation, nowNs);
        if (!isToBeAnswered(rule, identity, nowNs)) {
            return;
        }
        Refusal refusal = refusalOf(initiation.payload(), admissions.sizeWithout(identity));
        if (refusal != null) {
            refuse(noise, initiation, refusal);
        } else if (asksForAdmission) {
            admissions.add(noise, initiation);
        } else {
            answer(noise, initiation, rule, nowNs);
        }
    }

    /** The application has decided; but the world may have changed since it was asked. */
    void decide(long requestId, @Nullable Refusal refusalByApplication, long nowNs) {
        PendingAdmissions.Pending pending = admissions.take(requestId);
        if (pending == null) {
            return;
        }
        Initiation initiation = pending.initiation();
        PeerIdentity identity = pending.request().remoteIdentity();
        InitiationRule rule = ruleFor(identity, initiation, nowNs);
        if (!isToBeAnswered(rule, identity, nowNs)) {
            return;
        }
        Refusal refusal = refusalByApplication != null ? refusalByApplication : refusalOf(initiation.payload(), 0);
        if (refusal != null) {
            refuse(pending.noise(), initiation, refusal);
        } else {
            answer(pending.noise(), initiation, rule, nowNs);
        }
    }

    /** What is to be done about an authentic initiation; null for nothing, because it is not a new one. */
    private @Nullable InitiationRule ruleFor(PeerIdentity identity, Initiation initiation, long nowNs) {
        ConnectionTable.Peer peer = table.peer(identity);
        long timestampNs = initiation.timestampNs();
        if (identity.equals(context.identity())
                || (peer != null && !peer.isNewer(timestampNs))
                || !admissions.isNewer(identity, timestampNs)) {
            counters.invalidInitiations++;
            return null;
        }
        return InitiationRule.decide(peer == null ? Relation.NOTHING : peer.relation(nowNs), isOwnKeyLower(identity));
    }

    /** Whether the initiation gets an answer; if not, what its rule calls for instead is done. */
    private boolean isToBeAnswered(@Nullable InitiationRule rule, PeerIdentity identity, long nowNs) {
        ConnectionTable.Peer peer = table.peer(identity);
        if (rule == InitiationRule.RESEND_OWN && peer != null && peer.dialing != null) {
            peer.dialing.redial(nowNs);
            table.touch(peer.dialing);
        } else if (rule == InitiationRule.PROBE_ESTABLISHED && peer != null && peer.confirmed != null) {
            peer.confirmed.probe();
            table.touch(peer.confirmed);
        }
        return rule == InitiationRule.ANSWER || rule == InitiationRule.ANSWER_AND_PAUSE_OWN;
    }

    /** Answers a copy like the first one, unless the own attempt has begun since, and wins. */
    private void handleDuplicate(Connection answering, InetSocketAddress from, long nowNs) {
        ConnectionTable.Peer peer = table.peer(answering.remoteIdentity());
        Connection own = peer == null ? null : peer.dialing;
        if (own != null && !own.isDialingPaused(nowNs) && isOwnKeyLower(answering.remoteIdentity())) {
            own.redial(nowNs);
            table.touch(own);
        } else {
            answering.handleDuplicateInitiation(from);
            table.touch(answering);
        }
    }

    private boolean isOwnKeyLower(PeerIdentity remote) {
        return context.identity().compareTo(remote) < 0;
    }

    private void answer(HandshakeState noise, Initiation initiation, @Nullable InitiationRule rule, long nowNs) {
        Connection connection;
        try {
            connection = Connection.answer(
                    context,
                    observer,
                    noise,
                    initiation.payload(),
                    initiation.from(),
                    table.newId(context.random()),
                    initiation.senderId(),
                    nowNs);
        } catch (HandshakeFailedException e) {
            counters.invalidInitiations++;
            return;
        }
        ConnectionTable.Peer peer = table.add(connection);
        Connection earlier = peer.answering;
        peer.answering = connection;
        peer.timestampNs = initiation.timestampNs();
        peer.hasTimestamp = true;
        answered.add(connection, initiation);
        if (earlier != null) {
            earlier.fail(Failures.superseded(earlier));
        }
        if (rule == InitiationRule.ANSWER_AND_PAUSE_OWN && peer.dialing != null) {
            peer.dialing.pauseDialing(nowNs);
        }
    }

    /**
     * Why an initiation is refused whatever the application says; null for no reason.
     *
     * @param pending how many others wait for a decision, each of which keeps a place
     */
    private @Nullable Refusal refusalOf(HandshakePayload initiation, int pending) {
        VersionRange offered = initiation.supportedVersions();
        if (offered == null || offered.highestCommon(VersionRange.SUPPORTED).isEmpty()) {
            return new Refusal(
                    TransportErrorCode.VERSION_MISMATCH,
                    "this side speaks versions " + VersionRange.SUPPORTED + ", the initiation offers " + offered);
        }
        if (stopped) {
            return closing();
        }
        if (answered.size() + pending >= Math.min(acceptable, context.settings().maxHalfOpen())
                || table.size() + pending >= context.settings().maxConnections()) {
            return new Refusal(TransportErrorCode.OVERLOADED, "no more connections are accepted for now");
        }
        return null;
    }

    private static Refusal closing() {
        return new Refusal(TransportErrorCode.NODE_CLOSING, "the node is closing");
    }

    private void refuse(HandshakeState noise, Initiation initiation, Refusal refusal) {
        HandshakePayload response = HandshakePayload.builder()
                .supportedVersions(VersionRange.SUPPORTED)
                .refusal(refusal)
                .build();
        counters.refused++;
        if (refusal.applicationCode().isPresent()) {
            counters.refusedByApplication++;
        } else if (refusal.errorCode() == TransportErrorCode.OVERLOADED) {
            counters.refusedForCapacity++;
        }
        if (refusals.size() >= MAX_QUEUED_REFUSALS) {
            return;
        }
        try {
            refusals.add(new StatelessReply(
                    initiation.from(), ResponderHandshake.response(noise, 0, initiation.senderId(), response)));
        } catch (HandshakeFailedException e) {
            counters.invalidInitiations++;
        }
    }
}
