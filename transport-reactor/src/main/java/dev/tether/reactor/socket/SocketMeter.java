package dev.tether.reactor.socket;

import java.util.concurrent.atomic.AtomicLong;

/** The counters behind {@link SocketCounters}: written by the event loop alone, readable from any thread. */
final class SocketMeter {

    private final AtomicLong datagramsIn = new AtomicLong();
    private final AtomicLong bytesIn = new AtomicLong();
    private final AtomicLong datagramsOut = new AtomicLong();
    private final AtomicLong bytesOut = new AtomicLong();
    private final AtomicLong sendErrors = new AtomicLong();
    private final AtomicLong droppedOutbound = new AtomicLong();
    private final AtomicLong receiveErrors = new AtomicLong();

    SocketCounters read() {
        return new SocketCounters(
                datagramsIn.get(),
                bytesIn.get(),
                datagramsOut.get(),
                bytesOut.get(),
                sendErrors.get(),
                droppedOutbound.get(),
                receiveErrors.get());
    }

    void received(int datagrams, int bytes) {
        add(datagramsIn, datagrams);
        add(bytesIn, bytes);
    }

    void sent(int datagrams, int bytes) {
        add(datagramsOut, datagrams);
        add(bytesOut, bytes);
    }

    void sendFailed(int datagrams) {
        add(sendErrors, datagrams);
    }

    void dropped(int datagrams) {
        add(droppedOutbound, datagrams);
    }

    void receiveFailed() {
        add(receiveErrors, 1);
    }

    /** With a single writer a plain read and an ordered write suffice: no locked instruction for each datagram. */
    private static void add(AtomicLong counter, long amount) {
        counter.setRelease(counter.getPlain() + amount);
    }
}
