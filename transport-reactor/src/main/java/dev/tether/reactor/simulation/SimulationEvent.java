package dev.tether.reactor.simulation;

import dev.tether.core.ConnectionState;
import dev.tether.core.PeerIdentity;
import dev.tether.core.error.TransportException;
import dev.tether.core.simulation.DropCause;
import dev.tether.core.simulation.Link;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Something that has happened in a simulated network. Arrays in it are shared: read them only. */
public sealed interface SimulationEvent {

    /** When, in nanoseconds since the network was created. */
    long timeNs();

    /** The host that it concerns: the sender, the receiver, or whose connection or power it is. */
    String host();

    /** A datagram has left a socket. */
    record Sent(long timeNs, String host, InetSocketAddress from, InetSocketAddress to, byte[] datagram)
            implements SimulationEvent {}

    /**
     * A datagram has reached a socket.
     *
     * @param from its source, as NATs have left it
     * @param to its destination, as NATs have left it
     */
    record Arrived(
            long timeNs,
            String host,
            InetSocketAddress from,
            InetSocketAddress to,
            byte[] datagram,
            Link.Alteration alteration)
            implements SimulationEvent {}

    /**
     * A datagram is gone.
     *
     * @param host the sender's, or the one before which it was dropped
     */
    record Dropped(
            long timeNs, String host, InetSocketAddress from, InetSocketAddress to, byte[] datagram, DropCause cause)
            implements SimulationEvent {}

    /** A connection of a node on this host has entered a state. */
    record StateEntered(
            long timeNs,
            String host,
            InetSocketAddress local,
            PeerIdentity peer,
            InetSocketAddress remote,
            long connectionId,
            ConnectionState state)
            implements SimulationEvent {}

    /**
     * A connection of a node on this host has ended.
     *
     * @param failure null after a close that either application asked for
     */
    record Ended(
            long timeNs,
            String host,
            InetSocketAddress local,
            PeerIdentity peer,
            InetSocketAddress remote,
            long connectionId,
            @Nullable TransportException failure)
            implements SimulationEvent {}

    /**
     * Something was done to a host, a NAT or a link.
     *
     * @param host its name
     * @param change what, for a human
     */
    record Changed(long timeNs, String host, String change) implements SimulationEvent {}
}
