package dev.tether.reactor.simulation;

import static dev.tether.reactor.simulation.Peers.LIMIT;
import static dev.tether.reactor.simulation.Peers.client;
import static dev.tether.reactor.simulation.Peers.connect;
import static dev.tether.reactor.simulation.Peers.server;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.simulation.LinkSettings;
import dev.tether.reactor.PeerConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

class TimelineTest {

    private final SimulatedNetwork network = SimulatedNetwork.create(1);
    private final SimulatedHost a = network.host("a");
    private final SimulatedHost b = network.host("b");

    @Test
    void aReaderFollowsAConnectionFromItsHandshakeToItsEnd() {
        Timeline timeline = Timeline.of(network, 1_000);
        PeerConnection connection = connect(network, client(a), server(b), "b");
        network.await(connection.sendString(Mono.just("hello")), LIMIT);
        network.await(connection.close(7, "enough"), LIMIT);
        network.advance(Duration.ofSeconds(10));

        List<String> lines = timeline.toString().lines().toList();
        assertThat(lines.get(0)).startsWith("    0.000000  a ").contains("is now    Establishing (attempt 1)");
        String id = lines.get(0).replaceAll(".*connection ([0-9a-f]{16})", "$1");
        assertThat(lines.get(1))
                .startsWith("    0.000000  a ")
                .contains("sends", "initiation " + id, "1200 bytes", "to 198.18.0.2:4433");
        assertThat(lines)
                .anyMatch(it -> it.startsWith("    0.010000  b ") && it.contains("gets") && it.contains("initiation"))
                .anyMatch(
                        it -> it.startsWith("    0.020000  a ") && it.contains("gets") && it.contains("response " + id))
                .anyMatch(it -> it.startsWith("    0.020000  a ") && it.contains("is now    Established"))
                .anyMatch(it -> it.contains("sends") && it.matches(".*data [0-9a-f]{16} #0, \\d+ bytes.*"))
                .anyMatch(it -> it.contains("  a ") && it.contains("Closing (") && it.contains("enough"))
                .anyMatch(it -> it.contains("  b ") && it.contains("ENDS"))
                .allMatch(it -> it.length() < 250);
    }

    @Test
    void aReaderSeesWhyAConnectionHasEnded() {
        connect(network, client(a), server(b), "b");
        Timeline timeline = Timeline.of(network, 1_000);
        b.crash();
        network.advance(Duration.ofMinutes(3));

        assertThat(timeline.toString().lines())
                .anyMatch(it -> it.contains("  b ") && it.endsWith("crashes"))
                .anyMatch(it -> it.contains("  b ") && it.contains("ENDS") && it.contains("ChannelClosedException"))
                .anyMatch(it -> it.contains("LOST") && it.endsWith(": HOST_DOWN"))
                .anyMatch(it -> it.contains("  a ") && it.contains("is now    Unresponsive"))
                .anyMatch(it -> it.contains("  a ") && it.contains("ENDS      ConnectionLostException IDLE_TIMEOUT"));
    }

    @Test
    void aReaderSeesWhatALinkDidToADatagram() {
        RawSocket from = RawSocket.bind(network, a, 1);
        RawSocket to = RawSocket.bind(network, b, 2);
        Timeline timeline = Timeline.of(network, 1_000);
        byte[] data = ByteBuffer.allocate(40)
                .put((byte) 4)
                .putLong(0xabcL)
                .putLong(77)
                .array();
        for (LinkSettings settings : List.of(
                LinkSettings.PERFECT.reordering(1),
                LinkSettings.PERFECT.duplication(1),
                LinkSettings.PERFECT.truncation(1),
                LinkSettings.PERFECT.loss(1))) {
            network.link(a, b).change(settings);
            from.send(to.address(), data);
            network.advance(Duration.ofSeconds(1));
        }
        from.send(from.address(), new byte[] {9});

        assertThat(timeline.toString())
                .contains("data 0000000000000abc #77, 40 bytes, to 198.18.0.2:2")
                .contains(": reordered", ": duplicate", ": truncated", "to 198.18.0.2:2: LOSS")
                .contains("unknown datagram, 1 byte,")
                .contains("a > b");
    }

    @Test
    void onlyTheLastEventsAreKeptAndTheOthersCounted() {
        Timeline timeline = Timeline.of(network, 3);
        for (int i = 0; i < 10; i++) {
            a.setConnected(i % 2 == 0);
        }

        assertThat(timeline.events()).hasSize(3);
        assertThat(timeline.forgotten()).isEqualTo(7);
        assertThat(timeline.toString().lines()).hasSize(4).first().asString().contains("7 earlier events");
        assertThatThrownBy(() -> Timeline.of(network, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anErrorOfTheOutputIsNotSwallowed() {
        Timeline timeline = Timeline.of(network, 3);
        a.setConnected(false);

        assertThatThrownBy(() -> timeline.print(new Writer() {
                    @Override
                    public void write(char[] chars, int offset, int length) throws IOException {
                        throw new IOException("full");
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void close() {}
                }))
                .isInstanceOf(UncheckedIOException.class);
    }
}
