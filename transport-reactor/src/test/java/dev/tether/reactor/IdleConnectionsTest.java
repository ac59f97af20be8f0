package dev.tether.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;
import reactor.netty.resources.LoopResources;

class IdleConnectionsTest {

    private static final int NODES_A_SIDE = 32;
    private static final int CONNECTIONS = NODES_A_SIDE * NODES_A_SIDE;
    private static final long LIMIT_BYTES = 24 * 1024;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void anIdleConnectionCostsLessThan24KibibytesOfHeapAtBothEndsTogether() {
        LoopResources loops = LoopResources.create("idle", 2, true);
        List<TransportNode> servers = nodes(loops);
        List<TransportNode> clients = nodes(loops);
        try {
            // The first connection loads classes and fills what all connections share.
            clients.get(0).connect(servers.get(0).addressAs("127.0.0.1")).block(LIMIT);
            long before = usedHeap();

            List<PeerConnection> peers = Flux.fromIterable(clients)
                    .concatMap(client -> Flux.fromIterable(servers)
                            .concatMap(server -> client.connect(server.addressAs("127.0.0.1"))))
                    .collectList()
                    .block(LIMIT);
            assertThat(peers).hasSize(CONNECTIONS);
            Flux.fromIterable(peers).flatMap(PeerConnection::ping).blockLast(LIMIT);

            long each = (usedHeap() - before) / (CONNECTIONS - 1);
            System.out.println("heap of an idle connection, both ends: " + each + " bytes");
            assertThat(each).as("bytes of heap").isPositive().isLessThan(LIMIT_BYTES);
            assertThat(peers).allMatch(peer -> peer.state() instanceof dev.tether.core.ConnectionState.Established);
        } finally {
            Flux.merge(Flux.fromIterable(clients), Flux.fromIterable(servers))
                    .flatMap(node -> node.close(Duration.ofSeconds(5)))
                    .blockLast(LIMIT);
            loops.disposeLater(Duration.ZERO, Duration.ofSeconds(5)).block(LIMIT);
        }
    }

    private static List<TransportNode> nodes(LoopResources loops) {
        List<TransportNode> nodes = new ArrayList<>();
        for (int i = 0; i < NODES_A_SIDE; i++) {
            nodes.add(ReactiveTransport.create()
                    .host("127.0.0.1")
                    .runOn(loops)
                    .handle(peer -> peer.receive().then())
                    .bindNow());
        }
        return nodes;
    }

    private static long usedHeap() {
        long used = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            used = Math.min(
                    used,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return used;
    }
}
