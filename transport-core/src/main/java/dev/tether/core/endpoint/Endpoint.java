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
import org.jspecify.annotations.Nullable;

/**
 * The connections of one socket, as a state machine like {@link Connection}: it routes datagrams, answers initiations,
 * dials, and decides what becomes of an attempt when there is something with that peer already. Single-threaded.
 *
 * <p>A connection that a call creates is handed out by {@link #pollCreated()}, and its driver drains it from then on.
 */
public final class Endpoint implements ConnectionObserver {

    private static final int MAX_QUEUED_REFUSALS = 256;

    private final EngineContext context;
    private final ConnectionTable table = new ConnectionTable();
    private final AnsweredInitiations answered = new AnsweredInitiations();
    private final EndpointCounters counters = new EndpointCounters();
    private final ArrayDeque<Connection> created = new ArrayDeque<>();
    private final ArrayDeque<Connection> touched = new ArrayDeque<>();
    private final ArrayDeque<StatelessReply> refusals = new ArrayDeque<>();
    private final byte[] payload = new byte[Transmit.MAX_LENGTH];
    private int acceptable = Integer.MAX_VALUE;
    private int established;

    public Endpoint(EngineContext context) {
        this.context = context;
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

    /** All connections that have not ended, attempts included. */
    public Collection<Connection> connections() {
        return new ArrayList<>(table.all());
    }

    /** The connection that the peer addresses by this id; null if there is none. */
    public @Nullable Connection connection(long localConnectionId) {
        return table.byId(localConnectionId);
    }

    /** The established connection with a peer; null if there is none. */
    public @Nullable Connection establishedWith(PeerIdentity identity) {
        ConnectionTable.Peer peer = table.peer(identity);
        return peer != null && peer.confirmed != null && peer.confirmed.isOpen() ? peer.confirmed : null;
    }

    /** Whether an attempt with this peer runs, from either side. */
    public boolean isAttempting(PeerIdentity identity) {
        ConnectionTable.Peer peer = table.peer(identity);
        return peer != null && (peer.dialing != null || peer.answering != null);
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
        HandshakeState noise = HandshakeState.responder(context.keyPair(), EngineContext.prologue(), context.random());
        try {
            int payloadLength = noise.readMessage(
                    datagram,
                    InitiationDatagram.noiseOffset(offset),
                    InitiationDatagram.noiseLength(length),
                    payload,
                    0);
            HandshakePayload initiation = HandshakePayload.decodeInitiation(payload, 0, payloadLength);
            handleAuthentic(noise, initiation, datagram, offset, from, nowNs);
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

    /** A datagram was dropped because it belongs to nothing here. */
    public void countStray() {
        counters.strayDatagrams++;
    }

    // Commands

    /**
     * Connects to a peer: the established connection with it, the attempt that runs, or a new one. The result may be
     * superseded by the peer's own attempt: ask {@link #establishedWith} when it ends.
     *
     * @throws TransportException if the peer cannot be dialed at all
     */
    public Connection connect(PeerIdentity identity, InetSocketAddress address, long nowNs) {
        ConnectionTable.Peer peer = table.peer(identity);
        Connection existing = establishedWith(identity);
        if (existing != null) {
            return existing;
        }
        if (peer != null && peer.dialing != null) {
            return peer.dialing;
        }
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
            ConnectionTable.Peer dialed = table.add(connection);
            dialed.dialing = connection;
            if (dialed.answering != null) {
                connection.pauseDialing(nowNs);
            }
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

    /** Gives up the own attempt to connect to a peer, if one runs. */
    public void abandon(PeerIdentity identity, long nowNs) {
        ConnectionTable.Peer peer = table.peer(identity);
        if (peer != null && peer.dialing != null) {
            peer.dialing.close(0, "the attempt was cancelled", nowNs);
        }
    }

    /** Sets how many more connections the application is ready to accept; attempts beyond that are refused. */
    public void setAcceptable(int acceptable) {
        this.acceptable = acceptable;
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

    /** Produces a datagram that belongs to no connection. */
    public boolean pollTransmit(Transmit transmit) {
        StatelessReply reply = refusals.poll();
        if (reply == null) {
            return false;
        }
        transmit.setSingle(reply.to, reply.datagram);
        return true;
    }

    // From the connections

    @Override
    public void onConfirmed(Connection connection, long nowNs) {
        answered.remove(connection);
        established++;
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

    private void handleAuthentic(
            HandshakeState noise,
            HandshakePayload initiation,
            byte[] datagram,
            int offset,
            InetSocketAddress from,
            long nowNs)
            throws HandshakeFailedException {
        PeerIdentity identity = noise.remoteStatic();
        ConnectionTable.Peer peer = table.peer(identity);
        long timestampNs = initiation.timestampNs().orElseThrow();
        if (identity.equals(context.identity()) || (peer != null && !peer.isNewer(timestampNs))) {
            counters.invalidInitiations++;
            return;
        }
        InitiationRule rule = InitiationRule.decide(
                peer == null ? InitiationRule.Relation.NOTHING : peer.relation(nowNs), isOwnKeyLower(identity));
        if (rule == InitiationRule.RESEND_OWN) {
            if (peer != null && peer.dialing != null) {
                peer.dialing.redial(nowNs);
                touched.add(peer.dialing);
            }
            return;
        }
        if (rule == InitiationRule.PROBE_ESTABLISHED) {
            if (peer != null && peer.confirmed != null) {
                peer.confirmed.probe();
                touched.add(peer.confirmed);
            }
            return;
        }
        long senderId = InitiationDatagram.senderConnectionId(datagram, offset);
        Refusal refusal = refusalOf(initiation);
        if (refusal != null) {
            refuse(noise, senderId, refusal, from);
            return;
        }
        answer(noise, initiation, datagram, offset, senderId, from, nowNs);
        if (rule == InitiationRule.ANSWER_AND_PAUSE_OWN && peer != null && peer.dialing != null) {
            peer.dialing.pauseDialing(nowNs);
        }
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

    private void answer(
            HandshakeState noise,
            HandshakePayload initiation,
            byte[] datagram,
            int offset,
            long senderId,
            InetSocketAddress from,
            long nowNs)
            throws HandshakeFailedException {
        Connection connection =
                Connection.answer(context, this, noise, initiation, from, newConnectionId(), senderId, nowNs);
        ConnectionTable.Peer peer = table.add(connection);
        Connection earlier = peer.answering;
        peer.answering = connection;
        peer.timestampNs = initiation.timestampNs().orElseThrow();
        peer.hasTimestamp = true;
        answered.add(connection, datagram, offset);
        created.add(connection);
        if (earlier != null) {
            earlier.fail(superseded(earlier));
        }
    }

    private @Nullable Refusal refusalOf(HandshakePayload initiation) {
        VersionRange offered = initiation.supportedVersions();
        if (offered == null || offered.highestCommon(VersionRange.SUPPORTED).isEmpty()) {
            return new Refusal(
                    TransportErrorCode.VERSION_MISMATCH,
                    "this side speaks versions " + VersionRange.SUPPORTED + ", the initiation offers " + offered);
        }
        if (answered.size() >= Math.min(acceptable, context.settings().maxHalfOpen())
                || table.size() >= context.settings().maxConnections()) {
            return new Refusal(TransportErrorCode.OVERLOADED, "no more connections are accepted for now");
        }
        return null;
    }

    private void refuse(HandshakeState noise, long senderId, Refusal refusal, InetSocketAddress to)
            throws HandshakeFailedException {
        counters.refused++;
        if (refusals.size() < MAX_QUEUED_REFUSALS) {
            HandshakePayload payload = HandshakePayload.builder()
                    .supportedVersions(VersionRange.SUPPORTED)
                    .refusal(refusal)
                    .build();
            refusals.add(new StatelessReply(to, ResponderHandshake.response(noise, 0, senderId, payload)));
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
