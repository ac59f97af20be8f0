package dev.tether.reactor.socket;

/**
 * A reading of a socket's counters since it was bound. Bytes are UDP payload bytes; every segment of a run counts as
 * one datagram.
 *
 * @param datagramsIn datagrams read
 * @param bytesIn payload bytes read
 * @param datagramsOut datagrams the kernel has taken
 * @param bytesOut payload bytes the kernel has taken
 * @param sendErrors accepted datagrams that could not be sent to their destination
 * @param droppedOutbound datagrams refused because the queue was full or closed, or discarded by the socket's closing
 * @param receiveErrors errors reported by reads that left the socket usable
 */
public record SocketCounters(
        long datagramsIn,
        long bytesIn,
        long datagramsOut,
        long bytesOut,
        long sendErrors,
        long droppedOutbound,
        long receiveErrors) {}
