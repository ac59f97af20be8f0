package dev.tether.core.connection;

/** The endpoint's view of its connections. Called from within the connection's methods. */
public interface ConnectionObserver {

    /** The peer has proven its key and its address: the connection is established. */
    void onConfirmed(Connection connection, long nowNs);

    /** The connection has ended; no datagram concerns it any more. */
    void onEnded(Connection connection);
}
