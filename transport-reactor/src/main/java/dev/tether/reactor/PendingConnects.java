package dev.tether.reactor;

import dev.tether.core.PeerIdentity;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** The callers of {@code connect} that wait for a peer. Everything here runs on the event loop. */
final class PendingConnects {

    /** One subscription of {@code connect}. */
    static final class Caller {

        private final InetSocketAddress address;
        private final boolean onlyNew;
        private final MonoSink<PeerConnection> sink;
        private volatile boolean cancelled;

        /**
         * A caller that waits for nothing yet.
         *
         * @param address where the peer is dialed if it comes to that
         * @param onlyNew whether a connection that existed before is of no use
         */
        Caller(InetSocketAddress address, boolean onlyNew, MonoSink<PeerConnection> sink) {
            this.address = address;
            this.onlyNew = onlyNew;
            this.sink = sink;
        }

        InetSocketAddress address() {
            return address;
        }

        boolean onlyNew() {
            return onlyNew;
        }

        MonoSink<PeerConnection> sink() {
            return sink;
        }

        /** Wants no connection any more; from any thread, and before the event loop is told. */
        void cancel() {
            cancelled = true;
        }
    }

    private final Map<PeerIdentity, List<Caller>> waiting = new HashMap<>();

    void add(PeerIdentity identity, Caller caller) {
        waiting.computeIfAbsent(identity, key -> new ArrayList<>(1)).add(caller);
    }

    /** A caller has cancelled; returns whether nobody waits for that peer now. */
    boolean remove(PeerIdentity identity, Caller caller) {
        List<Caller> callers = waiting.get(identity);
        if (callers == null) {
            return false;
        }
        callers.remove(caller);
        if (callers.isEmpty()) {
            waiting.remove(identity);
        }
        return callers.isEmpty();
    }

    /** Whoever waits for that peer the longest; null if nobody does. */
    @Nullable
    Caller first(PeerIdentity identity) {
        List<Caller> callers = waiting.get(identity);
        return callers == null ? null : callers.get(0);
    }

    /** A connection has come to be; returns whether anybody has taken it. */
    boolean onEstablished(PeerIdentity identity, PeerConnection connection) {
        boolean taken = false;
        for (Caller caller : take(identity)) {
            taken |= !caller.cancelled;
            caller.sink.success(connection);
        }
        return taken;
    }

    /** A connection that had been unresponsive lives. */
    void onRevived(PeerIdentity identity, PeerConnection connection, Throwable alreadyExists) {
        for (Caller caller : take(identity)) {
            if (caller.onlyNew) {
                caller.sink.error(alreadyExists);
            } else {
                caller.sink.success(connection);
            }
        }
    }

    void fail(PeerIdentity identity, Throwable failure) {
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
