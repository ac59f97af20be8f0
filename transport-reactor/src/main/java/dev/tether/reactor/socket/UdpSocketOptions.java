package dev.tether.reactor.socket;

import io.netty.buffer.ByteBufAllocator;

/**
 * How a UDP socket is bound.
 *
 * @param preferNative whether to use epoll where it is available; otherwise NIO
 * @param reusePort whether further sockets may share the address and the kernel spreads senders over them (SO_REUSEPORT)
 * @param gso whether to use UDP_SEGMENT where it works
 * @param gro whether to use UDP_GRO where it works
 * @param wiretap whether Reactor Netty logs every event and datagram at DEBUG
 * @param outboundLimit the most datagrams accepted and not yet taken by the kernel; at least 1
 * @param allocator where read and write buffers come from
 */
public record UdpSocketOptions(
        boolean preferNative,
        boolean reusePort,
        boolean gso,
        boolean gro,
        boolean wiretap,
        int outboundLimit,
        ByteBufAllocator allocator) {

    /** The default bound of the outbound queue, in datagrams. */
    public static final int DEFAULT_OUTBOUND_LIMIT = 10_000;

    public UdpSocketOptions {
        if (outboundLimit < 1) {
            throw new IllegalArgumentException("outboundLimit must be at least 1, not " + outboundLimit);
        }
    }

    /** Everything the system offers, one socket an address, 10,000 datagrams, Netty's default allocator. */
    public static UdpSocketOptions defaults() {
        return new UdpSocketOptions(true, false, true, true, false, DEFAULT_OUTBOUND_LIMIT, ByteBufAllocator.DEFAULT);
    }

    /** Prefers epoll to NIO, or not. */
    public UdpSocketOptions withPreferNative(boolean value) {
        return new UdpSocketOptions(value, reusePort, gso, gro, wiretap, outboundLimit, allocator);
    }

    /** Shares the address with further sockets, or not. */
    public UdpSocketOptions withReusePort(boolean value) {
        return new UdpSocketOptions(preferNative, value, gso, gro, wiretap, outboundLimit, allocator);
    }

    /** Allows or forbids segmentation offload in both directions. */
    public UdpSocketOptions withOffload(boolean value) {
        return new UdpSocketOptions(preferNative, reusePort, value, value, wiretap, outboundLimit, allocator);
    }

    /** Logs every event and datagram at DEBUG, or not. */
    public UdpSocketOptions withWiretap(boolean value) {
        return new UdpSocketOptions(preferNative, reusePort, gso, gro, value, outboundLimit, allocator);
    }

    /** Bounds the outbound queue, in datagrams; at least 1. */
    public UdpSocketOptions withOutboundLimit(int value) {
        return new UdpSocketOptions(preferNative, reusePort, gso, gro, wiretap, value, allocator);
    }

    /** Takes buffers from {@code value}. */
    public UdpSocketOptions withAllocator(ByteBufAllocator value) {
        return new UdpSocketOptions(preferNative, reusePort, gso, gro, wiretap, outboundLimit, value);
    }
}
