package dev.tether.core.path;

import dev.tether.core.NatBehaviour;
import java.net.InetSocketAddress;

/** What has become of a {@link PunchSession}. */
public sealed interface PunchResult {

    /**
     * The peer is reached: what is sent to this address arrives, and the peer's answers come back.
     *
     * @param address where
     * @param roundTripNs the least time that a reply from there has taken, in nanoseconds
     */
    record Reached(InetSocketAddress address, long roundTripNs) implements PunchResult {}

    /**
     * No address was found that works both ways.
     *
     * @param own what this side believes to be behind
     * @param peers what the peer believes to be behind
     * @param probedAddresses how many addresses were tried
     * @param heard whether anything of the peer has arrived: then only the way to it is blocked
     */
    record NotReached(NatBehaviour own, NatBehaviour peers, int probedAddresses, boolean heard) implements PunchResult {

        /** What happened, the likely cause, and what may help; a sentence or two for a human. */
        public String explanation() {
            return "addresses of the peer tried: " + probedAddresses + ", none works both ways ("
                    + (heard ? "it was heard, but did not hear this side" : "nothing was heard of it")
                    + "); this side's NAT: " + describe(own) + ", the peer's: " + describe(peers) + ". " + advice();
        }

        private String advice() {
            if (own == NatBehaviour.ENDPOINT_DEPENDENT || peers == NatBehaviour.ENDPOINT_DEPENDENT) {
                return "A NAT that gives each destination another port cannot be passed unless the other side lets in"
                        + " unknown ports: forward a port on one of both sides, or relay through a peer that both reach";
            }
            return "A firewall on the way may block UDP: allow it, forward a port on one of both sides, or relay through a"
                    + " peer that both reach";
        }

        private static String describe(NatBehaviour behaviour) {
            return switch (behaviour) {
                case UNKNOWN -> "unknown";
                case NONE -> "none";
                case ENDPOINT_INDEPENDENT -> "one address for all destinations";
                case ENDPOINT_DEPENDENT -> "another port for each destination";
            };
        }
    }
}
