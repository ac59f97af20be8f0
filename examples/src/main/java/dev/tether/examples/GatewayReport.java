package dev.tether.examples;

import dev.tether.core.PeerAddress;
import dev.tether.core.PeerIdentity;
import dev.tether.reactor.NetworkState;
import dev.tether.reactor.NetworkState.GatewayState;
import dev.tether.reactor.TransportNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.Mono;

/**
 * Whether a peer can be reached through its gateways, in lines: one for each change. That a gateway fails again and again is
 * none.
 */
final class GatewayReport {

    private final PeerIdentity self;

    /** Whether each was connected when it was last heard of; none before that. */
    private final Map<PeerIdentity, Boolean> connected = new HashMap<>();

    private Reach reach = Reach.OPEN;

    GatewayReport(PeerIdentity self) {
        this.self = self;
    }

    /** Prints every change of {@code node}'s gateways until {@code end} or its close, and completes then. */
    static Mono<Void> of(TransportNode node, Mono<Void> end, String label, Console console) {
        GatewayReport report = new GatewayReport(node.identity());
        return node.network()
                .takeUntilOther(end)
                .publishOn(Console.PRINTING)
                .concatMapIterable(report::changes)
                .doOnNext(line -> console.event(label + " " + line))
                .then()
                .onErrorComplete();
    }

    /** The lines of what has changed with {@code state}. */
    List<String> changes(NetworkState state) {
        List<String> lines = new ArrayList<>();
        for (GatewayState gateway : state.gateways()) {
            if (gateway.connected()) {
                addConnected(gateway, lines);
            } else {
                gateway.failure().ifPresent(failure -> addFailed(gateway, failure, lines));
            }
        }
        Reach now = connected.containsValue(true)
                ? Reach.REACHABLE
                : connected.size() == state.gateways().size() ? Reach.UNREACHABLE : reach;
        if (now != reach) {
            reach = now;
            lines.add(
                    reach == Reach.REACHABLE
                            ? "Reachable as " + PeerAddress.of(self) + " --via the same gateway"
                            : "No gateway is connected, nobody is introduced to this peer; trying again");
        }
        return lines;
    }

    private void addConnected(GatewayState gateway, List<String> lines) {
        if (!Boolean.TRUE.equals(connected.put(gateway.address().identity(), true))) {
            lines.add("Gateway " + HostPort.text(gateway.address()) + " connected"
                    + gateway.ownAddress()
                            .map(own -> ", it sees this peer at " + HostPort.text(own))
                            .orElse(""));
        }
    }

    private void addFailed(GatewayState gateway, Throwable failure, List<String> lines) {
        Boolean former = connected.put(gateway.address().identity(), false);
        if (!Boolean.FALSE.equals(former)) {
            lines.add("Gateway " + HostPort.text(gateway.address()) + (former == null ? " failed " : " lost ")
                    + ErrorReport.describe(failure) + "; trying again");
        }
    }

    /** Whether others can be introduced to the peer. */
    private enum Reach {
        /** Some gateway may yet answer. */
        OPEN,
        REACHABLE,
        UNREACHABLE
    }
}
