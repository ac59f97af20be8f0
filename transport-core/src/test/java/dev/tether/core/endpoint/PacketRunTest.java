package dev.tether.core.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.TransportSettings;
import dev.tether.core.simulation.SeededRandom;
import org.junit.jupiter.api.Test;

/** Packets that go out in one run are cut apart at one length, so each of them must have it, but for the last. */
class PacketRunTest {

    private static final int SEEDS = 20;
    private static final int BYTES = 1 << 20;
    private static final LossyNetwork.Faults LOSS = new LossyNetwork.Faults(0.1, 0, 0, 0, 5_000_000);

    @Test
    void everyPacketOfARunArrivesInOnePieceThoughTheFirstOneIsNotFull() {
        for (long seed = 0; seed < SEEDS; seed++) {
            SeededRandom random = new SeededRandom(seed);
            LossyNetwork network = new LossyNetwork(random, LossyNetwork.Faults.NONE);
            EnginePeer dialer = new EnginePeer(network, 1, random, TransportSettings.defaults());
            EnginePeer listener = new EnginePeer(network, 2, random, TransportSettings.defaults());
            EnginePeer.Session session = dialer.connect(listener);
            network.run(1_000_000_000L);
            // What is lost leaves ranges of any length to be sent again: packets that nothing more fits into.
            network.setFaults(LOSS);
            for (int sent = 0; sent < BYTES; ) {
                byte[] message = new byte[random.nextInt(5_000)];
                session.send(message);
                sent += message.length;
            }
            dialer.pump(network.nowNs());
            network.run(60_000_000_000L);
            assertThat(session.isDelivered()).as("seed %d: delivered", seed).isTrue();
            assertThat(listener.endpoint().counters().strayDatagrams)
                    .as("seed %d: pieces without a header", seed)
                    .isZero();
            assertThat(listener.established().connection.counters().unauthenticated)
                    .as("seed %d: packets without their end", seed)
                    .isZero();
        }
    }
}
