package dev.tether.reactor.socket;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.netty.Connection;
import reactor.netty.NettyPipeline;
import reactor.netty.resources.LoopResources;
import reactor.netty.udp.UdpServer;

/**
 * A UDP socket on Reactor Netty's {@link UdpServer}. Inbound is Reactor Netty's own flux; outbound is written straight to
 * its channel, through the bounded {@link OutboundQueue}.
 */
public final class UdpDatagramSocket implements DatagramSocket {

    private final Connection connection;
    private final Channel channel;
    private final EventLoop loop;
    private final EventLoopScheduler scheduler;
    private final SocketMeter meter;
    private final InboundHandler inboundHandler;
    private final OutboundQueue outbound;
    private final Flux<DatagramPacket> inbound;
    private final Sinks.Empty<Void> loopEnded = Sinks.empty();

    private UdpDatagramSocket(
            Connection connection, SocketMeter meter, InboundHandler inboundHandler, UdpSocketOptions options) {
        this.connection = connection;
        this.channel = connection.channel();
        this.loop = channel.eventLoop();
        this.scheduler = new EventLoopScheduler(loop);
        this.meter = meter;
        this.inboundHandler = inboundHandler;
        this.outbound = new OutboundQueue(
                channel,
                meter,
                options.outboundLimit(),
                options.gso() && SocketTuning.gsoSupported(channel),
                localAddress().getAddress() instanceof Inet4Address);
        watchLoop();
        // Reactor Netty releases an element when onNext returns; the subscriber here owns it.
        this.inbound =
                connection.inbound().receiveObject().cast(DatagramPacket.class).map(DatagramPacket::retain);
    }

    /** As {@link #bind(InetSocketAddress, LoopResources, UdpSocketOptions)}, with what the system offers. */
    public static Mono<UdpDatagramSocket> bind(
            InetSocketAddress local, LoopResources loops, boolean preferNative, int outboundLimit) {
        return bind(
                local,
                loops,
                UdpSocketOptions.defaults().withPreferNative(preferNative).withOutboundLimit(outboundLimit));
    }

    /**
     * Binds a socket, on subscription, to the next event loop of {@code loops} (to the calling one, if that is one of
     * them).
     *
     * @param local an IPv4 or IPv6 address, resolved; port 0 for any free one. The IPv4 wildcard takes both IP versions
     *     where the system has dual-stack sockets
     * @return the bound socket, emitted on its event loop; errors with a {@link BindException} that names the address if
     *     it cannot be bound
     */
    public static Mono<UdpDatagramSocket> bind(InetSocketAddress local, LoopResources loops, UdpSocketOptions options) {
        if (local.isUnresolved()) {
            return Mono.error(() -> new BindException("Cannot bind a UDP socket to the unresolved address " + local));
        }
        return Mono.defer(() -> {
            SocketMeter meter = new SocketMeter();
            InboundHandler handler = new InboundHandler(meter);
            return UdpServer.create()
                    .runOn(loops, options.preferNative())
                    .bindAddress(() -> local)
                    .wiretap(options.wiretap())
                    .doOnChannelInit((observer, channel, remote) -> {
                        SocketTuning.apply(channel, options);
                        channel.pipeline().addBefore(NettyPipeline.ReactiveBridge, InboundHandler.NAME, handler);
                    })
                    .bind()
                    .map(connection -> new UdpDatagramSocket(connection, meter, handler, options))
                    .onErrorMap(cause -> bindException(local, cause));
        });
    }

    /** An event loop that is shut down closes its channels first, but NIO's not always: then the channel is never told. */
    @SuppressWarnings("FutureReturnValueIgnored")
    private void watchLoop() {
        FutureListener<Object> onEnd = ended -> loopEnded.tryEmitEmpty();
        Future<?> end = loop.terminationFuture();
        end.addListener(onEnd);
        channel.closeFuture().addListener(closed -> end.removeListener(onEnd));
    }

    @Override
    public InetSocketAddress localAddress() {
        return (InetSocketAddress) channel.localAddress();
    }

    @Override
    public SocketCapabilities capabilities() {
        return new SocketCapabilities(outbound.gso(), SocketTuning.groActive(channel), SocketTuning.transport(channel));
    }

    @Override
    public SocketCounters counters() {
        return meter.read();
    }

    @Override
    public Scheduler scheduler() {
        return scheduler;
    }

    @Override
    public boolean inLoop() {
        return loop.inEventLoop();
    }

    @Override
    public Flux<DatagramPacket> inbound() {
        return inbound;
    }

    @Override
    public void onBatchEnd(Runnable callback) {
        inboundHandler.onBatchEnd(callback);
    }

    @Override
    public boolean isWritable() {
        return outbound.isWritable();
    }

    @Override
    public boolean send(InetSocketAddress to, byte[] data, int offset, int length, int segmentSize) {
        return outbound.offer(to, data, offset, length, segmentSize);
    }

    @Override
    public void flush() {
        outbound.flush();
    }

    @Override
    public void onWritable(Runnable callback) {
        outbound.onWritable(callback);
    }

    @Override
    public void onSendError(BiConsumer<InetSocketAddress, Throwable> hook) {
        outbound.onSendError(hook);
    }

    @Override
    public Mono<Void> close() {
        return Mono.defer(() -> {
            try {
                loop.execute(() -> outbound.close(connection::dispose));
            } catch (RejectedExecutionException ended) {
                loopEnded.tryEmitEmpty();
            }
            return onClose();
        });
    }

    @Override
    public Mono<Void> onClose() {
        return Mono.firstWithSignal(connection.onDispose().then(Mono.defer(this::awaitFreePort)), loopEnded.asMono());
    }

    /**
     * Java's own channels give their port back when their selector is asked next, which a turn of the loop does; a task
     * with a delay runs in a later turn.
     */
    private Mono<Void> awaitFreePort() {
        if (!(channel instanceof NioDatagramChannel) || loop.isShuttingDown()) {
            return Mono.empty();
        }
        return Mono.delay(Duration.ofMillis(1), scheduler).onErrorComplete().then();
    }

    @Override
    public String toString() {
        return "UdpDatagramSocket{" + channel + ", " + capabilities() + '}';
    }

    /** For tests: events that a loopback socket does not produce. */
    Channel channel() {
        return channel;
    }

    private static BindException bindException(InetSocketAddress local, Throwable cause) {
        BindException exception = new BindException(
                "cannot bind a UDP socket to " + local.getAddress().getHostAddress() + ":" + local.getPort()
                        + "; is the port in use, or the address not one of this host?");
        exception.initCause(cause);
        return exception;
    }
}
