package dev.tether.core.endpoint;

import dev.tether.core.PeerIdentity;
import dev.tether.core.connection.Connection;
import dev.tether.core.connection.ConnectionObserver;
import dev.tether.core.connection.EngineContext;
import dev.tether.core.connection.Transmit;
import dev.tether.core.error.PeerContext;
import dev.tether.core.error.TransportException;
import dev.tether.core.noise.HandshakeFailedException;
import dev.tether.core.wire.DataHeader;
import dev.tether.core.wire.Refusal;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

    private final EngineContext context;
    private final ConnectionTable table = new ConnectionTable();
    private final EndpointCounters counters = new EndpointCounters();
    private final Initiations initiations;
    private final StatelessResets resets;

    /** Where connections are tried whose peers have been found there, and may not know them any more. */
    private final Map<InetSocketAddress, Connection> tried = new HashMap<>(2);

    private int established;

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
        this.initiations = new Initiations(context, this, table, counters, asksForAdmission, startNs);
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
        return initiations.answered();
    }

    /** How many initiations wait for a decision of the application. */
    public int pendingAdmissionCount() {
        return initiations.pendingAdmissions();
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
     * The connection that a stateless reset ends; null if the bytes are none, or none for a connection with that address, or one that
     * is tried there.
     * The reset is for {@link Connection#handleDatagram} then, in its turn.
     */
    public @Nullable Connection connectionResetBy(byte[] datagram, int offset, int length, InetSocketAddress from) {
        for (Connection connection : table.at(from)) {
            if (connection.isResetBy(datagram, offset, length)) {
                return connection;
            }
        }
        Connection elsewhere = tried.get(from);
        return elsewhere != null && elsewhere.isResetBy(datagram, offset, length) ? elsewhere : null;
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
        return initiations.isForThis(datagram, offset, length);
    }

    // Inputs

    /** Takes in an initiation. */
    public void handleInitiation(byte[] datagram, int offset, int length, InetSocketAddress from, long nowNs) {
        initiations.handle(datagram, offset, length, from, nowNs);
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
        Connection joined = join(identity, address, onlyNew, nowNs);
        return joined != null ? joined : dial(identity, address, nowNs);
    }

    /**
     * Like {@link #connect} where it is not known where the peer is: null if there is nothing with it, so that it has to be found
     * first. If its own attempt was answered, it is dialed where that came from.
     */
    public @Nullable Connection join(PeerIdentity identity, boolean onlyNew, long nowNs) {
        if (identity.equals(context.identity())) {
            throw Failures.ownKey(new PeerContext(identity, null, null));
        }
        return join(identity, null, onlyNew, nowNs);
    }

    private @Nullable Connection join(
            PeerIdentity identity, @Nullable InetSocketAddress address, boolean onlyNew, long nowNs) {
        ConnectionTable.Peer known = table.peer(identity);
        ConnectionTable.Peer peer = known == null ? new ConnectionTable.Peer() : known;
        return switch (ConnectRule.decide(peer.relation(nowNs), onlyNew)) {
            case DIAL -> null;
            case DIAL_PAUSED -> {
                Connection answering = Objects.requireNonNull(peer.answering);
                Connection dialing = dial(identity, address == null ? answering.remoteAddress() : address, nowNs);
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
                table.touch(existing);
                yield existing;
            }
        };
    }

    /**
     * The peer was found at this address: a connection that there is is tried there, the own attempt goes on there, or begins if there is
     * nothing.
     */
    public void connectAt(PeerIdentity identity, InetSocketAddress address, long nowNs) {
        ConnectionTable.Peer peer = table.peer(identity);
        Connection dialing = peer == null ? dial(identity, address, nowNs) : peer.dialing;
        if (dialing != null) {
            dialing.redial(address, nowNs);
            table.touch(dialing);
        }
        if (peer != null && peer.confirmed != null) {
            tried.values().removeIf(peer.confirmed::equals);
            tried.put(address, peer.confirmed);
            peer.confirmed.tryPath(address, nowNs);
            table.touch(peer.confirmed);
        }
    }

    private Connection dial(PeerIdentity identity, InetSocketAddress address, long nowNs) {
        PeerContext peerContext = new PeerContext(identity, address, null);
        if (identity.equals(context.identity())) {
            throw Failures.ownKey(peerContext);
        }
        if (table.size() >= context.settings().maxConnections()) {
            throw Failures.full(table.size(), peerContext);
        }
        try {
            Connection connection =
                    Connection.dial(context, this, identity, address, table.newId(context.random()), nowNs);
            table.add(connection).dialing = connection;
            return connection;
        } catch (HandshakeFailedException e) {
            throw Failures.impossibleKey(peerContext, e);
        }
    }

    /** What somebody gets who wants only a new connection where there is one. */
    public static TransportException alreadyExists(PeerContext existing) {
        return Failures.alreadyExists(existing);
    }

    /** Gives up the own attempt to connect to a peer, if one runs. */
    public void abandon(PeerIdentity identity, long nowNs) {
        ConnectionTable.Peer peer = table.peer(identity);
        if (peer != null && peer.dialing != null) {
            peer.dialing.closeUnseen(0, "the attempt was cancelled", nowNs);
        }
    }

    /**
     * Sets how many more connections the application is ready to accept; attempts beyond that are refused. Each one that is
     * confirmed from now on takes one of them.
     *
     * @param acceptable {@link Integer#MAX_VALUE} for no limit
     */
    public void setAcceptable(int acceptable) {
        initiations.setAcceptable(acceptable);
    }

    /** Refuses every initiation from now on, and those that wait for a decision: the node is closing. */
    public void stopAccepting() {
        initiations.stopAccepting();
    }

    /**
     * Admits an attempt: it is answered, unless something else has become of it since. Without effect if the request was
     * withdrawn or decided before.
     */
    public void accept(long requestId, long nowNs) {
        initiations.decide(requestId, null, nowNs);
    }

    /** Refuses an attempt. Without effect where {@link #accept} is. */
    public void refuse(long requestId, Refusal refusal, long nowNs) {
        initiations.decide(requestId, refusal, nowNs);
    }

    // Outputs

    /** The next connection that was created by a call, or null. */
    public @Nullable Connection pollCreated() {
        return table.pollCreated();
    }

    /**
     * The next connection that something has happened to through another one, or null; its driver has to drain it. It may
     * be handed out more than once.
     */
    public @Nullable Connection pollTouched() {
        return table.pollTouched();
    }

    /** The next attempt that waits for {@link #accept} or {@link #refuse}, or null. */
    public @Nullable AdmissionRequest pollAdmissionRequest() {
        return initiations.pollAdmissionRequest();
    }

    /** The next request that was polled before and needs no decision any more, or null. */
    public @Nullable AdmissionRequest pollWithdrawnRequest() {
        return initiations.pollWithdrawnRequest();
    }

    /** Produces a datagram that belongs to no connection. */
    public boolean pollTransmit(Transmit transmit) {
        return initiations.pollTransmit(transmit) || resets.pollTransmit(transmit);
    }

    // From the connections

    @Override
    public void onConfirmed(Connection connection, long nowNs) {
        initiations.onConfirmed(connection);
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
            old.fail(Failures.peerRestarted(old));
        }
        if (attempt != null) {
            attempt.fail(Failures.superseded(attempt));
        }
    }

    @Override
    public void onMoved(Connection connection, InetSocketAddress before) {
        table.move(connection, before);
        tried.values().removeIf(connection::equals);
    }

    @Override
    public void onEnded(Connection connection) {
        initiations.onEnded(connection);
        if (connection.wasConfirmed()) {
            established--;
        }
        table.remove(connection);
        tried.values().removeIf(connection::equals);
    }

    /** An address belongs to one peer at a time: whoever has confirmed last. */
    private void failOthersAt(Connection confirmed) {
        for (Connection other : List.copyOf(table.at(confirmed.remoteAddress()))) {
            if (!other.remoteIdentity().equals(confirmed.remoteIdentity()) && other.wasConfirmed()) {
                other.fail(Failures.identityChanged(other, confirmed.remoteIdentity()));
            }
        }
    }
}
