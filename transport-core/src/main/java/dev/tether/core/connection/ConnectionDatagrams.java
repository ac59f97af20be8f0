package dev.tether.core.connection;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** The unreliable datagrams of a connection, both ways. Not thread-safe. */
public final class ConnectionDatagrams {

    private final Lifecycle lifecycle;
    private @Nullable IncomingDatagrams incoming;
    private @Nullable OutgoingDatagrams outgoing;

    ConnectionDatagrams(Lifecycle lifecycle) {
        this.lifecycle = lifecycle;
    }

    /** The handshake has ended. */
    void start(IncomingDatagrams in, OutgoingDatagrams out) {
        incoming = in;
        outgoing = out;
    }

    /**
     * The longest datagram that can be sent now, in bytes: what fits a packet, and what the peer takes. 0 if none can: the
     * peer takes none, or the setting {@code datagramQueue} is 0; and before the handshake has ended.
     */
    public int maxSize() {
        return outgoing == null ? 0 : outgoing.maxSize();
    }

    /**
     * Takes a datagram over, to be sent once and not again if it is lost; false if the queue is full, and after {@link
     * ConnectionEvent#DATAGRAMS_SENT} there is room again. Also false if the connection is not open.
     *
     * @param datagram from its reader index on; this connection's to release if taken, the caller's otherwise
     * @throws IllegalArgumentException if it is longer than {@link #maxSize()}, or that is 0
     */
    public boolean offer(ByteBuf datagram) {
        return outgoing != null && lifecycle.phase().isOpen() && outgoing.offer(datagram);
    }

    /**
     * How many datagrams were taken by {@link #offer}. As they keep their order, each is in a packet once {@link
     * ConnectionCounters#datagramsSent} has reached what this was after its offer.
     */
    public long offered() {
        return outgoing == null ? 0 : outgoing.offered();
    }

    /**
     * The oldest datagram of the peer that waits, or null if there is none. Also after the end, for what had arrived before
     * it, until {@link #release()}.
     *
     * @return a datagram that the caller has to release
     */
    public @Nullable ByteBuf poll() {
        return incoming == null ? null : incoming.poll();
    }

    /** Whether {@link #poll} has one. */
    public boolean hasNext() {
        return incoming != null && incoming.hasNext();
    }

    /** Drops the datagrams that were not polled, and counts them. A last call, after the end. */
    public void release() {
        if (incoming != null) {
            incoming.release();
        }
    }
}
