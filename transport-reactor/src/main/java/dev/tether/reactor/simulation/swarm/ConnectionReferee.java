package dev.tether.reactor.simulation.swarm;

import dev.tether.core.connection.Connection;
import dev.tether.core.connection.DeliveryReading;
import dev.tether.reactor.simulation.SimulatedHost;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Watches each connection after each pass: that it sends no more than its congestion window allows (RFC 9002 §7), takes no
 * packet twice, and that a host holds no more memory for messages than its windows allow.
 */
final class ConnectionReferee {

    /** RFC 9002 §6.2.4: what one probe timeout may send whatever the window. */
    private static final int PROBES_PER_TIMEOUT = 2;

    private final Violations violations;
    private final PacketReferee packets;
    private final IdentityHashMap<Connection, Before> before = new IdentityHashMap<>();
    private final Map<SimulatedHost, Set<Connection>> byHost = new HashMap<>();

    ConnectionReferee(Violations violations, PacketReferee packets) {
        this.violations = violations;
        this.packets = packets;
    }

    private static final class Before {
        private long inFlight;
        private long probeTimeouts;
        private long probeBytes;
    }

    /** @param connectionBytes how much memory one connection of that host may hold for messages */
    void watch(SimulatedHost host, long connectionBytes) {
        Set<Connection> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        byHost.put(host, seen);
        host.watch(connection -> {
            seen.add(connection);
            checkWindow(host, connection);
            checkReplay(host, connection);
            if (host.messageBytes() > seen.size() * connectionBytes) {
                violations.add(
                        host.name(),
                        host.messageBytes() + " bytes of messages are held for " + seen.size() + " connections");
            }
        });
    }

    /**
     * When all is at rest: that the connections of a host have no streams but those that its applications know of, and that
     * all credit is there again but that of what they have not read.
     */
    void checkRest(SimulatedHost host, long knownStreams, long knownBytes) {
        List<Connection> live = byHost.getOrDefault(host, Set.of()).stream()
                .filter(connection -> connection.end() == null)
                .toList();
        long streams = live.stream()
                .mapToLong(connection -> Math.max(0, connection.streams().size() - 1))
                .sum();
        if (streams > knownStreams) {
            violations.add(
                    host.name(), streams + " streams are open at rest, and " + knownStreams + " of them are in use");
        }
        long unread = live.stream()
                .mapToLong(connection -> connection.streams().unread())
                .sum();
        if (unread > knownBytes) {
            violations.add(
                    host.name(),
                    unread + " bytes are missing in the credit at rest, and no more than " + knownBytes
                            + " are unread");
        }
    }

    private void checkWindow(SimulatedHost host, Connection connection) {
        DeliveryReading now = connection.delivery();
        Before last = before.computeIfAbsent(connection, key -> new Before());
        long timeouts = connection.counters().probeTimeouts - last.probeTimeouts;
        last.probeBytes += timeouts * PROBES_PER_TIMEOUT * now.datagramSize();
        long beyond = now.bytesInFlight() - Math.max(last.inFlight, now.congestionWindow());
        if (beyond > 0) {
            last.probeBytes -= beyond;
        }
        if (last.probeBytes < 0) {
            last.probeBytes = 0;
            violations.add(
                    host.name(),
                    now.bytesInFlight() + " bytes are in flight after " + last.inFlight
                            + ", and the congestion window is " + now.congestionWindow());
        }
        last.inFlight = now.bytesInFlight();
        last.probeTimeouts = connection.counters().probeTimeouts;
    }

    private void checkReplay(SimulatedHost host, Connection connection) {
        long sent = packets.sentTo(connection.localConnectionId());
        if (connection.counters().packetsReceived > sent) {
            violations.add(
                    host.name(),
                    "a connection has taken " + connection.counters().packetsReceived + " packets, and " + sent
                            + " were sent to it");
        }
    }
}
