package dev.tether.core;

import java.net.InetSocketAddress;

/**
 * Where a connection is in its life: {@link Establishing} → {@link Established} ⇄ {@link Unresponsive} →
 * {@link Closing}, and then the end, which is a completion after a close or a typed error, and never silence.
 */
public sealed interface ConnectionState {

    /**
     * The handshake runs.
     *
     * @param attempt how many initiations were sent so far, from 1; 0 at the answering side
     */
    record Establishing(int attempt) implements ConnectionState {}

    /**
     * The peer has proven its key, and messages flow.
     *
     * @param remoteAddress where the peer is reached
     */
    record Established(InetSocketAddress remoteAddress) implements ConnectionState {}

    /**
     * Several probes in a row have gone unanswered, and the peer was not heard for a second at least. The connection is still probed; an answer makes it
     * {@link Established} again, and the idle timeout ends it.
     *
     * @param sinceNs when the peer was last heard, in nanoseconds of the node's clock
     */
    record Unresponsive(long sinceNs) implements ConnectionState {}

    /** One side has closed. */
    record Closing(CloseReason reason) implements ConnectionState {}
}
