package dev.tether.reactor;

import dev.tether.core.PeerIdentity;
import dev.tether.core.connection.Connection;
import dev.tether.core.connection.ConnectionEnd;
import dev.tether.core.endpoint.Endpoint;
import dev.tether.core.error.ChannelClosedException;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.error.ConnectionEstablishmentException.Reason;
import dev.tether.core.error.TransportException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** The calls of {@code connect}: each is answered at once, or waits for its peer. Everything here runs on the event loop. */
final class PendingConnects {

    /** One subscription of {@code connect}. */
    private static final class Caller {

        /** Where the peer is dialed if it comes to that; null if that has to be found out. */
        private final @Nullable InetSocketAddress address;

        /** Whether a connection that existed before is of no use. */
        private final boolean onlyNew;

        private final MonoSink<PeerConnection> sink;

        /** Set from any thread, before the event loop is told. */
        private volatile boolean cancelled;

        Caller(@Nullable InetSocketAddress address, boolean onlyNew, MonoSink<PeerConnection> sink) {
            this.address = address;
            this.onlyNew = onlyNew;
            this.sink = sink;
        }
    }

    /** Those who wait for one peer, and what has failed meanwhile. */
    private static final class Waiting {

        private final List<Caller> callers = new ArrayList<>(1);

        /** Of the attempt at the address that was given. */
        private @Nullable Throwable attemptFailure;

        private @Nullable TransportException searchFailure;

        /** What the callers are told: the failure of the search, unless nobody could help in it. */
        private Throwable failure(Throwable last) {
            if (attemptFailure == null || searchFailure == null) {
                return last;
            }
            boolean introduced = searchFailure instanceof ConnectionEstablishmentException it
                    && it.reason() != Reason.NO_GATEWAY
                    && it.reason() != Reason.UNKNOWN_PEER;
            Throwable first = introduced ? searchFailure : attemptFailure;
            first.addSuppressed(introduced ? attemptFailure : searchFailure);
            return first;
        }
    }

    private final ReactorNode node;
    private final Endpoint endpoint;
    private final Map<PeerIdentity, Waiting> waiting = new HashMap<>();

    PendingConnects(ReactorNode node, Endpoint endpoint) {
        this.node = node;
        this.endpoint = endpoint;
    }

    /**
     * Gives the caller the connection that there is, or has it wait for one.
     *
     * @param address null if it has to be found out where the peer is
     */
    void connect(
            PeerIdentity identity,
            @Nullable InetSocketAddress address,
            boolean onlyNew,
            MonoSink<PeerConnection> sink) {
        ChannelClosedException refusal = node.refusal();
        if (refusal != null) {
            sink.error(refusal);
            return;
        }
        Connection connection;
        try {
            connection = attempt(identity, address, onlyNew);
        } catch (RuntimeException failure) {
            sink.error(failure);
            return;
        }
        ConnectionDriver driver = connection == null ? null : node.driver(connection.localConnectionId());
        if (driver != null && driver.isAnnounced() && driver.isEstablished()) {
            sink.success(driver.peer());
            return;
        }
        Caller caller = new Caller(address, onlyNew, sink);
        waiting.computeIfAbsent(identity, key -> new Waiting()).callers.add(caller);
        find(identity, connection);
        sink.onCancel(() -> {
            caller.cancelled = true;
            node.execute(() -> onCancelled(identity, caller));
        });
    }

    /** Null if the peer has to be found first. */
    private @Nullable Connection attempt(PeerIdentity identity, @Nullable InetSocketAddress address, boolean onlyNew) {
        Connection connection = address == null
                ? endpoint.join(identity, onlyNew, node.nowNs())
                : endpoint.connect(identity, address, onlyNew, node.nowNs());
        node.adoptCreated();
        return connection;
    }

    /** Looks for a peer that is not there yet. */
    private void find(PeerIdentity identity, @Nullable Connection attempt) {
        boolean dialing = attempt != null && attempt.isDialing() && !attempt.wasConfirmed();
        if (attempt == null || dialing && node.rendezvous().gateway(identity) == null) {
            node.rendezvous().find(identity, dialing);
        }
    }

