package dev.tether.examples.perf;

import dev.tether.examples.RoundTrips;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.time.Duration;

/**
 * What a round trip costs on this host without any transport: two threads that send one plain datagram to and fro over
 * loopback. Most of it is the kernel waking a thread up.
 */
public final class BareUdp {

    /** About what a datagram with a message of {@link PerfClient#ECHO_SIZE} bytes has. */
    private static final int DATAGRAM_SIZE = 150;

    private BareUdp() {}

    /** Measures for {@code time}. Blocks. */
    public static RoundTrips measure(Duration time) throws IOException {
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (DatagramChannel echo = DatagramChannel.open().bind(anyPort);
                DatagramChannel channel = DatagramChannel.open().bind(anyPort)) {
            Thread echoing = new Thread(() -> echo(echo), "bare-udp-echo");
            echoing.setDaemon(true);
            echoing.start();
            return roundTrips(channel, (InetSocketAddress) echo.getLocalAddress(), time);
        }
    }

    private static RoundTrips roundTrips(DatagramChannel channel, InetSocketAddress peer, Duration time)
            throws IOException {
        RoundTrips roundTrips = new RoundTrips();
        ByteBuffer buffer = ByteBuffer.allocateDirect(DATAGRAM_SIZE);
        long endNs = System.nanoTime() + time.toNanos();
        for (long sentNs = System.nanoTime(); sentNs - endNs < 0; sentNs = System.nanoTime()) {
            channel.send(buffer.clear(), peer);
            channel.receive(buffer.clear());
            roundTrips.add(System.nanoTime() - sentNs);
        }
        return roundTrips;
    }

    private static void echo(DatagramChannel channel) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(DATAGRAM_SIZE);
        try {
            while (true) {
                InetSocketAddress from = (InetSocketAddress) channel.receive(buffer.clear());
                channel.send(buffer.flip(), from);
            }
        } catch (ClosedChannelException e) {
            // the measurement is over
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
