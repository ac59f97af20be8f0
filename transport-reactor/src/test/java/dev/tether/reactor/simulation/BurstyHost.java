package dev.tether.reactor.simulation;

import dev.tether.core.PeerAddress;
import dev.tether.reactor.socket.DatagramSocket;
import dev.tether.reactor.socket.NodeEnvironment;
import dev.tether.reactor.socket.SocketCapabilities;
import dev.tether.reactor.socket.SocketCounters;
import dev.tether.reactor.socket.UdpSocketOptions;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/** A host whose sockets read only now and then, and then all that has come in one batch, however much it is. */
record BurstyHost(SimulatedHost host, Duration pause) implements NodeEnvironment {

    @Override
    public Mono<Resources> open(InetSocketAddress local, UdpSocketOptions options) {
        return host.open(local, options)
                .map(it -> new Resources(
                        new BurstySocket(it.socket(), pause),
                        it.random(),
                        it.messages(),
                        it.listener(),
                        it.wallClockNs()));
    }

    @Override
    public List<InetAddress> hostAddresses() {
        return host.hostAddresses();
    }

    @Override
    public Mono<InetSocketAddress> resolve(PeerAddress peer) {
        return host.resolve(peer);
    }

    private static final class BurstySocket implements DatagramSocket {

        private final DatagramSocket socket;
        private final Duration pause;
        private final ArrayDeque<DatagramPacket> held = new ArrayDeque<>();
        private final Sinks.Many<DatagramPacket> inbound =
                Sinks.many().unicast().onBackpressureBuffer();
        private Runnable batchEnd = () -> {};

        BurstySocket(DatagramSocket socket, Duration pause) {
            this.socket = socket;
            this.pause = pause;
        }

        @Override
        public Flux<DatagramPacket> inbound() {
            socket.inbound().subscribe(this::hold, inbound::tryEmitError, () -> {
                held.forEach(DatagramPacket::release);
                held.clear();
                inbound.tryEmitComplete();
            });
            return inbound.asFlux();
        }

        private void hold(DatagramPacket packet) {
            held.add(packet);
            if (held.size() == 1) {
                scheduler().schedule(this::readAll, pause.toNanos(), TimeUnit.NANOSECONDS);
            }
        }

        private void readAll() {
            for (DatagramPacket packet = held.poll(); packet != null; packet = held.poll()) {
                inbound.tryEmitNext(packet).orThrow();
            }
            batchEnd.run();
        }

        @Override
        public void onBatchEnd(Runnable callback) {
            batchEnd = callback;
        }

        @Override
        public InetSocketAddress localAddress() {
            return socket.localAddress();
        }

        @Override
        public SocketCapabilities capabilities() {
            return socket.capabilities();
        }

        @Override
        public SocketCounters counters() {
            return socket.counters();
        }

        @Override
        public Scheduler scheduler() {
            return socket.scheduler();
        }

        @Override
        public boolean inLoop() {
            return socket.inLoop();
        }

        @Override
        public boolean isWritable() {
            return socket.isWritable();
        }

        @Override
        public boolean send(InetSocketAddress to, byte[] data, int offset, int length, int segmentSize) {
            return socket.send(to, data, offset, length, segmentSize);
        }

        @Override
        public void flush() {
            socket.flush();
        }

        @Override
        public void onWritable(Runnable callback) {
            socket.onWritable(callback);
        }

        @Override
        public void onSendError(BiConsumer<InetSocketAddress, Throwable> hook) {
            socket.onSendError(hook);
        }

        @Override
        public Mono<Void> close() {
            return socket.close();
        }

        @Override
        public Mono<Void> onClose() {
            return socket.onClose();
        }
    }
}
