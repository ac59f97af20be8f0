package dev.tether.reactor.simulation;

import dev.tether.reactor.socket.DatagramSocket;
import dev.tether.reactor.socket.SocketCapabilities;
import dev.tether.reactor.socket.SocketCounters;
import dev.tether.reactor.socket.UdpSocketOptions;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/** A socket of a simulated host. Like a real one it reads in batches, in a task of its own, and sends what is flushed. */
final class SimulatedSocket implements DatagramSocket {

    private static final int DATAGRAMS_PER_READ = 32;

    /** What Linux gives a socket by default: net.core.rmem_default. */
    private static final int RECEIVE_BUFFER_BYTES = 212_992;

    private final SimulatedNetwork network;
    private final SimulatedHost host;
    private final SimulatedLoop loop;
    private final int port;
    private final UdpSocketOptions options;
    private final boolean offload;
    private final ByteBufAllocator allocator;
    private final Inbound inbound = new Inbound();
    private final Sinks.Empty<Void> closed = Sinks.empty();
    private final ArrayDeque<Datagram> received = new ArrayDeque<>();
    private final ArrayDeque<Datagram> queued = new ArrayDeque<>();
    private int receivedBytes;
    private boolean readScheduled;
    private boolean stalled;
    private boolean reportWritable;
    private boolean open = true;
    private Runnable batchEnd = () -> {};
    private Runnable writable = () -> {};
    private BiConsumer<InetSocketAddress, Throwable> sendError = (to, cause) -> {};
    private volatile SocketCounters counters = new SocketCounters(0, 0, 0, 0, 0, 0, 0);

    SimulatedSocket(
            SimulatedNetwork network,
            SimulatedHost host,
            SimulatedLoop loop,
            int port,
            UdpSocketOptions options,
            boolean offload,
            ByteBufAllocator allocator) {
        this.network = network;
        this.host = host;
        this.loop = loop;
        this.port = port;
        this.options = options;
        this.offload = offload;
        this.allocator = allocator;
    }

    /** @param peer where it comes from, or where it goes */
    private record Datagram(InetSocketAddress peer, byte[] bytes) {}

    @Override
    public InetSocketAddress localAddress() {
        return new InetSocketAddress(host.address(), port);
    }

    @Override
    public SocketCapabilities capabilities() {
        return new SocketCapabilities(offload, false, "simulated");
    }

    @Override
    public SocketCounters counters() {
        return counters;
    }

    @Override
    public Scheduler scheduler() {
        return loop;
    }

    @Override
    public boolean inLoop() {
        return loop.inLoop();
    }

    @Override
    public Flux<DatagramPacket> inbound() {
        return inbound;
    }

    @Override
    public void onBatchEnd(Runnable callback) {
        batchEnd = callback;
    }

    @Override
    public boolean isWritable() {
        return open && !reportWritable && queued.size() < options.outboundLimit();
    }

    @Override
    public boolean send(InetSocketAddress to, byte[] data, int offset, int length, int segmentSize) {
        int datagrams = (length + segmentSize - 1) / segmentSize;
        if (!open || queued.size() + datagrams > options.outboundLimit()) {
            reportWritable = open;
            count(0, 0, 0, 0, 0, datagrams);
            return false;
        }
        for (int start = 0; start < length; start += Math.min(segmentSize, length - start)) {
            int size = Math.min(segmentSize, length - start);
            queued.add(new Datagram(to, Arrays.copyOfRange(data, offset + start, offset + start + size)));
        }
        reportWritable = queued.size() >= options.outboundLimit();
        return true;
    }

    @Override
    public void flush() {
        if (stalled) {
            return;
        }
        for (Datagram next = queued.poll(); next != null; next = queued.poll()) {
            count(0, 0, 1, next.bytes.length, 0, 0);
            network.send(this, next.peer, next.bytes);
        }
        if (reportWritable) {
            reportWritable = false;
            schedule(writable);
        }
    }

    @Override
    public void onWritable(Runnable callback) {
        writable = callback;
    }

    @Override
    public void onSendError(BiConsumer<InetSocketAddress, Throwable> hook) {
        sendError = hook;
    }

