package dev.tether.core.stream;

/**
 * Bounds of one side's streams that the peer does not learn.
 *
 * <p><b>Memory.</b> Whatever the peer sends, one stream holds for it less than twice the stream's window, 4 KiB, and 64 bytes
 * for each gap; and the connection less than twice the connection's window, 3 KiB for each stream, and 64 bytes for each gap:
 * 134 MiB with the default bounds and 512 streams of the peer, which takes an application that reads nothing, or a hostile
 * peer. An allocator that rounds sizes up adds its share. What was read belongs to the application and does not count.
 *
 * @param maxConnectionWindow what the connection's receive window may grow to, in bytes
 * @param maxStreamWindow what a stream's receive window may grow to, in bytes
 * @param sendBuffer how many bytes of a connection may be written and not yet acknowledged; at least 1024
 * @param maxGaps how many gaps the received bytes of one stream may have; at least 1; those of all streams may have
 *     16 times as many
 */
public record StreamBounds(long maxConnectionWindow, long maxStreamWindow, int sendBuffer, int maxGaps) {

    private static final long CONNECTION_GAPS = 16;

    /** @throws IllegalArgumentException naming the value that is out of its range */
    public StreamBounds {
        if (sendBuffer < 1024) {
            throw new IllegalArgumentException("sendBuffer is " + sendBuffer + ", it must be at least 1024");
        }
        if (maxGaps < 1) {
            throw new IllegalArgumentException("maxGaps is " + maxGaps + ", it must be at least 1");
        }
    }

    /**
     * How many gaps the received bytes of all streams may have together. A gap needs a loss between packets that arrived: random
     * loss makes N/4 of N packets at most, that is 14,000 of the 56,000 packets of 1200 bytes that a window of 64 MiB allows.
     */
    int maxConnectionGaps() {
        return (int) Math.min(Integer.MAX_VALUE, CONNECTION_GAPS * maxGaps);
    }

    /** A connection window up to 64 MiB, stream windows up to 16 MiB, a send buffer of 1 MiB, 4000 gaps. */
    public static StreamBounds defaults() {
        return new StreamBounds(64 << 20, 16 << 20, 1 << 20, 4000);
    }
}
