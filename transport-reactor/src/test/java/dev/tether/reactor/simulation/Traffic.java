package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.reactor.PeerConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import reactor.core.publisher.Flux;

/** Numbered messages both ways over one connection, at a steady pace. */
final class Traffic {

    private final SimulatedNetwork network;
    private final int messages;
    private final List<Flow> flows = new ArrayList<>(2);

    private Traffic(SimulatedNetwork network, int messages) {
        this.network = network;
        this.messages = messages;
    }

    private static final class Flow {
        final List<String> received = new ArrayList<>();
        final List<Throwable> failures = new ArrayList<>();
        boolean acknowledged;
    }

    /** Starts. Both are the two ends of one connection. */
    static Traffic start(
            SimulatedNetwork network, PeerConnection one, PeerConnection other, int messages, Duration every) {
        Traffic traffic = new Traffic(network, messages);
        traffic.flow(one, other, every);
        traffic.flow(other, one, every);
        return traffic;
    }

    private void flow(PeerConnection from, PeerConnection to, Duration every) {
        Flow flow = new Flow();
        flows.add(flow);
        to.receive().asString().subscribe(flow.received::add, flow.failures::add);
        from.sendString(Flux.interval(every, network.scheduler())
                        .onBackpressureBuffer()
                        .take(messages)
                        .map(number -> "message " + number))
                .subscribe(nothing -> {}, flow.failures::add, () -> flow.acknowledged = true);
    }

    /** Everything has arrived once, in order, both ways; every send is complete, and nobody was told of an error. */
    void assertAllDelivered(Object what) {
        List<String> all =
                IntStream.range(0, messages).mapToObj(i -> "message " + i).toList();
        for (Flow flow : flows) {
            assertThat(flow.failures)
                    .as("errors, %s, seed %d", what, network.seed())
                    .isEmpty();
            assertThat(flow.received)
                    .as("messages, %s, seed %d", what, network.seed())
                    .isEqualTo(all);
            assertThat(flow.acknowledged)
                    .as("acknowledged, %s, seed %d", what, network.seed())
                    .isTrue();
        }
    }
}
