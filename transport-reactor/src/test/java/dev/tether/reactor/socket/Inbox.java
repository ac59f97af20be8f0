package dev.tether.reactor.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Subscribes to a socket's inbound flux, takes runs apart, and keeps copies. */
final class Inbox {

    /** Stands for a batch end between datagrams. */
    static final byte[] BATCH_END = new byte[0];

    private final BlockingQueue<byte[]> datagrams = new LinkedBlockingQueue<>();
    private final BlockingQueue<byte[]> events = new LinkedBlockingQueue<>();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private volatile InetSocketAddress lastSender = new InetSocketAddress(0);

    Inbox(DatagramSocket socket) throws Exception {
        SocketFixture.onLoop(socket, () -> {
            socket.onBatchEnd(() -> events.add(BATCH_END));
            socket.inbound().subscribe(this::take, end::completeExceptionally, () -> end.complete(null));
            return true;
        });
    }

    byte[] next() throws InterruptedException {
        byte[] datagram = datagrams.poll(SocketFixture.TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        assertThat(datagram).as("a datagram in time").isNotNull();
        return datagram;
    }

    List<byte[]> next(int count) throws InterruptedException {
        List<byte[]> taken = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            taken.add(next());
        }
        return taken;
    }

    /** Datagrams and batch ends in the order they came. */
    byte[] nextEvent() throws InterruptedException {
        byte[] event = events.poll(SocketFixture.TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        assertThat(event).as("an event in time").isNotNull();
        return event;
    }

    boolean isEmpty() {
        return datagrams.isEmpty();
    }

    InetSocketAddress lastSender() {
        return lastSender;
    }

    /** Completes, or fails, as the flux does. */
    CompletableFuture<Void> end() {
        return end;
    }

    private void take(DatagramPacket packet) {
        try {
            lastSender = packet.sender();
            ByteBuf content = packet.content();
            int segmentSize = packet instanceof SegmentedDatagramPacket run
                    ? run.segmentSize()
                    : Math.max(1, content.readableBytes());
            while (content.isReadable()) {
                byte[] bytes = ByteBufUtil.getBytes(content.readSlice(Math.min(segmentSize, content.readableBytes())));
                events.add(bytes);
                datagrams.add(bytes);
            }
        } finally {
            packet.release();
        }
    }
}
