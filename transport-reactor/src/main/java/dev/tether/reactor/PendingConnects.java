package dev.tether.reactor;

import dev.tether.core.PeerIdentity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.MonoSink;

/** The callers of {@code connect} that wait for a peer. Everything here runs on the event loop. */
final class PendingConnects {

    /** One who waits. */
    static final class Caller {

        private final MonoSink<PeerConnection> sink;
        private volatile boolean cancelled;

        Caller(MonoSink<PeerConnection> sink) {
            this.sink = sink;
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

    /** Returns whether anybody has taken the connection. */
    boolean succeed(PeerIdentity identity, PeerConnection connection) {
        boolean taken = false;
        for (Caller caller : take(identity)) {
            taken |= !caller.cancelled;
            caller.sink.success(connection);
        }
        return taken;
    }

    void fail(PeerIdentity identity, Throwable failure) {
        take(identity).forEach(caller -> caller.sink.error(failure));
    }

    void failAll(Throwable failure) {
        List.copyOf(waiting.keySet()).forEach(identity -> fail(identity, failure));
    }

    private List<Caller> take(PeerIdentity identity) {
        List<Caller> callers = waiting.remove(identity);
        return callers == null ? List.of() : callers;
    }
}
