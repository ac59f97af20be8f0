package dev.tether.core.connection;

import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * The data packets that arrive at a dialing side before the response does, which the network has overtaken: they can only
 * be opened once the response has brought the keys. A bounded number of copies.
 */
final class EarlyDatagrams {

    private final int limit;
    private final ArrayDeque<byte[]> kept = new ArrayDeque<>(0);

    EarlyDatagrams(int limit) {
        this.limit = limit;
    }

    /** Keeps a copy; returns false if there is no room for one more. */
    boolean offer(byte[] datagram, int offset, int length) {
        if (kept.size() >= limit) {
            return false;
        }
        byte[] copy = new byte[length];
        System.arraycopy(datagram, offset, copy, 0, length);
        kept.add(copy);
        return true;
    }

    /** Hands out what was kept, in the order of its arrival, and forgets it. */
    void drain(Consumer<byte[]> receiver) {
        for (byte[] datagram = kept.poll(); datagram != null; datagram = kept.poll()) {
            receiver.accept(datagram);
        }
    }
}
