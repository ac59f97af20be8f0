package dev.tether.core.stream;

/**
 * Bounds of one side's streams that the peer does not learn.
 *
 * @param maxConnectionWindow what the connection's receive window may grow to, in bytes
 * @param maxStreamWindow what a stream's receive window may grow to, in bytes
 * @param sendBuffer how many bytes of a connection may be written and not yet acknowledged; at least 1024
 * @param maxGaps how many gaps the received bytes of one stream may have; at least 1
 */
public record StreamBounds(long maxConnectionWindow, long maxStreamWindow, int sendBuffer, int maxGaps) {

    /** @throws IllegalArgumentException naming the value that is out of its range */
    public StreamBounds {
        if (sendBuffer < 1024) {
            throw new IllegalArgumentException("sendBuffer is " + sendBuffer + ", it must be at least 1024");
        }
        if (maxGaps < 1) {
            throw new IllegalArgumentException("maxGaps is " + maxGaps + ", it must be at least 1");
        }
    }

    /** A connection window up to 64 MiB, stream windows up to 16 MiB, a send buffer of 1 MiB, 1000 gaps. */
    public static StreamBounds defaults() {
        return new StreamBounds(64 << 20, 16 << 20, 1 << 20, 1000);
    }
}
