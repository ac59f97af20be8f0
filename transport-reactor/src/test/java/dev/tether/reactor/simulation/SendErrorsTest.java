package dev.tether.reactor.simulation;

import static dev.tether.reactor.simulation.Peers.LIMIT;
import static dev.tether.reactor.simulation.Peers.assertEcho;
import static dev.tether.reactor.simulation.Peers.client;
import static dev.tether.reactor.simulation.Peers.connect;
import static dev.tether.reactor.simulation.Peers.server;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.ConnectionState;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.TransportNode;
import java.net.NoRouteToHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a socket cannot send concerns one destination. */
class SendErrorsTest {

    private final SimulatedNetwork network = SimulatedNetwork.create(4);
    private final SimulatedHost a = network.host("a");
    private final SimulatedHost b = network.host("b");
    private final TransportNode client = client(a);
    private final TransportNode server = server(b);
    private PeerConnection other;

    @BeforeEach
    void connectToAnother() {
        other = connect(network, client, server(network.host("c")), "c");
    }

    @AfterEach
    void theOtherConnectionHasNoticedNothing() {
        assertThat(other.state()).isInstanceOf(ConnectionState.Established.class);
        assertEcho(network, other);
        assertThat(network.failures()).isEmpty();
    }

    @Test
    void anAttemptThatTimesOutCarriesTheLastErrorOfItsDatagrams() {
        ConnectionEstablishmentException failure = failureOf("2001:db8::1");

        assertThat(failure.reason()).isEqualTo(ConnectionEstablishmentException.Reason.TIMED_OUT);
        assertThat(failure)
                .hasCauseInstanceOf(NoRouteToHostException.class)
                .hasMessageContaining("could not send there")
                .hasMessageContaining(failure.getCause().getMessage());
        assertThat(Objects.requireNonNull(network.await(client.statistics(), LIMIT))
                        .sendErrors())
                .isBetween(6L, 10L);
    }

    @Test
    void aDatagramThatIsTooLongForItsPathIsSuchAnError() {
        network.link(a, b).change(SimulatedNetwork.DEFAULT_LINK.mtu(1_000));

        assertThat(failureOf("b")).hasMessageContaining("1200 bytes is too large");
    }

    @Test
    void anAttemptWithoutSuchAnErrorHasNoCause() {
        failureOf("2001:db8::1");
        network.link(a, b).cut();

        assertThat(failureOf("b")).hasNoCause();
    }

    @Test
    void anAttemptWhoseErrorsPassSucceeds() {
        SimulatedLink link = network.link(a, b).change(SimulatedNetwork.DEFAULT_LINK.mtu(1_000));
        List<PeerConnection> connected = new ArrayList<>();
        client.connect(server.addressAs("b")).subscribe(connected::add);
        network.advance(Duration.ofSeconds(1));
        link.change(SimulatedNetwork.DEFAULT_LINK);
        network.advance(Duration.ofSeconds(5));

        assertThat(connected).hasSize(1);
        assertEcho(network, connected.get(0));
    }

    @Test
    void anEstablishedConnectionSurvivesErrorsThatPass() {
        PeerConnection connection = connect(network, client, server, "b");
        SimulatedLink link = network.link(a, b).change(SimulatedNetwork.DEFAULT_LINK.mtu(20));
        connection.ping().subscribe(roundTrip -> {}, failure -> {});
        network.advance(Duration.ofSeconds(30));
        assertThat(connection.state()).isInstanceOf(ConnectionState.Unresponsive.class);

        link.change(SimulatedNetwork.DEFAULT_LINK);
        network.advance(Duration.ofSeconds(60));
        assertThat(connection.state()).isInstanceOf(ConnectionState.Established.class);
        assertEcho(network, connection);
    }

    private ConnectionEstablishmentException failureOf(String host) {
        List<Throwable> failures = new ArrayList<>();
        client.connect(server.addressAs(host)).subscribe(connection -> {}, failures::add);
        network.advance(Duration.ofSeconds(11));
        assertThat(failures).singleElement().isInstanceOf(ConnectionEstablishmentException.class);
        return (ConnectionEstablishmentException) failures.get(0);
    }
}
