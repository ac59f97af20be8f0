package dev.tether.core.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.TransportSettings;
import dev.tether.core.connection.Connection;
import dev.tether.core.simulation.SeededRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a side sends whose congestion window is full. RFC 9002, section 7; docs/PROTOCOL.md, section 10.1. */
class FullWindowTest {

    private static final long SECOND = 1_000_000_000L;
    private static final long MILLISECOND = 1_000_000L;

    /** One acknowledgement in so many asks for its own. */
    private static final int ACKS_TO_ELICIT = 32;

    private final SeededRandom random = new SeededRandom(7);
    private final LossyNetwork network = new LossyNetwork(random, LossyNetwork.Faults.NONE);
    private final EnginePeer here = new EnginePeer(network, 1, random, TransportSettings.defaults());
    private final EnginePeer there = new EnginePeer(network, 2, random, TransportSettings.defaults());

    @BeforeEach
    void establishAndLoseAllAcknowledgements() {
        here.connect(there);
        network.run(SECOND);
        loseAllFromHere();
    }

    @Test
    void anAcknowledgementWithinTheWindowAsksForItsOwn() {
        Connection connection = here.established().connection;
        long bytesInFlight = connection.delivery().bytesInFlight();
        acknowledge(ACKS_TO_ELICIT);
        assertThat(connection.delivery().bytesInFlight()).isGreaterThan(bytesInFlight);
    }

    @Test
    void anAcknowledgementBeyondTheWindowDoesNotAskForItsOwn() {
        Connection connection = here.established().connection;
        here.established().send(new byte[100_000]);
        here.pump(network.nowNs());
        network.run(10 * MILLISECOND);
        long bytesInFlight = connection.delivery().bytesInFlight();
        assertThat(bytesInFlight + connection.delivery().datagramSize())
                .isGreaterThan(connection.delivery().congestionWindow());
        acknowledge(ACKS_TO_ELICIT);
        assertThat(connection.delivery().bytesInFlight()).isEqualTo(bytesInFlight);
    }

    /** Has this side acknowledge so many packets, each by itself, at one moment, with a gap among their numbers. */
    private void acknowledge(int packets) {
        network.setFaults(new LossyNetwork.Faults(0, 0, 0, 0, 0));
        Connection pinging = there.established().connection;
        Connection acknowledging = here.established().connection;
        network.setBlackHole(datagram -> true);
        pinging.ping(network.nowNs());
        there.pump(network.nowNs());
        loseAllFromHere();
        for (int i = 0; i < packets; i++) {
            long packetsSent = acknowledging.counters().packetsSent;
            pinging.ping(network.nowNs());
            there.pump(network.nowNs());
            network.run(0);
            assertThat(acknowledging.counters().packetsSent).isEqualTo(packetsSent + 1);
        }
    }

    private void loseAllFromHere() {
        network.setScript(sent -> sent.from().equals(here.address()) ? LossyNetwork.Script.LOST : 0);
    }
}
