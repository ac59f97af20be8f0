package dev.tether.reactor;

import dev.tether.core.connection.ConnectionEnd;
import dev.tether.core.stream.StreamSet;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** The streams that the peer has opened, and nobody has asked for yet: no more than the peer may have open, over or not. */
final class AcceptedStreams extends DemandFlux<PeerStream> {

    private final ArrayDeque<PeerStream> waiting = new ArrayDeque<>(0);
    private final StreamSet engine;
    private @Nullable ConnectionEnd end;

    AcceptedStreams(ConnectionDriver driver, ReactorNode node, StreamSet engine) {
        super(driver, node, "streams()");
        this.engine = engine;
    }

    void add(PeerStream stream) {
        engine.keepPlace(stream.id());
        waiting.add(stream);
        markDue();
    }

    @Override
    @Nullable
    PeerStream next(long nowNs) {
        PeerStream next = waiting.poll();
        if (next != null) {
            engine.freePlace(next.id());
        }
        return next;
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
