package dev.tether.core.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.ConnectionState;
import dev.tether.core.TransportSettings;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.noise.KeyPair;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.core.wire.DatagramType;
import java.util.ArrayList;
import java.util.List;

/** One history of two peers that dial each other, and what was sent in it, for the message of a failure. */
final class CrossedAttempts {

    private static final TransportSettings SETTINGS = TransportSettings.defaults();
    private static final int MAX_TRACE = 40;
    private static final long MILLISECOND = 1_000_000L;
    private static final long TO_AGREE_NS = 15_000 * MILLISECOND;
    private static final long TO_DELIVER_NS = 2_000 * MILLISECOND;
    static final int LATE_PACKETS = 40;
    private static final long LATE_EVERY_MS = 13;

    private final int lost;
    private final long latencyMs;
    private final long offsetMs;
    private final SeededRandom random;
    private final LossyNetwork network;
    private final EnginePeer first;
    private final EnginePeer second;
    private final long startNs;
    private final List<String> trace = new ArrayList<>();
    private int sent;

    /**
     * A history that is about to begin.
     *
     * @param offsetMs how much later than the first side the second one dials
     * @param lost bit i says whether datagram i, counted over both sides and without resets, is lost
     */
    CrossedAttempts(long seed, boolean lowerFirst, long latencyMs, long offsetMs, int lost) {
        this.lost = lost;
        this.latencyMs = latencyMs;
        this.offsetMs = offsetMs;
        this.random = new SeededRandom(seed);
        this.network = new LossyNetwork(random, new LossyNetwork.Faults(0, 0, 0, 0, latencyMs * MILLISECOND));
        this.startNs = network.nowNs();
        KeyPair one = KeyPair.generate(random);
        KeyPair two = KeyPair.generate(random);
        boolean inOrder = one.identity().compareTo(two.identity()) < 0 == lowerFirst;
        this.first = new EnginePeer(network, 1, random, SETTINGS, inOrder ? one : two);
        this.second = new EnginePeer(network, 2, random, SETTINGS, inOrder ? two : one);
        network.setScript(this::fate);
    }

    /**
     * Has data packets of an earlier connection of the same peers, which both of them have lost, arrive all along: each gets
     * a reset. To be called before {@link #run}.
     */
    void disturbByLatePackets() {
        EnginePeer here = new EnginePeer(network, 1, random, SETTINGS, first.keyPair());
        EnginePeer there = new EnginePeer(network, 2, random, SETTINGS, second.keyPair());
        List<LossyNetwork.Sent> late = new ArrayList<>();
        network.setScript(datagram -> {
            late.add(datagram);
            return 0;
        });
        here.connect(there);
        network.run(4 * latencyMs * MILLISECOND);
        late.removeIf(datagram -> datagram.type() != DatagramType.DATA);
        network.attach(first);
        network.attach(second);
        network.setScript(this::fate);
        for (int i = 0; i < LATE_PACKETS; i++) {
            LossyNetwork.Sent packet = late.get(i % late.size());
            network.inject(packet.from(), packet.to(), packet.datagram(), i * LATE_EVERY_MS * MILLISECOND);
        }
    }

    /** How many resets both sides have sent. */
    long resets() {
        return first.endpoint().counters().statelessResets + second.endpoint().counters().statelessResets;
    }

    /** Runs it, and checks that both sides agree on one connection and have lost none. */
    void run() {
        first.connect(second);
        network.run(offsetMs * MILLISECOND);
        second.connect(first);
        network.run(TO_AGREE_NS);
        network.setScript(datagram -> 0);
        assertAgreed(first);
        assertAgreed(second);
        EnginePeer.Session here = first.established();
        EnginePeer.Session there = second.established();
        here.send(new byte[] {1});
        there.send(new byte[] {2});
        first.pump(network.nowNs());
        second.pump(network.nowNs());
        network.run(TO_DELIVER_NS);
        assertThat(here.received).as("what the first side received").containsExactly(new byte[] {2});
        assertThat(there.received).as("what the second side received").containsExactly(new byte[] {1});
        assertAgreed(first);
        assertAgreed(second);
    }

    private void assertAgreed(EnginePeer peer) {
        String name = peer == first ? "the first side" : "the second side";
        for (EnginePeer.Session session : peer.sessions()) {
            if (session.states.stream().anyMatch(ConnectionState.Established.class::isInstance)) {
                assertThat(session.end)
                        .as("%s: how a connection has ended", name)
                        .isNull();
            } else {
                assertThat(session.end).as("%s: how an attempt has ended", name).isNotNull();
                assertThat(session.end.failure())
                        .as("%s: what an attempt has failed with", name)
                        .isInstanceOfSatisfying(
                                ConnectionEstablishmentException.class,
                                failure -> assertThat(failure.reason())
                                        .isEqualTo(ConnectionEstablishmentException.Reason.ALREADY_EXISTS));
            }
        }
        assertThat(peer.endpoint().connections())
                .as("%s: its connections", name)
                .singleElement()
                .satisfies(
                        connection -> assertThat(connection.state()).isInstanceOf(ConnectionState.Established.class));
    }

    private long fate(LossyNetwork.Sent datagram) {
        boolean isReset = datagram.type() == DatagramType.STATELESS_RESET;
        boolean isLost = !isReset && sent < Integer.SIZE && (lost >>> sent & 1) == 1;
        if (trace.size() < MAX_TRACE) {
            trace.add("%d ms %s %s%s"
                    .formatted(
                            (network.nowNs() - startNs) / MILLISECOND,
                            datagram.from().equals(first.address()) ? "first" : "second",
                            switch (datagram.type()) {
                                case DatagramType.INITIATION -> "INITIATION";
                                case DatagramType.RESPONSE -> "RESPONSE";
                                case DatagramType.STATELESS_RESET -> "RESET";
                                default -> "DATA";
                            },
                            isLost ? " (lost)" : ""));
        }
        sent += isReset ? 0 : 1;
        return isLost ? LossyNetwork.Script.LOST : 0;
    }

    @Override
    public String toString() {
        return "%s key first, latency %d ms, offset %d ms, lost %s: %s"
                .formatted(
                        first.identity().compareTo(second.identity()) < 0 ? "lower" : "higher",
                        latencyMs,
                        offsetMs,
                        Integer.toBinaryString(lost),
                        String.join("; ", trace));
    }
}
