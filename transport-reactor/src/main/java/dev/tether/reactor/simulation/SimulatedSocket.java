package dev.tether.reactor.simulation;

import dev.tether.reactor.socket.DatagramSocket;
import dev.tether.reactor.socket.SocketCapabilities;
import dev.tether.reactor.socket.SocketCounters;
import dev.tether.reactor.socket.UdpSocketOptions;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
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

    /** 65,535 less the IPv4 and UDP headers: the longest datagram. */
    private static final int MAX_DATAGRAM_BYTES = 65_507;

    /** How long a closing socket waits for an interface that takes nothing. */
    private static final long CLOSE_TIMEOUT_MS = 500;

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
    private boolean full;
    private boolean closing;
    private boolean open = true;
    private @Nullable IOException failure;
    private Runnable batchEnd = () -> {};
    private Runnable writable = () -> {};
    private BiConsumer<InetSocketAddress, Throwable> sendError = (to, cause) -> {};
    private InetSocketAddress localAddress;
    private long datagramsIn;
    private long bytesIn;
    private long datagramsOut;
    private long bytesOut;
    private long sendErrors;
    private long droppedOutbound;

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
        this.localAddress = new InetSocketAddress(host.address(), port);
    }

    /** @param peer where it comes from, or where it goes */
    private record Datagram(InetSocketAddress peer, byte[] bytes) {}

    @Override
    public InetSocketAddress localAddress() {
        if (!localAddress.getAddress().equals(host.address())) {
            localAddress = new InetSocketAddress(host.address(), port);
        }
        return localAddress;
    }

    @Override
    public SocketCapabilities capabilities() {
        return new SocketCapabilities(offload, false, "simulated");
    }

    @Override
    public SocketCounters counters() {
        return new SocketCounters(datagramsIn, bytesIn, datagramsOut, bytesOut, sendErrors, droppedOutbound, 0);
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
        return open && !closing && !full;
    }

    @Override
    public boolean send(InetSocketAddress to, byte[] data, int offset, int length, int segmentSize) {
        Objects.checkFromIndexSize(offset, length, data.length);
        if (length < 1 || segmentSize < 1) {
            throw new IllegalArgumentException("length " + length + ", segment size " + segmentSize);
        }
        int datagrams = (length - 1) / segmentSize + 1;
        if (!open || closing || datagrams > options.outboundLimit() - queued.size()) {
            // What exceeds the limit by itself waits for nothing.
            full |= datagrams <= options.outboundLimit();
            droppedOutbound += datagrams;
            return false;
        }
        IOException refusal = refusal(to, Math.min(length, segmentSize));
        if (refusal != null) {
            rejectSend(to, datagrams, refusal);
            return true;
        }
        for (int start = offset, end = offset + length; start < end; start += Math.min(segmentSize, end - start)) {
            queued.add(new Datagram(to, Arrays.copyOfRange(data, start, start + Math.min(segmentSize, end - start))));
        }
        full |= queued.size() == options.outboundLimit();
        return true;
    }

    /** What a real system refuses on the spot. */
    private @Nullable IOException refusal(InetSocketAddress to, int size) {
        if (to.isUnresolved()) {
            return new UnknownHostException(to.toString());
        }
        if (size > MAX_DATAGRAM_BYTES) {
            return new IOException("a datagram of " + size + " bytes is too large for UDP");
        }
        if (to.getAddress() instanceof Inet4Address != host.address() instanceof Inet4Address) {
            return new NoRouteToHostException("from " + localAddress() + " to the other version of IP, " + to);
        }
        return null;
    }

    @Override
    public void flush() {
        if (stalled || !open) {
            return;
        }
        for (Datagram next = queued.poll(); next != null; next = queued.poll()) {
            datagramsOut += 1;
            bytesOut += next.bytes.length;
            network.router().send(this, next.peer, next.bytes);
        }
        if (full) {
            full = false;
            schedule(this::notifyWritable);
        }
    }

    private void notifyWritable() {
        if (isWritable()) {
            writable.run();
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
            network.run(() -> loop.runNow(this::closeNow));
            return onClose();
        });
    }

    private void closeNow() {
        flush();
        if (queued.isEmpty()) {
            end(null);
        } else if (!closing) {
            closing = true;
            loop.schedule(() -> end(null), CLOSE_TIMEOUT_MS, TimeUnit.MILLISECONDS);
        }
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
        if (!stalled && !queued.isEmpty()) {
            schedule(this::onUnstalled);
        }
    }

    private void onUnstalled() {
        flush();
        if (closing && queued.isEmpty()) {
            end(null);
        }
    }

    /** Datagrams could not be sent, and the sender is told. */
    void rejectSend(InetSocketAddress to, int datagrams, IOException cause) {
        sendErrors += datagrams;
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
        int count = 0;
        while (count < DATAGRAMS_PER_READ && inbound.hasDemand() && !received.isEmpty()) {
            Datagram next = received.remove();
            int length = next.bytes.length;
            receivedBytes -= length;
            datagramsIn += 1;
            bytesIn += length;
            count++;
            inbound.next(new DatagramPacket(
                    allocator.heapBuffer(length, length).writeBytes(next.bytes), localAddress(), next.peer));
        }
        if (count > 0 && open) {
            batchEnd.run();
        }
        scheduleRead();
    }

    private void end(@Nullable IOException cause) {
        if (!open) {
            return;
        }
        open = false;
        failure = cause;
        host.unbind(this);
        received.clear();
        droppedOutbound += queued.size();
        queued.clear();
        inbound.end();
        closed.tryEmitEmpty();
    }

    private void schedule(Runnable task) {
        if (!loop.isDisposed()) {
            loop.schedule(task);
        }
    }

    /** The datagrams, for one subscriber ever. After a cancellation what arrives is discarded. */
    private final class Inbound extends Flux<DatagramPacket> implements Subscription {

        private final AtomicReference<@Nullable CoreSubscriber<? super DatagramPacket>> subscriber =
                new AtomicReference<>();
        private long requested;
        private volatile boolean cancelled;
        private boolean ended;

        @Override
        public void subscribe(CoreSubscriber<? super DatagramPacket> actual) {
            if (!subscriber.compareAndSet(null, actual)) {
                Operators.error(actual, new IllegalStateException("inbound() allows one subscriber"));
                return;
            }
            actual.onSubscribe(this);
            if (!open) {
                end();
            }
        }

        /** From any thread; reading is the event loop's. */
        @Override
        public void request(long n) {
            if (Operators.validate(n)) {
                onLoop(() -> {
                    requested = Operators.addCap(requested, n);
                    scheduleRead();
                });
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
            onLoop(SimulatedSocket.this::scheduleRead);
        }

        private void onLoop(Runnable task) {
            if (loop.inLoop()) {
                task.run();
            } else {
                schedule(task);
            }
        }

        boolean hasDemand() {
            return cancelled || requested > 0;
        }

        void next(DatagramPacket packet) {
            CoreSubscriber<? super DatagramPacket> actual = subscriber.get();
            if (cancelled || actual == null) {
                packet.release();
                return;
            }
            if (requested != Long.MAX_VALUE) {
                requested--;
            }
            actual.onNext(packet);
        }

        void end() {
            CoreSubscriber<? super DatagramPacket> actual = subscriber.get();
            if (actual == null || cancelled || ended) {
                return;
            }
            ended = true;
            IOException cause = failure;
            if (cause == null) {
                actual.onComplete();
            } else {
                actual.onError(cause);
            }
        }
    }
}
