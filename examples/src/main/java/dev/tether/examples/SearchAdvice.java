package dev.tether.examples;

import dev.tether.core.NatBehaviour;
import dev.tether.core.PeerIdentity;
import dev.tether.core.error.ConnectionEstablishmentException;

/** What a user of the command can do when a peer was not found through gateways. */
final class SearchAdvice {

    private SearchAdvice() {}

    /** The {@code message} of {@code failure} with the way out. */
    static String complete(ConnectionEstablishmentException failure, String message) {
        return switch (failure.reason()) {
            case NO_GATEWAY -> noGateway(failure, message);
            case UNKNOWN_PEER -> message + ". Is the peer running, with the same --via?";
            case NO_DIRECT_PATH -> noDirectPath(failure);
            default -> message;
        };
    }

    private static String noGateway(ConnectionEstablishmentException failure, String message) {
        Throwable cause = failure.getCause();
        return message + (cause == null ? "" : " (" + ErrorReport.describe(cause) + ")")
                + ". Is the gateway of --via running, and does this host reach it? Another --via can be given as well";
    }

    private static String noDirectPath(ConnectionEstablishmentException failure) {
        NatBehaviour own = failure.natBehaviour();
        NatBehaviour peers = failure.peerNatBehaviour();
        PeerIdentity peer = failure.remoteIdentity();
        boolean symmetric = own == NatBehaviour.ENDPOINT_DEPENDENT || peers == NatBehaviour.ENDPOINT_DEPENDENT;
        return "peer " + (peer == null ? "" : peer.shortName() + " ")
                + "was introduced, but no path between both works: this side is behind " + NatText.name(own)
                + ", the peer behind " + NatText.name(peers) + ". "
                + (symmetric ? "Forward a UDP port" : "Allow UDP in the firewalls of both, forward a UDP port")
                + " to one of both, or run 'tether relay' on a host that both reach";
    }
}
