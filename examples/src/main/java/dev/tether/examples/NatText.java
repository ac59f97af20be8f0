package dev.tether.examples;

import dev.tether.core.NatBehaviour;

/** What a NAT is called, and what it means for those behind it. */
final class NatText {

    private NatText() {}

    /** What somebody is behind: {@code … is behind} this. */
    static String name(NatBehaviour behaviour) {
        return switch (behaviour) {
            case UNKNOWN -> "an unknown NAT";
            case NONE -> "no NAT";
            case ENDPOINT_INDEPENDENT -> "a cone NAT";
            case ENDPOINT_DEPENDENT -> "a symmetric NAT";
        };
    }

    /** How it treats the host, as the gateways see it. */
    static String definition(NatBehaviour behaviour) {
        return switch (behaviour) {
            case UNKNOWN -> "it is seen at an address that it does not have, by too few gateways to tell more";
            case NONE -> "the gateways see this host at its own address";
            case ENDPOINT_INDEPENDENT -> "all destinations see this host at the same address";
            case ENDPOINT_DEPENDENT -> "each destination sees this host at another address";
        };
    }

    /** Who can reach a host behind it. */
    static String meaning(NatBehaviour behaviour) {
        return switch (behaviour) {
            case UNKNOWN ->
                "It takes gateways on two hosts to tell whether all destinations see the same address, on which depends who"
                        + " can reach this host: give another --via.";
            case NONE ->
                "Everybody who is let through by a firewall can reach this host at that address; peers with the same gateway"
                        + " can, too, if a firewall lets in answers only.";
            case ENDPOINT_INDEPENDENT ->
                "Peers with the same gateway can reach this host, except those behind a symmetric NAT if this NAT lets in"
                        + " only ports that this host has sent to.";
            case ENDPOINT_DEPENDENT ->
                "Peers with the same gateway can reach this host if they are behind no NAT, or behind one that lets in ports"
                        + " that they have not sent to; others cannot. For those, forward a UDP port to one of both"
                        + " sides, or run 'tether relay' on a host that both can reach.";
        };
    }
}