    @Override
    public Mono<Void> close() {
        return Mono.defer(() -> {
            network.run(() -> loop.runNow(() -> {
                flush();
                end(null);
            }));
            return onClose();
        });
    }

    @Override
    public Mono<Void> onClose() {
        return closed.asMono();
    }

    @Override
    public String toString() {
        return "SimulatedSocket{" + host + ':' + port + '}';
    }

    // For the host and the network

    SimulatedLoop loop() {
        return loop;
    }

    SimulatedHost host() {
        return host;
    }

    int port() {
        return port;
    }

    void fail(IOException cause) {
        loop.runNow(() -> end(cause));
    }

    /** While it is stalled, the network interface takes nothing: what is sent waits, up to the limit. */
    void setStalled(boolean stalled) {
        this.stalled = stalled;
        if (!stalled) {
            schedule(this::flush);
        }
    }

    /** A datagram was too large for the path, and the sender is told. */
    void rejectSend(InetSocketAddress to, IOException cause) {
        count(0, 0, 0, 0, 1, 0);
        schedule(() -> sendError.accept(to, cause));
    }

    /** Takes a datagram in; false if the receive buffer is full. */
    boolean receive(InetSocketAddress from, byte[] datagram) {
        if (receivedBytes + datagram.length > RECEIVE_BUFFER_BYTES) {
            return false;
        }
        receivedBytes += datagram.length;
        received.add(new Datagram(from, datagram));
        scheduleRead();
        return true;
    }

    private void scheduleRead() {
        if (!readScheduled && open && inbound.hasDemand() && !received.isEmpty()) {
            readScheduled = true;
            schedule(this::read);
        }
    }

    private void read() {
        readScheduled = false;
        for (int i = 0; i < DATAGRAMS_PER_READ && inbound.hasDemand() && !received.isEmpty(); i++) {
            Datagram next = received.remove();
            receivedBytes -= next.bytes.length;
            count(1, next.bytes.length, 0, 0, 0, 0);
            inbound.next(new DatagramPacket(
                    allocator.buffer(next.bytes.length).writeBytes(next.bytes), localAddress(), next.peer));
        }
        batchEnd.run();
        scheduleRead();
    }

    private void end(@Nullable IOException failure) {
        if (!open) {
            return;
        }
        open = false;
        host.unbind(this);
        received.clear();
        queued.clear();
        inbound.end(failure);
        closed.tryEmitEmpty();
    }

    private void schedule(Runnable task) {
        if (!loop.isDisposed()) {
            loop.schedule(task);
        }
    }

    private void count(long in, long bytesIn, long out, long bytesOut, long errors, long dropped) {
        SocketCounters old = counters;
        counters = new SocketCounters(
                old.datagramsIn() + in,
                old.bytesIn() + bytesIn,
                old.datagramsOut() + out,
                old.bytesOut() + bytesOut,
                old.sendErrors() + errors,
                old.droppedOutbound() + dropped,
                0);
    }

    /** The datagrams, for one subscriber. After a cancellation what arrives is discarded. */
    private final class Inbound extends Flux<DatagramPacket> implements Subscription {

        private @Nullable CoreSubscriber<? super DatagramPacket> subscriber;
        private long requested;
        private boolean cancelled;

        @Override
        public void subscribe(CoreSubscriber<? super DatagramPacket> actual) {
            if (subscriber != null) {
                Operators.error(actual, new IllegalStateException("inbound() allows one subscriber"));
                return;
            }
            subscriber = actual;
            actual.onSubscribe(this);
            if (!open) {
                actual.onComplete();
            }
        }

        @Override
        public void request(long n) {
            if (Operators.validate(n)) {
                requested = Operators.addCap(requested, n);
                scheduleRead();
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
        }

        boolean hasDemand() {
            return cancelled || requested > 0;
        }

        void next(DatagramPacket packet) {
            if (cancelled || subscriber == null) {
                packet.release();
                return;
            }
            if (requested != Long.MAX_VALUE) {
                requested--;
            }
            subscriber.onNext(packet);
        }

        void end(@Nullable IOException failure) {
            if (subscriber == null || cancelled) {
                return;
            }
            cancelled = true;
            if (failure == null) {
                subscriber.onComplete();
            } else {
                subscriber.onError(failure);
            }
        }
    }
}
