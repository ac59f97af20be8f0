package dev.tether.reactor;

import dev.tether.core.ConnectionState;
import dev.tether.core.PeerIdentity;
import dev.tether.core.connection.Connection;
import dev.tether.core.connection.ConnectionEnd;
import dev.tether.core.endpoint.Endpoint;
import dev.tether.core.error.ChannelClosedException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** The calls of {@code connect}: each is answered at once, or waits for its peer. Everything here runs on the event loop. */
final class PendingConnects {

    /** One subscription of {@code connect}. */
    private static final class Caller {

        /** Where the peer is dialed if it comes to that. */
        private final InetSocketAddress address;

        /** Whether a connection that existed before is of no use. */
        private final boolean onlyNew;

        private final MonoSink<PeerConnection> sink;

        /** Set from any thread, before the event loop is told. */
        private volatile boolean cancelled;

        Caller(InetSocketAddress address, boolean onlyNew, MonoSink<PeerConnection> sink) {
            this.address = address;
            this.onlyNew = onlyNew;
            this.sink = sink;
        }
    }

    private final ReactorNode node;
    private final Endpoint endpoint;
    private final Map<PeerIdentity, List<Caller>> waiting = new HashMap<>();

    PendingConnects(ReactorNode node, Endpoint endpoint) {
        this.node = node;
        this.endpoint = endpoint;
    }

    /** Gives the caller the connection that there is, or has it wait for one. */
    void connect(PeerIdentity identity, InetSocketAddress address, boolean onlyNew, MonoSink<PeerConnection> sink) {
        ChannelClosedException refusal = node.refusal();
        if (refusal != null) {
            sink.error(refusal);
            return;
        }
        try {
            Connection connection = endpoint.connect(identity, address, onlyNew, node.nowNs());
            node.adoptCreated();
            ConnectionDriver driver = node.driver(connection.localConnectionId());
            if (connection.state() instanceof ConnectionState.Established && driver != null && driver.isAnnounced()) {
                sink.success(driver.peer());
                return;
            }
        } catch (RuntimeException failure) {
            sink.error(failure);
            return;
        }
        Caller caller = new Caller(address, onlyNew, sink);
        waiting.computeIfAbsent(identity, key -> new ArrayList<>(1)).add(caller);
        sink.onCancel(() -> {
            caller.cancelled = true;
            node.execute(() -> onCancelled(identity, caller));
        });
    }

    /** The attempt is given up unless somebody else waits for it. */
    private void onCancelled(PeerIdentity identity, Caller caller) {
        List<Caller> callers = waiting.get(identity);
        if (callers != null && callers.remove(caller) && callers.isEmpty()) {
            waiting.remove(identity);
            endpoint.abandon(identity, node.nowNs());
        }
    }

    /**
     * A connection was the last that there was with its peer: if somebody waits for that peer, what was in the way is gone,
     * or the attempt has failed.
     */
    void onNothingLeft(Connection last, ConnectionEnd end) {
        PeerIdentity identity = last.remoteIdentity();
        List<Caller> callers = waiting.get(identity);
        if (callers == null) {
            return;
        }
        if (!last.wasConfirmed()) {
            fail(identity, end.pendingFailure());
            return;
        }
        Caller first = callers.get(0);
        try {
            endpoint.connect(identity, first.address, first.onlyNew, node.nowNs());
            node.adoptCreated();
        } catch (RuntimeException failure) {
            fail(identity, failure);
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
        List<Caller> callers = waiting.remove(identity);
        return callers == null ? List.of() : callers;
    }
}
