package dev.tether.reactor.socket;

import dev.tether.core.PeerAddress;
import dev.tether.core.RandomSource;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.error.PeerContext;
import dev.tether.core.error.TransportException;
import io.netty.buffer.ByteBufAllocator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.LongSupplier;
import reactor.core.publisher.Mono;

/** What a node lives in: the sockets, the randomness and the names of this system, or those of a simulated host. */
public interface NodeEnvironment {

    /**
     * Gives a node all it needs, on subscription; each subscription is another node's.
     *
     * @param local where the socket is bound; port 0 for any free one
     * @return emitted on the socket's event loop; errors with a {@link java.net.BindException} that names the address if
     *     it cannot be bound
     */
    Mono<Resources> open(InetSocketAddress local, UdpSocketOptions options);

    /** The IP address of a peer that has a host; errors with {@link ConnectionEstablishmentException} if its host has none. */
    Mono<InetSocketAddress> resolve(PeerAddress peer);

    /** The addresses of the host's network interfaces that are up, loopback ones left out. Must not wait for anything. */
    List<InetAddress> hostAddresses();

    /**
     * A node's own.
     *
     * @param socket bound, and the node's to close
     * @param random used on the socket's event loop only; it must not block
     * @param messages where the memory of received messages comes from; nobody has to release it
     * @param listener is told what the node's connections do
     * @param wallClockNs the time of day, in nanoseconds since the Unix epoch. Unlike the clock of the socket's event loop, it
     *     goes on while this host sleeps, and may be set at any time
     */
    record Resources(
            DatagramSocket socket,
            RandomSource random,
            ByteBufAllocator messages,
            ConnectionListener listener,
            LongSupplier wallClockNs) {}

    /** The failure of {@link #resolve} for a host that has no address. */
    static TransportException unresolvable(PeerAddress peer, Throwable cause) {
        return new ConnectionEstablishmentException(
                ConnectionEstablishmentException.Reason.UNREACHABLE,
                0,
                "the host '" + peer.host() + "' cannot be resolved",
                new PeerContext(peer.identity(), null, null),
                cause);
    }
}
