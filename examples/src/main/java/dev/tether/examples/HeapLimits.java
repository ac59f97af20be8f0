package dev.tether.examples;

import dev.tether.reactor.ReactiveTransport;

/**
 * Windows for a process that forwards or keeps little: what a peer may send ahead follows the heap, so that a small one is
 * enough for any amount of bytes.
 */
final class HeapLimits {

    private static final int LEAST = 256 * 1024;
    private static final int MIB = 1 << 20;

    private HeapLimits() {}

    /** Lets the window of a connection grow to 1/8 of the heap at the most, and that of a stream to 1/16. */
    static ReactiveTransport apply(ReactiveTransport transport) {
        long heap = Runtime.getRuntime().maxMemory();
        return transport.settings(settings -> settings.streamWindow(within(heap / 16, MIB))
                .maxStreamWindow(within(heap / 16, 16 * MIB))
                .connectionWindow(within(heap / 8, 2 * MIB))
                .maxConnectionWindow(within(heap / 8, 64 * MIB)));
    }

    private static int within(long wanted, int most) {
        return (int) Math.max(LEAST, Math.min(wanted, most));
    }
}
