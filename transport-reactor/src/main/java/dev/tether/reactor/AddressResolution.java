package dev.tether.reactor;

import dev.tether.core.PeerAddress;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.error.PeerContext;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Turns the host of a peer's address into an IP address: literals at once, names off the event loop. */
final class AddressResolution {

    private AddressResolution() {}

    static Mono<InetSocketAddress> resolve(PeerAddress peer) {
        if (NetUtil.isValidIpV4Address(peer.host()) || NetUtil.isValidIpV6Address(peer.host())) {
            return Mono.fromCallable(() -> new InetSocketAddress(InetAddress.getByName(peer.host()), peer.port()));
        }
        return Mono.fromCallable(() -> new InetSocketAddress(InetAddress.getByName(peer.host()), peer.port()))
                .subscribeOn(Schedulers.boundedElastic())
                .onErrorMap(
                        UnknownHostException.class,
                        e -> new ConnectionEstablishmentException(
                                ConnectionEstablishmentException.Reason.UNREACHABLE,
                                0,
                                "the host '" + peer.host() + "' cannot be resolved",
                                new PeerContext(peer.identity(), null, null),
                                e));
    }
}
