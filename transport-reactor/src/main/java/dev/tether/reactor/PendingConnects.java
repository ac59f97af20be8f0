package dev.tether.reactor;

import dev.tether.core.PeerIdentity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** The callers of {@code connect} that wait for a peer. Everything here runs on the event loop. */
final class PendingConnects {

    private final Map<PeerIdentity, List<MonoSink<PeerConnection>>> waiting = new HashMap<>();

    void add(PeerIdentity identity, MonoSink<PeerConnection> caller) {
        waiting.computeIfAbsent(identity, key -> new ArrayList<>(1)).add(caller);
    }

    /** A caller has cancelled; returns whether nobody waits for that peer now. */
    boolean remove(PeerIdentity identity, MonoSink<PeerConnection> caller) {
        List<MonoSink<PeerConnection>> callers = waiting.get(identity);
        if (callers == null) {
            return false;
        }
        callers.remove(caller);
        if (callers.isEmpty()) {
            waiting.remove(identity);
        }
        return callers.isEmpty();
    }

    void succeed(PeerIdentity identity, PeerConnection connection) {
        take(identity).forEach(caller -> caller.success(connection));
    }

    void fail(PeerIdentity identity, Throwable failure) {
        take(identity).forEach(caller -> fail(caller, failure));
    }

    /** What one caller throws keeps no other from its answer. */
    private static void fail(MonoSink<PeerConnection> caller, Throwable failure) {
        try {
            caller.error(failure);
        } catch (Throwable thrown) {
            Operators.onErrorDropped(thrown, Context.of(caller.contextView()));
        }
    }

    void failAll(Throwable failure) {
        List.copyOf(waiting.keySet()).forEach(identity -> fail(identity, failure));
    }

    private List<MonoSink<PeerConnection>> take(PeerIdentity identity) {
        List<MonoSink<PeerConnection>> callers = waiting.remove(identity);
        return callers == null ? List.of() : callers;
    }
}