    /** The attempt is given up unless somebody else waits for it. */
    private void onCancelled(PeerIdentity identity, Caller caller) {
        Waiting waitingForPeer = waiting.get(identity);
        if (waitingForPeer != null && waitingForPeer.callers.remove(caller) && waitingForPeer.callers.isEmpty()) {
            take(identity);
            endpoint.abandon(identity, node.nowNs());
        }
    }

    /**
     * A connection was the last that there was with its peer: if somebody waits for that peer, what was in the way is gone,
     * or the attempt has failed.
     */
    void onNothingLeft(Connection last, ConnectionEnd end) {
        PeerIdentity identity = last.remoteIdentity();
        Waiting waitingForPeer = waiting.get(identity);
        if (waitingForPeer == null) {
            return;
        }
        if (!last.wasConfirmed()) {
            Throwable failure = end.pendingFailure();
            waitingForPeer.attemptFailure = failure;
            if (!mayBeElsewhere(failure) || !node.rendezvous().isLookingFor(identity)) {
                fail(identity, waitingForPeer.failure(failure));
            }
            return;
        }
        Caller first = waitingForPeer.callers.get(0);
        try {
            find(identity, attempt(identity, first.address, first.onlyNew));
        } catch (RuntimeException failure) {
            fail(identity, failure);
        }
    }

    /** Whether nothing was heard of the peer. */
    private static boolean mayBeElsewhere(Throwable failure) {
        return failure instanceof ConnectionEstablishmentException it
                && (it.reason() == Reason.TIMED_OUT || it.reason() == Reason.UNREACHABLE);
    }

    /** A peer that was looked for can be reached at this address. Without a caller, only a connection that there is goes there. */
    void onFound(PeerIdentity identity, InetSocketAddress address) {
        if (!waiting.containsKey(identity) && endpoint.establishedWith(identity) == null) {
            return;
        }
        try {
            endpoint.connectAt(identity, address, node.nowNs());
            node.adoptCreated();
        } catch (RuntimeException failure) {
            fail(identity, failure);
        }
    }

    /** A peer that was looked for cannot be reached that way; there may be an attempt that still can. */
    void onNotFound(PeerIdentity identity, TransportException failure) {
        Waiting waitingForPeer = waiting.get(identity);
        if (waitingForPeer == null) {
            return;
        }
        waitingForPeer.searchFailure = failure;
        if (!endpoint.isInvolvedWith(identity)) {
            fail(identity, waitingForPeer.failure(failure));
        }
    }

    /** A connection has come to be; returns whether anybody has taken it. */
    boolean onEstablished(PeerConnection connection) {
        boolean taken = false;
        for (Caller caller : take(connection.remoteIdentity())) {
            taken |= !caller.cancelled;
            caller.sink.success(connection);
        }
        return taken;
    }

    /** A connection that had been unresponsive lives. */
    void onRevived(PeerConnection connection, Throwable alreadyExists) {
        for (Caller caller : take(connection.remoteIdentity())) {
            if (caller.onlyNew) {
                caller.sink.error(alreadyExists);
            } else {
                caller.sink.success(connection);
            }
        }
    }

    private void fail(PeerIdentity identity, Throwable failure) {
        take(identity).forEach(caller -> fail(caller, failure));
    }

    /** What one caller throws keeps no other from its answer. */
    private static void fail(Caller caller, Throwable failure) {
        try {
            caller.sink.error(failure);
        } catch (Throwable thrown) {
            Operators.onErrorDropped(thrown, Context.of(caller.sink.contextView()));
        }
    }

    void failAll(Throwable failure) {
        List.copyOf(waiting.keySet()).forEach(identity -> fail(identity, failure));
    }

    private List<Caller> take(PeerIdentity identity) {
        Waiting taken = waiting.remove(identity);
        if (taken == null) {
            return List.of();
        }
        node.rendezvous().forget(identity);
        return taken.callers;
    }
}
