package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.TransportSettings;
import dev.tether.reactor.ConnectionStatistics;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** Two hosts with one connection between them, for tests of datagrams: "here" has dialed "there". */
final class DatagramPeers {

    final SimulatedNetwork network;
    final SimulatedHost hostHere;
    final SimulatedHost hostThere;
    final TransportNode nodeHere;
    final TransportNode nodeThere;
    final PeerConnection here;
    final PeerConnection there;

    /** Every buffer that was made by {@link #numbered}. */
    final List<ByteBuf> made = new ArrayList<>();

    DatagramPeers(long seed) {
        this(seed, settings -> settings, settings -> settings);
    }

    DatagramPeers(
            long seed,
            UnaryOperator<TransportSettings.Builder> settingsHere,
            UnaryOperator<TransportSettings.Builder> settingsThere) {
        network = SimulatedNetwork.create(seed);
        hostHere = network.host("here");
        hostThere = network.host("there");
        List<PeerConnection> accepted = new ArrayList<>();
        nodeHere = ReactiveTransport.create()
                .runOn(hostHere)
                .settings(settingsHere)
                .bindNow();
        nodeThere = ReactiveTransport.create()
                .runOn(hostThere)
                .settings(settingsThere)
                .doOnConnection(accepted::add)
                .bindNow();
        here = Peers.connect(network, nodeHere, nodeThere, "there");
        there = accepted.get(0);
    }

    /** A datagram of at least four bytes, with its number first and bytes that follow from it. */
    ByteBuf numbered(int number, int size) {
        ByteBuf datagram = Unpooled.buffer(size).writeInt(number);
        for (int i = Integer.BYTES; i < size; i++) {
            datagram.writeByte(31 * number + i);
        }
        made.add(datagram);
        return datagram;
    }

    ConnectionStatistics statistics(PeerConnection connection) {
        return Objects.requireNonNull(network.await(connection.statistics(), Peers.LIMIT));
    }

    void run(long millis) {
        network.advance(Duration.ofMillis(millis));
    }

    /** Nothing was thrown, and every buffer was given back, those of the sender and those of the receiver. */
    void assertNothingIsLeft() {
        assertThat(network.failures()).isEmpty();
        assertThat(made)
                .as("what was sent, seed %d", network.seed())
                .allSatisfy(datagram -> assertThat(datagram.refCnt()).isZero());
        assertThat(hostHere.messageBytes() + hostThere.messageBytes())
                .as("what was received, seed %d", network.seed())
                .isZero();
    }
}
