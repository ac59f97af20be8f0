package dev.tether.examples.simulate.report;

import dev.tether.reactor.simulation.SimulationEvent;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who sends from an address, whether it is the sender's own or a NAT's: a datagram that arrives unaltered is the very array
 * that was sent. Of those on their way, the last ones are known; of the addresses, those that somebody used last.
 */
final class Senders {

    private static final int MAX_ON_THEIR_WAY = 4096;
    private static final int MAX_ADDRESSES = 100_000;

    private final IdentityHashMap<byte[], String> onTheirWay = new IdentityHashMap<>();
    private final Deque<byte[]> order = new ArrayDeque<>();
    private final Map<InetSocketAddress, String> byAddress = new HashMap<>();

    void on(SimulationEvent event) {
        if (event instanceof SimulationEvent.Sent it) {
            if (onTheirWay.put(it.datagram(), it.host()) == null) {
                order.add(it.datagram());
            }
            if (order.size() > MAX_ON_THEIR_WAY) {
                onTheirWay.remove(order.remove());
            }
        } else if (event instanceof SimulationEvent.Arrived it) {
            String sender = onTheirWay.get(it.datagram());
            if (sender != null && byAddress.size() < MAX_ADDRESSES) {
                byAddress.put(it.from(), sender);
            }
        }
    }

    /** The host that sent from {@code address}; null if none is known. */
    @Nullable
    String of(InetSocketAddress address) {
        return byAddress.get(address);
    }
}
