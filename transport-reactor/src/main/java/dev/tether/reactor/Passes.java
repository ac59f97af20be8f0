package dev.tether.reactor;

import dev.tether.core.connection.Transmit;
import dev.tether.core.endpoint.Endpoint;
import dev.tether.reactor.socket.DatagramSocket;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Work is done in passes: the datagrams of one read, a timer or a command mark connections as dirty, and one pass then drains each of
 * them and flushes the socket once. On the event loop.
 */
final class Passes {

    /** How many datagrams the kernel takes in one call. */
    private static final int MAX_SEGMENTS = 64;

    private final ReactorNode node;
    private final Endpoint endpoint;
    private final DatagramSocket socket;
    private final Transmit transmit;
    private final ArrayDeque<ConnectionDriver> dirty = new ArrayDeque<>();
    private final ArrayDeque<ConnectionDriver> blocked = new ArrayDeque<>();
    private boolean running;

    Passes(ReactorNode node, Endpoint endpoint, DatagramSocket socket) {
        this.node = node;
        this.endpoint = endpoint;
        this.socket = socket;
        this.transmit = new Transmit(socket.capabilities().gso() ? MAX_SEGMENTS : 1);
    }

    void addDirty(ConnectionDriver driver) {
        dirty.add(driver);
    }

    /** The socket takes no more for now; the connection goes on when it does. */
    void addBlocked(ConnectionDriver driver) {
        blocked.add(driver);
    }

    /** Drains all dirty connections and flushes once. Within a pass that runs, it does nothing: that one goes on. */
    void run() {
        if (running) {
            return;
        }
        running = true;
        try {
            for (ConnectionDriver driver = nextDirty(); driver != null; driver = nextDirty()) {
                driver.drain(transmit, node.nowNs());
                node.onDrained(driver);
            }
            while (socket.isWritable() && endpoint.pollTransmit(transmit)) {
                socket.send(transmit.destination(), transmit.buffer(), 0, transmit.length(), transmit.segmentSize());
            }
            node.onAllDrained();
        } finally {
            running = false;
            socket.flush();
        }
        node.onPass();
    }

    /**
     * Runs what signals the application while datagrams of a batch are still to be handled. What the application asks for
     * meanwhile is done in the pass that follows the batch.
     */
    void runBefore(Runnable signals) {
        boolean nested = running;
        running = true;
        try {
            signals.run();
        } finally {
            running = nested;
        }
    }

    void onWritable() {
        for (int i = blocked.size(); i > 0; i--) {
            blocked.remove().onWritable();
        }
        run();
    }

    private @Nullable ConnectionDriver nextDirty() {
        node.markTouched();
        return dirty.poll();
    }
}
