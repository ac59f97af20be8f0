package dev.tether.reactor;

import dev.tether.core.connection.ConnectionEnd;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** The streams that the peer has opened, and nobody has asked for yet: no more than the peer may have open. */
final class AcceptedStreams extends DemandFlux<PeerStream> {

    private final ArrayDeque<PeerStream> waiting = new ArrayDeque<>(0);
    private @Nullable ConnectionEnd end;

    AcceptedStreams(ConnectionDriver driver, ReactorNode node) {
        super(driver, node, "streams()");
    }

    void add(PeerStream stream) {
        waiting.add(stream);
        markDue();
    }

    @Override
    @Nullable
    PeerStream next(long nowNs) {
        return waiting.poll();
    }

    @Override
    boolean isOver(long nowNs) {
        return end != null && waiting.isEmpty();
    }

    @Override
    @Nullable
    Throwable failure() {
        return end == null || end.isOrderly() ? null : end.pendingFailure();
    }

    void onEnd(ConnectionEnd end) {
        this.end = end;
        markDue();
    }
}
