package dev.tether.reactor.simulation;

import static dev.tether.reactor.simulation.Peers.client;
import static dev.tether.reactor.simulation.Peers.server;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;

/** What a simulation costs follows from what happens in it, and not from how long it lasts. */
class ScaleTest {

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void anHourOfTenIdlePeersIsNothingButKeepAlives() {
        SimulatedNetwork network = SimulatedNetwork.create(1);
        TransportNode server = server(network.host("hub"));
        for (int i = 0; i < 10; i++) {
            client(network.host("h" + i)).connect(server.addressAs("hub")).subscribe();
        }
        network.advance(Duration.ofMinutes(1));
        int waiting = network.pendingTasks();
        long before = network.statistics().sent();

        network.advance(Duration.ofHours(1));

        long sent = network.statistics().sent() - before;
        // Each side of each connection asks every 15 seconds, and each question is answered.
        assertThat(sent).isBetween(10 * 240L, 10 * 4 * 240L + 40);
        assertThat(network.statistics().droppedInAll()).isZero();
        assertThat(network.pendingTasks()).as("tasks that wait").isLessThanOrEqualTo(waiting + 20);
        assertThat(network.datagramBytes()).isZero();
    }

    @Test
    @Timeout(value = 180, unit = TimeUnit.SECONDS)
    void aThousandPeersOfOneGatewayAreAllServedForTenMinutes() {
        int peers = 1_000;
        int messages = 10;
        SimulatedNetwork network = SimulatedNetwork.create(1);
        network.changeDefaultLink(SimulatedNetwork.DEFAULT_LINK.loss(0.01));
        List<String> received = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        TransportNode gateway = ReactiveTransport.create()
                .runOn(network.host("gateway"))
                .port(4433)
                .doOnConnection(peer -> peer.receive().asString().subscribe(received::add, failures::add))
                .bindNow();
        List<PeerConnection> connected = new ArrayList<>();
        Flux.range(0, peers)
                .flatMap(
                        i -> ReactiveTransport.create()
                                .runOn(network.host("peer" + i))
                                .bind()
                                .flatMap(node -> node.connect(gateway.addressAs("gateway")))
                                .doOnNext(connected::add)
                                .flatMap(connection ->
                                        connection.sendString(Flux.interval(Duration.ofSeconds(50), network.scheduler())
                                                .take(messages)
                                                .map(n -> i + " " + n))),
                        peers)
                .subscribe(nothing -> {}, failures::add);

        network.advance(Duration.ofMinutes(10));

        assertThat(failures).isEmpty();
        assertThat(connected).hasSize(peers);
        assertThat(received).hasSize(peers * messages).doesNotHaveDuplicates();
        assertThat(network.failures()).isEmpty();
    }
}
