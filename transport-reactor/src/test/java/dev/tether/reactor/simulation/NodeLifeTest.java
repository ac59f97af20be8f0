package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.error.ChannelClosedException;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.frame.TransportErrorCode;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What a node does at the edges of its life and of its connections, where only a simulated network is exact enough. */
class NodeLifeTest {

    private final SimulatedNetwork network = SimulatedNetwork.create(1);
    private final SimulatedHost a = network.host("a");
    private final SimulatedHost b = network.host("b");

    @Test
    void aResponseThatIsLostIsSentAgainForACopyOfTheInitiation() {
        TransportNode server = Peers.server(b);
        TransportNode client = Peers.client(a);
        SimulatedLink link = network.link(a, b).cutBack();
        List<PeerConnection> connected = new ArrayList<>();

        client.connect(server.addressAs("b")).subscribe(connected::add);
        network.advance(Duration.ofMillis(100));
        link.heal();
        network.advance(Duration.ofMillis(400));

        assertThat(connected).as("after the first resend").hasSize(1);
    }

    @Test
    void aConnectThatWaitsErrorsWhenItsNodeCloses() {
        TransportNode client = Peers.client(a);
        List<Throwable> failures = new ArrayList<>();
        client.connect(Peers.client(b).addressAs("198.18.0.99")).subscribe(connection -> {}, failures::add);
        network.advance(Duration.ofMillis(100));

        network.await(client.close(), Peers.LIMIT);

        assertThat(failures).singleElement().isInstanceOf(ChannelClosedException.class);
        assertThatThrownBy(() -> network.await(client.connect(Peers.server(b).addressAs("b")), Peers.LIMIT))
                .isInstanceOf(ChannelClosedException.class);
    }

    @Test
    void aNodeThatClosesRefusesWhoDialsIt() {
        TransportNode server = Peers.server(b);
        Peers.connect(network, Peers.client(a), server, "b");
        network.link(a, b).cut();
        SimulatedHost c = network.host("c");
        TransportNode late = Peers.client(c);
        List<Throwable> failures = new ArrayList<>();

        // It waits for the peer that cannot confirm the close.
        server.close(Duration.ofSeconds(5)).subscribe();
        late.connect(server.addressAs("b")).subscribe(connection -> {}, failures::add);
        network.advance(Duration.ofMillis(500));

        assertThat(failures).singleElement().isInstanceOfSatisfying(ConnectionEstablishmentException.class, refused -> {
            assertThat(refused.reason()).isEqualTo(ConnectionEstablishmentException.Reason.REFUSED);
            assertThat(refused.isByApplication()).isFalse();
            assertThat(refused.code()).isEqualTo(TransportErrorCode.NODE_CLOSING);
            assertThat(refused).hasMessageContaining("closing");
        });
    }

    @Test
    void aConnectionThatHasEndedHoldsNoMemoryOnceItsMessagesAreRead() {
        List<String> read = new ArrayList<>();
        List<PeerConnection> accepted = new ArrayList<>();
        TransportNode server = ReactiveTransport.create()
                .runOn(b)
                .port(Peers.PORT)
                .doOnConnection(accepted::add)
                .bindNow();
        PeerConnection connection = Peers.connect(network, Peers.client(a), server, "b");
        network.link(a, b).change(SimulatedNetwork.DEFAULT_LINK.bytesPerSecond(100_000), LinkSettings.PERFECT);
        connection
                .sendString(Flux.concat(Mono.just("first"), Mono.just("x".repeat(1 << 20))))
                .subscribe(nothing -> {}, failure -> {});
        network.advance(Duration.ofSeconds(1));
        assertThat(b.messageBytes()).isPositive();

        network.await(connection.close(), Peers.LIMIT);
        network.advance(Duration.ofSeconds(5));
        accepted.get(0).receive().asString().subscribe(read::add);
        network.advance(Duration.ofMillis(1));

        assertThat(read).containsExactly("first");
        assertThat(b.messageBytes()).isZero();
    }
}
