package dev.tether.reactor.socket;

/**
 * What a socket makes use of.
 *
 * @param gso whether a run of datagrams leaves in one system call and is cut up below it (UDP_SEGMENT)
 * @param gro whether the kernel joins arriving datagrams into runs, so that one system call reads many (UDP_GRO)
 * @param transport the transport's name: {@code epoll}, {@code nio}, or that of another implementation
 */
public record SocketCapabilities(boolean gso, boolean gro, String transport) {}
