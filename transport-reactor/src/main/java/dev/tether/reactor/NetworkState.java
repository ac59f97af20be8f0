package dev.tether.reactor;

import dev.tether.core.NatBehaviour;
import dev.tether.core.PeerAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * What a node knows of its place in the network at one moment. Immutable.
 *
 * @param natBehaviour what stands between the node and the network, as its gateways see it; it takes two of them, on two hosts,
 *     to tell whether a NAT shows each destination another address
 * @param localAddresses the addresses of the socket as its host knows them
 * @param gateways the node's gateways, in the order in which they were given
 */
public record NetworkState(
        NatBehaviour natBehaviour, List<InetSocketAddress> localAddresses, List<GatewayState> gateways) {

    /**
     * One gateway.
     *
     * @param address as it was given
     * @param connected whether it can introduce this node, and can be asked to
     * @param ownAddress where it sees this node; empty as long as it has not told
     * @param failure why there is no connection, also while another attempt runs; empty if there is one, or if the first attempt runs
     */
    public record GatewayState(
            PeerAddress address,
            boolean connected,
            Optional<InetSocketAddress> ownAddress,
            Optional<Throwable> failure) {}

    public NetworkState {
        localAddresses = List.copyOf(localAddresses);
        gateways = List.copyOf(gateways);
    }

    /** How many gateways are connected. */
    public long connectedGateways() {
        return gateways.stream().filter(GatewayState::connected).count();
    }
}
