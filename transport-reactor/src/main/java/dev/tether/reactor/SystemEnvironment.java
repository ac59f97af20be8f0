package dev.tether.reactor;

import dev.tether.core.PeerAddress;
import dev.tether.reactor.socket.ConnectionListener;
import dev.tether.reactor.socket.NodeEnvironment;
import dev.tether.reactor.socket.UdpDatagramSocket;
import dev.tether.reactor.socket.UdpSocketOptions;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.resources.LoopResources;
import reactor.netty.udp.UdpResources;

/**
 * This system: its UDP sockets, its randomness, its resolver.
 *
 * @param loops where event loops come from; null for Reactor Netty's shared UDP loops
 */
record SystemEnvironment(@Nullable LoopResources loops) implements NodeEnvironment {

    private static final Logger log = LoggerFactory.getLogger(SystemEnvironment.class);

    @Override
    public Mono<Resources> open(InetSocketAddress local, UdpSocketOptions options) {
        // Gathering entropy blocks.
        return Mono.fromCallable(StrongRandom::new)
                .subscribeOn(Schedulers.boundedElastic())
                .flatMap(random -> UdpDatagramSocket.bind(local, loops == null ? UdpResources.get() : loops, options)
                        .map(socket -> new Resources(
                                socket,
                                random,
                                // A connection may end with messages that no subscriber ever comes for.
                                new UnpooledByteBufAllocator(false, true),
                                ConnectionListener.NONE,
                                () -> TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()))));
    }

    /** Literals at once, names off the event loop. */
    @Override
    public Mono<InetSocketAddress> resolve(PeerAddress peer) {
        Mono<InetSocketAddress> resolved = Mono.fromCallable(
                        () -> new InetSocketAddress(InetAddress.getByName(peer.host()), peer.port()))
                .onErrorMap(UnknownHostException.class, e -> NodeEnvironment.unresolvable(peer, e));
        return NetUtil.isValidIpV4Address(peer.host()) || NetUtil.isValidIpV6Address(peer.host())
                ? resolved
                : resolved.subscribeOn(Schedulers.boundedElastic());
    }

    @Override
    public List<InetAddress> hostAddresses() {
        try {
            return NetworkInterface.networkInterfaces()
                    .filter(SystemEnvironment::isUp)
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(address -> !address.isLoopbackAddress())
                    .toList();
        } catch (SocketException e) {
            log.debug("The addresses of this host cannot be read", e);
            return List.of();
        }
    }

    private static boolean isUp(NetworkInterface networkInterface) {
        try {
            return networkInterface.isUp();
        } catch (SocketException e) {
            return false;
        }
    }
}
