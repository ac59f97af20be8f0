package dev.tether.core.endpoint;

import dev.tether.core.PeerIdentity;
import dev.tether.core.connection.Connection;
import dev.tether.core.connection.ConnectionObserver;
import dev.tether.core.connection.EngineContext;
import dev.tether.core.connection.ResponderHandshake;
import dev.tether.core.connection.Transmit;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.error.ConnectionLostException;
import dev.tether.core.error.PeerContext;
import dev.tether.core.error.TransportException;
import dev.tether.core.frame.TransportErrorCode;
import dev.tether.core.noise.HandshakeFailedException;
import dev.tether.core.noise.HandshakeState;
import dev.tether.core.wire.DataHeader;
import dev.tether.core.wire.HandshakePayload;
import dev.tether.core.wire.InitiationDatagram;
import dev.tether.core.wire.Refusal;
import dev.tether.core.wire.VersionRange;
import dev.tether.core.wire.WireFormatException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one socket, as a state machine like {@link Connection}: it routes datagrams, answers initiations,
 * asks whether they are admitted, dials, and decides what becomes of an attempt when there is something with that peer
 * already. Single-threaded.
 *
 * <p>A connection that a call creates is handed out by {@link #pollCreated()}, and its driver drains it from then on.
 */
public final class Endpoint implements ConnectionObserver {

    private static final int MAX_QUEUED_REFUSALS = 256;

    private final EngineContext context;
    private final ConnectionTable table = new ConnectionTable();
    private final boolean asksForAdmission;
    private final HandshakeRamp ramp;
    private final AnsweredInitiations answered = new AnsweredInitiations();
    private final PendingAdmissions admissions = new PendingAdmissions();
    private final EndpointCounters counters = new EndpointCounters();
    private final StatelessResets resets;
    private final ArrayDeque<Connection> created = new ArrayDeque<>();
    private final ArrayDeque<Connection> touched = new ArrayDeque<>();
    private final ArrayDeque<StatelessReply> refusals = new ArrayDeque<>();
    private final byte[] payload = new byte[Transmit.MAX_LENGTH];
    private int acceptable = Integer.MAX_VALUE;
    private int established;
    private boolean stopped;

    /**
     * An endpoint without a connection.
     *
     * @param asksForAdmission whether an initiation is answered only after {@link #accept}; every request and every
     *     withdrawal then has to be polled
     * @param startNs the time at which it starts
     */
    public Endpoint(EngineContext context, boolean asksForAdmission, long startNs) {
        this.context = context;
        this.resets = new StatelessResets(context.resetTokens());
        this.asksForAdmission = asksForAdmission;
        this.ramp = new HandshakeRamp(
                context.settings().handshakesPerSecond(),
                context.settings().handshakeRamp().toNanos(),
                startNs);
    }

    // Getters

    public EndpointCounters counters() {
        return counters;
    }

    /** How many connections are established; those that close are counted until their end. */
    public int establishedCount() {
        return established;
    }

    /** How many initiations are answered and not confirmed. */
    public int halfOpenCount() {
        return answered.size();
    }

    /** How many initiations wait for a decision of the application. */
    public int pendingAdmissionCount() {
        return admissions.size();
    }

    /** All connections that have not ended, attempts included. */
    public Collection<Connection> connections() {
        return new ArrayList<>(table.all());
    }

    /** The connection that the peer addresses by this id; null if there is none. */
    public @Nullable Connection connection(long localConnectionId) {
        return table.byId(localConnectionId);
    }

    /**
     * The connection that a stateless reset ends; null if the bytes are none, or none for a connection with that address.
     * The reset is for {@link Connection#handleDatagram} then, in its turn.
     */
    public @Nullable Connection connectionResetBy(byte[] datagram, int offset, int length, InetSocketAddress from) {
        for (Connection connection : table.at(from)) {
            if (connection.isResetBy(datagram, offset, length)) {
                return connection;
            }
        }
        return null;
    }

    /** The established connection with a peer; null if there is none. */
    public @Nullable Connection establishedWith(PeerIdentity identity) {
        ConnectionTable.Peer peer = table.peer(identity);
        return peer != null && peer.confirmed != null && peer.confirmed.isOpen() ? peer.confirmed : null;
    }

    /** Whether there is a connection or an attempt with this peer, from either side and in whatever state. */
    public boolean isInvolvedWith(PeerIdentity identity) {
        return table.peer(identity) != null;
    }

    /** Whether any connection or attempt has this remote address. */
    public boolean isKnown(InetSocketAddress address) {
        return table.isKnown(address);
    }

    /** Whether the bytes are an initiation by somebody who knows this side's key. Costs one MAC, and no state. */
    public boolean isInitiationForThis(byte[] datagram, int offset, int length) {
        return InitiationDatagram.isWellFormed(datagram, offset, length)
                && context.handshakeMac().verifyMac1(datagram, offset, length);
    }

    // Inputs

    /** Takes in an initiation. */
    public void handleInitiation(byte[] datagram, int offset, int length, InetSocketAddress from, long nowNs) {
        if (!isInitiationForThis(datagram, offset, length)) {
            counters.invalidInitiations++;
            return;
        }
        Connection duplicateOf = answered.find(datagram, offset, from);
        if (duplicateOf != null) {
            handleDuplicate(duplicateOf, nowNs);
            return;
        }
        if (admissions.contains(datagram, offset, from)) {
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

    /**
     * The socket could not send to an address. It ends nothing and concerns nobody else; see
     * {@link Connection#handleSendError}.
     */
    public void handleSendError(InetSocketAddress to, Throwable cause) {
        table.at(to).forEach(connection -> connection.handleSendError(cause));
    }

    /**
     * Takes in a datagram that belongs to nothing here: counts it, and answers a data packet whose connection is gone with a
     * stateless reset, as long as there are not too many.
     */
    public void handleStray(byte[] datagram, int offset, int length, InetSocketAddress from, long nowNs) {
        counters.strayDatagrams++;
        if (!StatelessResets.isTrigger(datagram, offset, length)
                || table.byId(DataHeader.receiverConnectionId(datagram, offset)) != null) {
            return;
        }
        if (resets.answer(datagram, offset, from, nowNs)) {
            counters.statelessResets++;
        } else {
            counters.statelessResetsWithheld++;
        }
    }

    /** As many datagrams were dropped because they belong to nothing here. */
    public void countStrays(int datagrams) {
        counters.strayDatagrams += datagrams;
    }

    // Commands

    /**
     * Wants a connection with a peer. What is returned is one of these:
     *
     * <ul>
     *   <li>established: it is the answer;
     *   <li>establishing, of this call or an earlier one: to be waited for. It may be superseded by the peer's own attempt:
     *       ask {@link #establishedWith} when it ends;
     *   <li>unresponsive: it is asked for a sign of life. It is the answer if it becomes established again;
     *   <li>closing.
     * </ul>
     *
     * When an unresponsive or closing one ends, call this again.
     *
     * @param onlyNew whether an established connection is of no use
     * @throws TransportException if the peer cannot be dialed at all, or is connected and only a new connection is wanted
     */
    public Connection connect(PeerIdentity identity, InetSocketAddress address, boolean onlyNew, long nowNs) {
        ConnectionTable.Peer known = table.peer(identity);
        ConnectionTable.Peer peer = known == null ? new ConnectionTable.Peer() : known;
        return switch (ConnectRule.decide(peer.relation(nowNs), onlyNew)) {
            case DIAL -> dial(identity, address, nowNs);
            case DIAL_PAUSED -> {
                Connection dialing = dial(identity, address, nowNs);
                dialing.pauseDialing(nowNs);
                yield dialing;
            }
            case JOIN -> Objects.requireNonNull(peer.dialing);
            case AWAIT_END -> Objects.requireNonNull(peer.confirmed);
            case REFUSE ->
                throw alreadyExists(Objects.requireNonNull(peer.confirmed).context());
            case REUSE, PROBE -> {
                Connection existing = Objects.requireNonNull(peer.confirmed);
                existing.demandProof(nowNs);
                touched.add(existing);
                yield existing;
            }
        };
    }

    private Connection dial(PeerIdentity identity, InetSocketAddress address, long nowNs) {
        PeerContext peerContext = new PeerContext(identity, address, null);
        if (identity.equals(context.identity())) {
            throw new ConnectionEstablishmentException(
                    ConnectionEstablishmentException.Reason.REFUSED, 0, "this key is the node's own", peerContext);
        }
        if (table.size() >= context.settings().maxConnections()) {
            throw new ConnectionEstablishmentException(
                    ConnectionEstablishmentException.Reason.OVERLOADED,
                    0,
                    "this node has " + table.size() + " connections, which is its limit",
                    peerContext);
        }
        try {
            Connection connection = Connection.dial(context, this, identity, address, newConnectionId(), nowNs);
            table.add(connection).dialing = connection;
            created.add(connection);
            return connection;
        } catch (HandshakeFailedException e) {
            throw new ConnectionEstablishmentException(
                    ConnectionEstablishmentException.Reason.UNREACHABLE,
                    0,
                    "nobody can hold this key: " + e.getMessage(),
                    peerContext,
                    e);
        }
    }

    /** What somebody gets who wants only a new connection where there is one. */
    public static TransportException alreadyExists(PeerContext existing) {
        return new ConnectionEstablishmentException(
                ConnectionEstablishmentException.Reason.ALREADY_EXISTS,
                0,
                "there is a connection already, and only a new one was wanted",
                existing);
    }

    /** Gives up the own attempt to connect to a peer, if one runs. */
    public void abandon(PeerIdentity identity, long nowNs) {
        ConnectionTable.Peer peer = table.peer(identity);
        if (peer != null && peer.dialing != null) {
            peer.dialing.close(0, "the attempt was cancelled", nowNs);
        }
    }

    /**
     * Sets how many more connections the application is ready to accept; attempts beyond that are refused. Each one that is
     * confirmed from now on takes one of them.
     *
     * @param acceptable {@link Integer#MAX_VALUE} for no limit
     */
    public void setAcceptable(int acceptable) {
        this.acceptable = acceptable;
    }

    /** Refuses every initiation from now on, and those that wait for a decision: the node is closing. */
    public void stopAccepting() {
        stopped = true;
        for (PendingAdmissions.Pending pending : admissions.withdrawAll()) {
            refuse(pending.noise(), pending.initiation(), closing());
        }
    }

    /**
     * Admits an attempt: it is answered, unless something else has become of it since. Without effect if the request was
     * withdrawn or decided before.
     */
    public void accept(long requestId, long nowNs) {
        decide(requestId, null, nowNs);
    }

    /** Refuses an attempt. Without effect where {@link #accept} is. */
    public void refuse(long requestId, Refusal refusal, long nowNs) {
        decide(requestId, refusal, nowNs);
    }

    // Outputs

    /** The next connection that was created by a call, or null. */
    public @Nullable Connection pollCreated() {
        return created.poll();
    }

    /**
     * The next connection that something has happened to through another one, or null; its driver has to drain it. It may
     * be handed out more than once.
     */
    public @Nullable Connection pollTouched() {
        return touched.poll();
    }

    /** The next attempt that waits for {@link #accept} or {@link #refuse}, or null. */
    public @Nullable AdmissionRequest pollAdmissionRequest() {
        return admissions.pollRequest();
    }

    /** The next request that was polled before and needs no decision any more, or null. */
    public @Nullable AdmissionRequest pollWithdrawnRequest() {
        return admissions.pollWithdrawn();
    }

    /** Produces a datagram that belongs to no connection. */
    public boolean pollTransmit(Transmit transmit) {
        StatelessReply reply = refusals.poll();
        if (reply == null) {
            return resets.pollTransmit(transmit);
        }
        transmit.setSingle(reply.to, reply.datagram);
        return true;
    }

    // From the connections

    @Override
    public void onConfirmed(Connection connection, long nowNs) {
        answered.remove(connection);
        established++;
        if (connection.isDialing()) {
            // The peer has given up its own attempt for this one.
            admissions.withdraw(connection.remoteIdentity());
        } else if (acceptable > 0 && acceptable < Integer.MAX_VALUE) {
            acceptable--;
        }
        failOthersAt(connection);
        ConnectionTable.Peer peer = table.peer(connection.remoteIdentity());
        if (peer == null) {
            return;
        }
        Connection old = peer.confirmed;
        Connection attempt = connection.isDialing() ? peer.answering : peer.dialing;
        peer.confirmed = connection;
        peer.dialing = peer.dialing == connection ? null : peer.dialing;
        peer.answering = peer.answering == connection ? null : peer.answering;
        if (old != null) {
            old.fail(lost(old, ConnectionLostException.Reason.PEER_RESTARTED, "the peer has started over"));
        }
        if (attempt != null) {
            attempt.fail(superseded(attempt));
        }
    }

    @Override
    public void onEnded(Connection connection) {
        touched.add(connection);
        answered.remove(connection);
        if (connection.wasConfirmed()) {
            established--;
        }
        table.remove(connection);
    }

    // Initiations

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
    private void decide(long requestId, @Nullable Refusal refusalByApplication, long nowNs) {
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
            touched.add(peer.dialing);
        } else if (rule == InitiationRule.PROBE_ESTABLISHED && peer != null && peer.confirmed != null) {
            peer.confirmed.probe();
            touched.add(peer.confirmed);
        }
        return rule == InitiationRule.ANSWER || rule == InitiationRule.ANSWER_AND_PAUSE_OWN;
    }

    /** Answers a copy like the first one, unless the own attempt has begun since, and wins. */
    private void handleDuplicate(Connection answering, long nowNs) {
        ConnectionTable.Peer peer = table.peer(answering.remoteIdentity());
        Connection own = peer == null ? null : peer.dialing;
        if (own != null && !own.isDialingPaused(nowNs) && isOwnKeyLower(answering.remoteIdentity())) {
            own.redial(nowNs);
            touched.add(own);
        } else {
            answering.handleDuplicateInitiation();
            touched.add(answering);
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
                    this,
                    noise,
                    initiation.payload(),
                    initiation.from(),
                    newConnectionId(),
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
        created.add(connection);
        if (earlier != null) {
            earlier.fail(superseded(earlier));
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

    /** An address belongs to one peer at a time: whoever has confirmed last. */
    private void failOthersAt(Connection confirmed) {
        for (Connection other : List.copyOf(table.at(confirmed.remoteAddress()))) {
            if (!other.remoteIdentity().equals(confirmed.remoteIdentity()) && other.wasConfirmed()) {
                other.fail(lost(
                        other,
                        ConnectionLostException.Reason.IDENTITY_CHANGED,
                        "peer " + confirmed.remoteIdentity().shortName() + " has taken over the address"));
            }
        }
    }

    private long newConnectionId() {
        long id = context.random().nextLong();
        while (id == 0 || table.byId(id) != null) {
            id = context.random().nextLong();
        }
        return id;
    }

    private static TransportException lost(
            Connection connection, ConnectionLostException.Reason reason, String message) {
        return new ConnectionLostException(reason, message, connection.context());
    }

    private static TransportException superseded(Connection attempt) {
        return new ConnectionEstablishmentException(
                ConnectionEstablishmentException.Reason.ALREADY_EXISTS,
                0,
                "another attempt with this peer has taken the place of this one",
                attempt.context());
    }

    private record StatelessReply(InetSocketAddress to, byte[] datagram) {}
}
