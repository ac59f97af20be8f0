package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

/** Several {@code send} calls at a time on one connection. */
class ConcurrentSendsTest {

    private static final int SENDS = 3;

    /** Whether a round trip makes room for many messages, or for less than one turn of them. */
    @ParameterizedTest
    @ValueSource(ints = {1_000, 10_000, 60_000})
    void sendsThatAlwaysHaveMessagesGetEqualShares(int size) {
        DatagramPeers peers = new DatagramPeers(23);
        peers.network
                .link(peers.hostHere, peers.hostThere)
                .change(SimulatedNetwork.DEFAULT_LINK.bytesPerSecond(5_000_000));
        Map<Integer, Integer> received = new HashMap<>();
        peers.there.receive().map(ByteBuf::readInt).subscribe(sender -> received.merge(sender, 1, Integer::sum));
        for (int i = 0; i < SENDS; i++) {
            int sender = i;
            peers.here
                    .send(Flux.<ByteBuf>generate(sink ->
                            sink.next(Unpooled.buffer(size).writeInt(sender).writeZero(size - Integer.BYTES))))
                    .subscribe(nothing -> {}, failure -> {});
        }
        peers.run(8_000);

        int total = received.values().stream().mapToInt(it -> it).sum();
        assertThat(total).isGreaterThan(500);
        for (int sender = 0; sender < SENDS; sender++) {
            assertThat(received.getOrDefault(sender, 0))
                    .as("of %d, sender %d", total, sender)
                    .isBetween(total / 4, total * 5 / 12);
        }
    }
}
