package dev.tether.core.connection;

import dev.tether.core.CloseReason;
import dev.tether.core.ConnectionState;
import dev.tether.core.PeerIdentity;
import dev.tether.core.error.PeerContext;
import dev.tether.core.error.TransportException;
import dev.tether.core.path.Paths;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Where a connection is in its life, the states that tell the application so, and how it ends. */
final class Lifecycle {

    private final PeerIdentity remoteIdentity;
    private final Paths paths;
    private final EventQueue events;
    private final Runnable onEnded;
    private final ArrayDeque<ConnectionState> unpolled = new ArrayDeque<>(2);

    private Phase phase = Phase.ESTABLISHING;
    private ConnectionState state = new ConnectionState.Establishing(0);
    private @Nullable ConnectionEnd end;
    private @Nullable CloseProcedure closing;

    Lifecycle(PeerIdentity remoteIdentity, Paths paths, EventQueue events, Runnable onEnded) {
        this.remoteIdentity = remoteIdentity;
        this.paths = paths;
        this.events = events;
        this.onEnded = onEnded;
    }

    Phase phase() {
        return phase;
    }

    ConnectionState state() {
        return state;
    }

    @Nullable
    ConnectionState pollState() {
        return unpolled.poll();
    }

    @Nullable
    ConnectionEnd end() {
        return end;
    }

    /** How the peer is told of the close; null before, and if there are no keys to tell it with. */
    @Nullable
    CloseProcedure closing() {
        return closing;
    }

    /** For an exception that is made now. */
    PeerContext context() {
        return new PeerContext(remoteIdentity, paths.active(), state);
    }

    void onAttempt(int attempt) {
        enter(new ConnectionState.Establishing(attempt));
    }

    void onConfirmed() {
        if (advance(Phase.Input.CONFIRMED)) {
            enter(new ConnectionState.Established(paths.active()));
        }
    }

    /** Packets go elsewhere from now on. */
    void onMoved() {
        if (phase == Phase.ESTABLISHED) {
            enter(new ConnectionState.Established(paths.active()));
        }
    }

    void onHeard() {
        if (phase == Phase.UNRESPONSIVE && advance(Phase.Input.HEARD)) {
            enter(new ConnectionState.Established(paths.active()));
        }
    }

    void onProbesUnanswered(long lastHeardNs) {
        if (advance(Phase.Input.PROBES_UNANSWERED)) {
            enter(new ConnectionState.Unresponsive(lastHeardNs));
        }
    }

    /**
     * A close begins, by this side or by the peer. Without effect if one has begun before.
     *
     * @param failure what the connection ends with instead of a completion
     * @param procedure how the peer is told, null if it cannot be
     */
    void close(CloseReason reason, @Nullable TransportException failure, @Nullable CloseProcedure procedure) {
        if (end != null) {
            return;
        }
        end = failure == null ? ConnectionEnd.closed(reason, context()) : ConnectionEnd.failed(failure);
        closing = procedure;
        enter(new ConnectionState.Closing(reason));
        advance(reason.byPeer() ? Phase.Input.PEER_CLOSE : Phase.Input.CLOSE);
    }

    /**
     * The connection is given up for the silence of the peer, which is told once.
     *
     * @param procedure how it is told
     */
    void giveUp(TransportException failure, CloseProcedure procedure) {
        if (end == null) {
            end = ConnectionEnd.failed(failure);
            closing = procedure;
            advance(Phase.Input.GIVE_UP);
        }
    }

    /** The peer has confirmed the close, or had the time to. */
    void onCloseDone() {
        advance(Phase.Input.CLOSE_DONE);
    }

    /** The connection is over without a close; if one had begun, its reason stands. */
    void fail(TransportException failure) {
        if (phase != Phase.ENDED) {
            end = end == null ? ConnectionEnd.failed(failure) : end;
            advance(Phase.Input.FAIL);
        }
    }

    private boolean advance(Phase.Input input) {
        Phase next = phase.after(input);
        if (next == phase) {
            return false;
        }
        phase = next;
        if (next == Phase.ENDED) {
            events.add(ConnectionEvent.ENDED);
            onEnded.run();
        }
        return true;
    }

    private void enter(ConnectionState next) {
        state = next;
        unpolled.add(next);
        events.add(ConnectionEvent.STATE_CHANGED);
    }
}
