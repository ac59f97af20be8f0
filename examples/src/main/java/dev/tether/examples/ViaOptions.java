package dev.tether.examples;

import dev.tether.core.PeerAddress;
import dev.tether.reactor.ReactiveTransport;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The gateways of a node: by them it finds peers of which it knows only the key, and is found by them. */
final class ViaOptions {

    @Spec(Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--via",
            paramLabel = "GATEWAY",
            description =
                    "a gateway, that runs 'tether gateway': tether://KEY@HOST:PORT; it introduces peers to each other,"
                            + " whose addresses are then no more than tether://KEY (repeatable, up to 8)")
    private List<PeerAddress> gateways = List.of();

    /** Gives the gateways to {@code transport}. */
    ReactiveTransport apply(ReactiveTransport transport) {
        for (PeerAddress gateway : gateways) {
            if (!gateway.hasHost()) {
                throw wrong("--via " + gateway + " does not say where the gateway is: write " + gateway + "@HOST:PORT");
            }
        }
        try {
            return transport.gateways(gateways);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--via: " + e.getMessage(), e);
        }
    }

    /** For a command that is of no use without a gateway. */
    void requireGateway() {
        if (gateways.isEmpty()) {
            throw wrong("a gateway is needed: give --via tether://KEY@HOST:PORT");
        }
    }

    /** Finds a peer that there is no way to: nobody could say where it is. */
    void requireWayTo(PeerAddress peer) {
        if (!peer.hasHost() && gateways.isEmpty()) {
            throw wrong(peer
                    + " does not say where the peer is: give a gateway that the peer has, too, with --via, or write "
                    + peer + "@HOST:PORT");
        }
    }

    /** Prints whether this peer can be introduced to others, now and whenever that changes. */
    void report(RunningNode running) {
        if (!gateways.isEmpty()) {
            running.reportGateways("*");
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
