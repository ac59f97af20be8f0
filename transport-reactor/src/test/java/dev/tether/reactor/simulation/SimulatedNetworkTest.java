package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.simulation.LinkSettings;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

class SimulatedNetworkTest {

    @Test
    void twoNodesTalk() {
        SimulatedNetwork network = SimulatedNetwork.create(1);
        SimulatedHost a = network.host("a");
        SimulatedHost b = network.host("b");
        network.link(a, b)
                .change(LinkSettings.PERFECT.latency(Duration.ofMillis(40)).loss(0.1));
        List<String> received = new ArrayList<>();
        TransportNode server = ReactiveTransport.create()
                .runOn(b)
                .port(4433)
                .doOnConnection(c -> c.receive().asString().subscribe(received::add))
                .bindNow();
        TransportNode client = ReactiveTransport.create().runOn(a).bindNow();

        PeerConnection connection = network.await(client.connect(server.addressAs("b")), Duration.ofSeconds(10));
        network.await(connection.sendString(Flux.range(0, 1000).map(i -> "message " + i)), Duration.ofSeconds(60));

        assertThat(received).hasSize(1000).startsWith("message 0").endsWith("message 999");
        System.out.println(network.elapsed() + " " + network.traceHash() + " " + network.statistics());
    }

    @Test
    void followsTheVirtualTimeOfStepVerifier() {
        StepVerifier.withVirtualTime(() -> {
                    SimulatedNetwork network = SimulatedNetwork.create(1);
                    TransportNode server = ReactiveTransport.create()
                            .runOn(network.host("b"))
                            .port(4433)
                            .handle(c -> c.send(c.receive().retain()))
                            .bindNow();
                    TransportNode client =
                            ReactiveTransport.create().runOn(network.host("a")).bindNow();
                    return client.connect(server.addressAs("b"))
                            .flatMapMany(c -> c.sendString(Flux.interval(Duration.ofSeconds(1))
                                            .take(3)
                                            .map(i -> "m" + i))
                                    .thenMany(c.receive().asString())
                                    .take(3));
                })
                .thenAwait(Duration.ofSeconds(10))
                .expectNext("m0", "m1", "m2")
                .verifyComplete();
    }

    @Test
    void anHour() {
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        SimulatedNetwork network = SimulatedNetwork.create(1, time);
        List<TransportNode> nodes = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            nodes.add(ReactiveTransport.create()
                    .runOn(network.host("h" + i))
                    .port(4433)
                    .bindNow());
        }
        for (int i = 1; i < 10; i++) {
            nodes.get(0).connect(nodes.get(i).addressAs("h" + i)).subscribe();
        }
        long t0 = System.nanoTime();
        time.advanceTimeBy(Duration.ofHours(1));
        System.out.println("hour " + (System.nanoTime() - t0) / 1e6 + " " + network.statistics() + network.traceHash());
    }
}
