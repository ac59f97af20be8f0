package dev.tether.reactor.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import reactor.netty.resources.LoopResources;

/**
 * Loopback sockets for one test. Their buffers come from an allocator of its own that knows what is outstanding, so that
 * {@link #close()} finds a leak at once and not when the garbage collector runs.
 */
final class SocketFixture implements AutoCloseable {

    static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final LoopResources loops = LoopResources.create("socket-test", 2, true);
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    private final UdpSocketOptions options;
    private final List<UdpDatagramSocket> sockets = new ArrayList<>();

    SocketFixture(UdpSocketOptions options) {
        this.options = options.withAllocator(allocator);
    }

    LoopResources loops() {
        return loops;
    }

    UdpSocketOptions options() {
        return options;
    }

    UdpDatagramSocket bind() {
        return bind("127.0.0.1", options);
    }

    UdpDatagramSocket bind(String host) {
        return bind(host, options);
    }

    UdpDatagramSocket bindWithLimit(int outboundLimit) {
        return bind("127.0.0.1", options.withOutboundLimit(outboundLimit));
    }

    private UdpDatagramSocket bind(String host, UdpSocketOptions chosen) {
        UdpDatagramSocket socket = UdpDatagramSocket.bind(new InetSocketAddress(host, 0), loops, chosen)
                .blockOptional(TIMEOUT)
                .orElseThrow();
        sockets.add(socket);
        return socket;
    }

    /** Runs {@code action} on the socket's loop and waits for its result. */
    static <T> T onLoop(DatagramSocket socket, Callable<T> action) throws Exception {
        CompletableFuture<T> result = new CompletableFuture<>();
        socket.scheduler().schedule(() -> {
            try {
                result.complete(action.call());
            } catch (Throwable failure) {
                result.completeExceptionally(failure);
            }
        });
        return result.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    }

    /** Sends {@code data} in datagrams of {@code segmentSize} bytes, in one pass. */
    static boolean send(DatagramSocket socket, InetSocketAddress to, byte[] data, int segmentSize) throws Exception {
        return onLoop(socket, () -> {
            boolean accepted = socket.send(to, data, 0, data.length, segmentSize);
            socket.flush();
            return accepted;
        });
    }

    /** Bytes that tell their position, so that a shifted or swapped datagram shows. */
    static byte[] pattern(int length) {
        byte[] data = new byte[length];
        for (int i = 0; i < length; i++) {
            data[i] = (byte) (i * 31 + (i >>> 8) * 17);
        }
        return data;
    }

    @Override
    public void close() throws Exception {
        for (UdpDatagramSocket socket : sockets) {
            socket.close().block(TIMEOUT);
            // What the closing set off on the loop is over when a later task runs.
            onLoop(socket, () -> true);
        }
        loops.disposeLater(Duration.ZERO, TIMEOUT).block(TIMEOUT);
        assertThat(allocator.metric().usedDirectMemory())
                .as("leaked direct bytes")
                .isZero();
        assertThat(allocator.metric().usedHeapMemory()).as("leaked heap bytes").isZero();
    }
}
