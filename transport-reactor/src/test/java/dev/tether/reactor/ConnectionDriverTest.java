package dev.tether.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.error.InternalErrorException;
import dev.tether.reactor.simulation.SimulatedNetwork;
import dev.tether.reactor.simulation.SimulationEvent;
import io.netty.buffer.Unpooled;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.IllegalReferenceCountException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ConnectionDriverTest {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final SimulatedNetwork network = SimulatedNetwork.create(1);
    private final ReactorNode node =
            (ReactorNode) ReactiveTransport.create().runOn(network.host("a")).bindNow();
    private final TransportNode server =
            ReactiveTransport.create().runOn(network.host("b")).bindNow();

    @Test
    void aConnectionWhoseInboundQueueIsGoneEndsWithATypedCause() {
        AtomicLong connectionId = new AtomicLong();
        network.onEvent(event -> {
            if (event instanceof SimulationEvent.StateEntered entered
                    && entered.host().equals("a")) {
                connectionId.set(entered.connectionId());
            }
        });
        PeerConnection connection = network.await(node.connect(server.addressAs("b")), LIMIT);
        network.advance(Duration.ofSeconds(1));
        assertThat(connection).isNotNull();
        List<Throwable> ends = new ArrayList<>();
        connection.onClose().subscribe(nothing -> {}, ends::add);
        connection.receive().subscribe(message -> {}, ends::add);
        DatagramPacket first = packet();
        first.release();
        DatagramPacket second = packet();

        node.execute(() -> {
            ConnectionDriver driver = Objects.requireNonNull(node.driver(connectionId.get()));
            // Its subscriber cannot read what is released; an exception cancels a subscription.
            driver.offer(first);
            driver.offer(second);
        });
        network.advance(Duration.ofMillis(1));

        assertThat(ends)
                .hasSize(2)
                .allSatisfy(end -> assertThat(end)
                        .isInstanceOf(InternalErrorException.class)
                        .hasCauseInstanceOf(IllegalReferenceCountException.class));
        assertThat(second.refCnt()).isZero();
        NodeStatistics statistics = network.await(node.statistics(), LIMIT);
        assertThat(statistics).isNotNull();
        assertThat(statistics.connections()).isZero();
        assertThat(statistics.internalErrors()).isEqualTo(1);
    }

    private static DatagramPacket packet() {
        return new DatagramPacket(Unpooled.buffer(100).writeZero(100), new InetSocketAddress(1));
    }
}
