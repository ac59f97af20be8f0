package dev.tether.examples;

import dev.tether.core.CandidateAddress;
import dev.tether.core.NatBehaviour;
import dev.tether.reactor.NetworkState;
import dev.tether.reactor.NetworkState.GatewayState;
import dev.tether.reactor.TransportNode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import reactor.core.publisher.Mono;

/**
 * What the gateways of a node have told of it, until each has answered or failed.
 *
 * @param natBehaviour what the node concludes from it
 * @param localAddresses those of the node's socket
 * @param gateways with the last failure of each that is not connected; without one if nothing is known yet
 */
record GatewayReadings(NatBehaviour natBehaviour, List<InetSocketAddress> localAddresses, List<GatewayState> gateways) {

    GatewayReadings {
        localAddresses = List.copyOf(localAddresses);
        gateways = List.copyOf(gateways);
    }

    /** Those of {@code node}, as soon as there are all, or when {@code timeout} is over. */
    static Mono<GatewayReadings> of(TransportNode node, Duration timeout) {
        GatewayReadings none = new GatewayReadings(NatBehaviour.UNKNOWN, List.of(), List.of());
        return node.network()
                .map(GatewayReadings::of)
                .takeUntil(GatewayReadings::isComplete)
                .takeUntilOther(Mono.delay(timeout))
                .last(none);
    }

    /** How many gateways see the node. */
    long connected() {
        return gateways.stream().filter(GatewayReadings::hasToldAll).count();
    }

    /** Whether the gateways that see the node are all in its own private network, and say nothing of what is outside. */
    boolean areWithin() {
        return gateways.stream()
                .flatMap(gateway -> gateway.ownAddress().stream())
                .allMatch(this::isSeenWithin);
    }

    private boolean isSeenWithin(InetSocketAddress observed) {
        InetAddress address = observed.getAddress();
        return address.isLoopbackAddress() || CandidateAddress.isPrivate(address) && localAddresses.contains(observed);
    }

    /** Why a gateway has not told anything. */
    static String problem(GatewayState gateway, Duration timeout) {
        return gateway.failure().map(ErrorReport::describe).orElse("no answer within " + RoundTrips.text(timeout));
    }

    private static GatewayReadings of(NetworkState state) {
        return new GatewayReadings(state.natBehaviour(), state.localAddresses(), state.gateways());
    }

    private boolean isComplete() {
        return !gateways.isEmpty()
                && gateways.stream()
                        .allMatch(gateway ->
                                hasToldAll(gateway) || gateway.failure().isPresent());
    }

    private static boolean hasToldAll(GatewayState gateway) {
        return gateway.connected() && gateway.ownAddress().isPresent();
    }
}
