package dev.tether.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.NatBehaviour;
import dev.tether.core.PeerAddress;
import dev.tether.core.PeerIdentity;
import dev.tether.core.noise.KeyPair;
import dev.tether.reactor.NetworkState;
import dev.tether.reactor.NetworkState.GatewayState;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is printed of a node's gateways: a line for each change. */
class GatewayReportTest {

    private static final PeerIdentity SELF = KeyPair.generate().identity();
    private static final String NOBODY = "No gateway is connected, nobody is introduced to this peer; trying again";
    private static final String REACHABLE = "Reachable as tether://" + SELF + " --via the same gateway";

    private final PeerAddress one = PeerAddress.of(KeyPair.generate().identity(), "one", 1);
    private final PeerAddress two = PeerAddress.of(KeyPair.generate().identity(), "two", 2);
    private final GatewayReport report = new GatewayReport(SELF);

    @Test
    void nothingIsSaidAsLongAsNothingIsKnown() {
        assertThat(report.changes(state(trying(one), trying(two)))).isEmpty();
    }

    @Test
    void theFirstConnectedGatewayMakesThePeerReachable() {
        assertThat(report.changes(state(connected(one), trying(two))))
                .containsExactly("Gateway one:1 connected, it sees this peer at 192.0.2.7:4000", REACHABLE);
        assertThat(report.changes(state(connected(one), connected(two))))
                .containsExactly("Gateway two:2 connected, it sees this peer at 192.0.2.7:4000");
    }

    @Test
    void aGatewayThatFailsAgainAndAgainIsReportedOnce() {
        assertThat(report.changes(state(failed(one), trying(two))))
                .containsExactly("Gateway one:1 failed no route; trying again");
        assertThat(report.changes(state(trying(one), trying(two)))).isEmpty();
        assertThat(report.changes(state(failed(one), trying(two)))).isEmpty();
    }

    @Test
    void whenTheLastGatewayIsLostNobodyIsIntroduced() {
        report.changes(state(connected(one), connected(two)));
        assertThat(report.changes(state(failed(one), connected(two))))
                .containsExactly("Gateway one:1 lost no route; trying again");
        assertThat(report.changes(state(failed(one), failed(two))))
                .containsExactly("Gateway two:2 lost no route; trying again", NOBODY);
        assertThat(report.changes(state(failed(one), trying(two)))).isEmpty();
        assertThat(report.changes(state(connected(one), failed(two))))
                .containsExactly("Gateway one:1 connected, it sees this peer at 192.0.2.7:4000", REACHABLE);
    }

    @Test
    void anotherOwnAddressIsNoChangeOfThePeersReach() {
        report.changes(state(connected(one)));
        assertThat(report.changes(state(new GatewayState(one, true, Optional.empty(), Optional.empty()))))
                .isEmpty();
    }

    private static NetworkState state(GatewayState... gateways) {
        return new NetworkState(NatBehaviour.UNKNOWN, List.of(), List.of(gateways));
    }

    private static GatewayState trying(PeerAddress gateway) {
        return new GatewayState(gateway, false, Optional.empty(), Optional.empty());
    }

    private static GatewayState connected(PeerAddress gateway) {
        InetSocketAddress own = new InetSocketAddress("192.0.2.7", 4000);
        return new GatewayState(gateway, true, Optional.of(own), Optional.empty());
    }

    private static GatewayState failed(PeerAddress gateway) {
        return new GatewayState(gateway, false, Optional.empty(), Optional.of(new IOException("no route")));
    }
}
