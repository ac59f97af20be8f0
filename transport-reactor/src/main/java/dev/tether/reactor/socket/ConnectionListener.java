package dev.tether.reactor.socket;

import dev.tether.core.ConnectionState;
import dev.tether.core.connection.Connection;
import dev.tether.core.connection.ConnectionEnd;

/** Is told, on the event loop, what the connections of a node do. Only to look on: it calls nothing but getters. */
public interface ConnectionListener {

    /** A listener to which nothing matters. */
    ConnectionListener NONE = new ConnectionListener() {};

    /** A connection has entered a state. */
    default void onState(Connection connection, ConnectionState state) {}

    /** A connection has ended. */
    default void onEnd(Connection connection, ConnectionEnd end) {}

    /** A pass has handled what came for a connection, and sent what it had to send. */
    default void onDrained(Connection connection) {}
}
