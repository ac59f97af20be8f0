package dev.tether.reactor;

import dev.tether.core.PeerAddress;
import dev.tether.core.PeerIdentity;
import java.util.List;
import java.util.function.Predicate;

/**
 * What a {@link ReactiveTransport} has collected of introductions.
 *
 * @param gateway whether the node introduces its peers to each other
 * @param gateways those that introduce it, each with a host, at most {@value #MAX_GATEWAYS}
 * @param consent by whom it lets itself be reached
 */
record RendezvousConfig(boolean gateway, List<PeerAddress> gateways, Predicate<? super PeerIdentity> consent) {

    static final int MAX_GATEWAYS = 8;

    static final RendezvousConfig NONE = new RendezvousConfig(false, List.of(), requester -> true);

    RendezvousConfig {
        gateways = gateways.stream().distinct().toList();
        for (PeerAddress address : gateways) {
            if (!address.hasHost()) {
                throw new IllegalArgumentException("the gateway " + address
                        + " has no host, so that it cannot be dialed: write " + address + "@host:port");
            }
        }
        if (gateways.size() > MAX_GATEWAYS) {
            throw new IllegalArgumentException(
                    gateways.size() + " gateways, at most " + MAX_GATEWAYS + " are possible: leave some out");
        }
    }

    RendezvousConfig withGateway(boolean gateway) {
        return new RendezvousConfig(gateway, gateways, consent);
    }

    RendezvousConfig withGateways(List<PeerAddress> gateways) {
        return new RendezvousConfig(gateway, gateways, consent);
    }

    RendezvousConfig withConsent(Predicate<? super PeerIdentity> consent) {
        return new RendezvousConfig(gateway, gateways, consent);
    }
}
