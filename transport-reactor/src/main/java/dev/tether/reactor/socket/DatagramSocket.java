package dev.tether.reactor.socket;

import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.util.function.BiConsumer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * A bound datagram socket that lives on one event loop.
 *
 * <p>Threading: every callback and every inbound datagram comes on the event loop. {@link #isWritable}, {@link #send},
 * {@link #flush} and the registration of callbacks belong on it too; the other methods may be called from anywhere.
 * Nothing here ever blocks.
 *
 * <p>Order of a pass: the datagrams of one read come through {@link #inbound()}, then the {@link #onBatchEnd batch end}
 * is signalled; what the pass wants to send is handed to {@link #send} and leaves with one {@link #flush}.
 */
public interface DatagramSocket {

    /** The address bound to, with the actual port. */
    InetSocketAddress localAddress();

    /** What the socket makes use of now: {@code gso} turns false if the kernel turns out not to do it. */
    SocketCapabilities capabilities();

    /** A reading of the counters, from any thread. */
    SocketCounters counters();

    /** The event loop as a scheduler. It outlives the socket and ends with the loop; it is not the caller's to dispose. */
    Scheduler scheduler();

    /** Whether the calling thread is the event loop. */
    boolean inLoop();

    /**
     * The datagrams in the order of their arrival, for one subscriber, which owns each element and must release it. An
     * element may be a {@link io.netty.channel.unix.SegmentedDatagramPacket}: a run of datagrams of one sender, all of
     * one size but the last. Elements may share one 64 KiB read buffer, which lives until the last of them is released:
     * copy what is to be kept.
     *
     * <p>Nothing is read before there is demand; meanwhile the kernel buffers, and drops what does not fit. Completes
     * when the socket is closed, errors when it dies. Cancelling leaves the socket open and discards what arrives.
     */
    Flux<DatagramPacket> inbound();

    /**
     * Registers the callback that runs after all datagrams of one read went through {@link #inbound()} (as far as they
     * were requested). There is one such callback; the last registered wins.
     */
    void onBatchEnd(Runnable callback);

    /**
     * Whether the outbound queue takes datagrams. Turns false when the bound is reached or a {@link #send} was refused,
     * and true again (see {@link #onWritable}) once the kernel has taken half of what the bound allows.
     */
    boolean isWritable();

    /**
     * Queues a copy of {@code data[offset, offset + length)}, cut into datagrams of {@code segmentSize} bytes, of which
     * the last may be shorter. All or none of them are accepted, and counted, against the bound.
     *
     * @param to a resolved address
     * @param length at least 1
     * @param segmentSize at least 1; not less than {@code length} for a single datagram
     * @return false if the queue is closed or has no room for all of them; nothing is queued then. It never has room for
     *     more than the bound, and {@link #onWritable} does not follow such a refusal
     */
    boolean send(InetSocketAddress to, byte[] data, int offset, int length, int segmentSize);

    /** Hands what was queued since the last flush to the kernel. Costs nothing when there is nothing. */
    void flush();

    /** Registers the one callback that runs when the socket became writable after not having been so. */
    void onWritable(Runnable callback);

    /**
     * Registers the one hook that learns which destination could not be sent to, and why (unreachable, too long, no
     * buffers, not permitted). Such an error concerns that destination and never closes the socket. Called in a task of
     * its own, never from within {@link #send} or {@link #flush}.
     */
    void onSendError(BiConsumer<InetSocketAddress, Throwable> hook);

    /**
     * Stops accepting datagrams, flushes what is queued, for a bounded time, and closes, on subscription. Completes when
     * the socket is closed. Subscribing again is harmless.
     */
    Mono<Void> close();

    /** Completes when the socket is closed, for whatever reason; {@link #inbound()} ends at about the same time. */
    Mono<Void> onClose();
}
