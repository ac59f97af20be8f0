package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.PeerAddress;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many peers of one gateway. */
class GatewayScaleTest {

    private final SimulatedNetwork network = SimulatedNetwork.create(1);
    private final SimulatedHost host = network.host("g");
    private final List<SimulatedHost> hosts = new ArrayList<>();
    private final List<TransportNode> peers = new ArrayList<>();

    /** A node costs far more than a connection, so that most hosts lose power once they are connected: the gateway holds them on. */
    @Test
    @Timeout(value = 600, unit = TimeUnit.SECONDS)
    void aGatewayHoldsManyPeersAndIntroducesThem() {
        int many = Integer.getInteger("tether.gateway.peers", 1_000);
        int batch = 250;
        TransportNode gateway = bindGateway();
        for (int connected = batch; connected <= many; connected += batch) {
            crashPeers();
            bindPeers(batch, gateway.addressAs("g"), Duration.ofMillis(5));
            network.advance(Duration.ofMillis(500));
            assertThat(gateway.statistics().block().connections()).isEqualTo(connected);
        }

        List<PeerConnection> connected = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        for (int i = 0; i < batch / 2; i++) {
            peers.get(i)
                    .connect(PeerAddress.of(peers.get(batch - 1 - i).identity()))
                    .subscribe(connected::add, failures::add);
        }
        network.advance(Duration.ofSeconds(3));
        assertThat(failures).isEmpty();
        assertThat(connected).hasSize(batch / 2);
        assertThat(network.failures()).isEmpty();
    }

    @Test
    @Timeout(value = 300, unit = TimeUnit.SECONDS)
    void aThousandPeersThatReturnToARestartedGatewayAtOnceAreAllServed() {
        PeerAddress gateway = bindGateway().addressAs("g");
        bindPeers(1_000, gateway, Duration.ofMillis(5));
        network.advance(Duration.ofMinutes(1));
        assertThat(connectedPeers()).isEqualTo(1_000);

        host.crash();
        network.advance(Duration.ofMinutes(3));
        assertThat(connectedPeers()).isZero();
        host.restart();
        bindGateway();
        network.advance(Duration.ofSeconds(30));

        assertThat(connectedPeers()).isEqualTo(1_000);
        assertThat(network.failures()).isEmpty();
    }

    @Test
    @Timeout(value = 300, unit = TimeUnit.SECONDS)
    void aThousandPeersOfAGatewayThatIsReplacedInASecondComeBackToo() {
        PeerAddress gateway = bindGateway().addressAs("g");
        bindPeers(1_000, gateway, Duration.ofMillis(5));
        network.advance(Duration.ofMinutes(1));

        host.crash();
        network.advance(Duration.ofSeconds(1));
        host.restart();
        bindGateway();
        network.advance(Duration.ofSeconds(40));

        assertThat(connectedPeers()).isEqualTo(1_000);
    }

    private void crashPeers() {
        hosts.forEach(SimulatedHost::crash);
        peers.clear();
    }

    private long connectedPeers() {
        return peers.stream()
                .filter(peer ->
                        Objects.requireNonNull(peer.network().blockFirst()).connectedGateways() == 1)
                .count();
    }

    private TransportNode bindGateway() {
        return ReactiveTransport.create()
                .runOn(host)
                .identity(Peers.identity("g"))
                .port(Peers.PORT)
                .gateway(true)
                .bindNow();
    }

    private void bindPeers(int count, PeerAddress gateway, Duration pause) {
        for (int i = 0; i < count; i++) {
            SimulatedHost peer = network.host("p" + hosts.size());
            hosts.add(peer);
            peers.add(ReactiveTransport.create().runOn(peer).gateways(gateway).bindNow());
            network.advance(pause);
        }
    }
}
