package dev.tether.reactor;

import dev.tether.core.ConnectionState;

/** Where a {@link PeerLink} is: {@link Connecting} → {@link Connected} → {@link Disconnected} → {@link Connecting} … */
public sealed interface LinkState {

    /**
     * An attempt to connect runs.
     *
     * @param attempt its number since there was a connection, from 1
     */
    record Connecting(int attempt) implements LinkState {}

    /**
     * There is a connection.
     *
     * @param connection the same one until it ends
     * @param state its state; each change is one of the link's
     */
    record Connected(PeerConnection connection, ConnectionState state) implements LinkState {}

    /**
     * There is no connection, and the next attempt is waited for.
     *
     * @param attempt the number of the attempt that has failed since there was a connection; 0 if that has just ended
     * @param cause why there is none
     */
    record Disconnected(int attempt, Throwable cause) implements LinkState {}
}
