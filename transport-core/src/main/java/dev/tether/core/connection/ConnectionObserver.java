package dev.tether.core.connection;

import java.net.InetSocketAddress;

/** The endpoint's view of its connections. Called from within the connection's methods. */
public interface ConnectionObserver {

    /** The peer has proven its key and its address: the connection is established. */
    void onConfirmed(Connection connection, long nowNs);

    /** The peer has moved: its address is another one than {@code before}. */
    void onMoved(Connection connection, InetSocketAddress before);

    /** The connection has ended; no datagram concerns it any more. */
    void onEnded(Connection connection);
}
