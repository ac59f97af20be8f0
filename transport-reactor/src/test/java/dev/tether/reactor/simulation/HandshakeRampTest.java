package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.wire.DatagramType;
import dev.tether.core.wire.ResponseDatagram;
import dev.tether.reactor.NodeStatistics;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A node that starts and is met by all its peers at once. */
class HandshakeRampTest {

    private static final int PEERS = 500;
    private static final int RATE = 100;
    private static final int BURST = 25;
    private static final long SECOND_NS = 1_000_000_000L;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void fiveHundredPeersAtTheStartAreAnsweredAtTheRateAndAllConnect(long seed) {
        SimulatedNetwork network = SimulatedNetwork.create(seed);
        TransportNode gateway = ReactiveTransport.create()
                .runOn(network.host("gateway"))
                .port(Peers.PORT)
                .settings(it -> it.handshakesPerSecond(RATE))
                .handle(peer -> peer.receive().then())
                .bindNow();
        List<Long> answeredNs = new ArrayList<>();
        Set<Long> sessions = new HashSet<>();
        network.onEvent(event -> {
            if (event instanceof SimulationEvent.Sent it
                    && it.host().equals("gateway")
                    && it.datagram()[0] == DatagramType.RESPONSE
                    && sessions.add(ResponseDatagram.senderConnectionId(it.datagram(), 0))) {
                answeredNs.add(it.timeNs());
            }
        });
        List<PeerConnection> connected = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        for (int i = 0; i < PEERS; i++) {
            Peers.client(network.host("p" + i))
                    .connect(gateway.addressAs("gateway"))
                    .subscribe(connected::add, failures::add);
        }
        network.advance(Duration.ofSeconds(12));

        assertThat(failures).as("seed %d", seed).isEmpty();
        assertThat(connected).as("seed %d", seed).hasSize(PEERS);
        assertThat(answeredNs).as("seed %d", seed).hasSize(PEERS);
        int first = 0;
        for (int last = 0; last < answeredNs.size(); last++) {
            while (answeredNs.get(first) <= answeredNs.get(last) - SECOND_NS) {
                first++;
            }
            assertThat(last - first + 1)
                    .as("answers in the second before %d ns, seed %d", answeredNs.get(last), seed)
                    .isLessThanOrEqualTo(RATE + BURST);
        }
        NodeStatistics statistics = Objects.requireNonNull(network.await(gateway.statistics(), Peers.LIMIT));
        assertThat(statistics.deferredInitiations()).isPositive();
        assertThat(statistics.refused()).isZero();
    }
}
