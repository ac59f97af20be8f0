package dev.tether.core.stream;

/**
 * Recycles the byte arrays of send buffers. There are three sizes, so that a connection that sends little holds little. The
 * connections of one event loop share a pool. Not thread-safe.
 */
public final class ChunkPool {

    static final int SMALL = 512;
    static final int MEDIUM = 4 * 1024;
    static final int LARGE = 16 * 1024;

    private final int maxPooledBytes;
    private final Shelf small = new Shelf(SMALL);
    private final Shelf medium = new Shelf(MEDIUM);
    private final Shelf large = new Shelf(LARGE);
    private int pooledBytes;

    /**
     * An empty pool.
     *
     * @param maxPooledBytes how many bytes of unused arrays are kept at most; what comes back beyond is left to the garbage
     *     collector
     */
    public ChunkPool(int maxPooledBytes) {
        this.maxPooledBytes = maxPooledBytes;
    }

    /** How many bytes of unused arrays are kept now. */
    public int pooledBytes() {
        return pooledBytes;
    }

    /** An array that holds {@code wanted} bytes, or of the largest size if none does. Its content is arbitrary. */
    byte[] take(long wanted) {
        Shelf shelf = wanted <= SMALL ? small : wanted <= MEDIUM ? medium : large;
        if (shelf.count == 0) {
            return new byte[shelf.chunkSize];
        }
        pooledBytes -= shelf.chunkSize;
        return shelf.pop();
    }

    /** Gives back an array of {@link #take}, which the caller must not use again. */
    void recycle(byte[] chunk) {
        if (chunk.length <= maxPooledBytes - pooledBytes) {
            pooledBytes += chunk.length;
            Shelf shelf = chunk.length == SMALL ? small : chunk.length == MEDIUM ? medium : large;
            shelf.push(chunk);
        }
    }

    /** A stack of arrays of one size. */
    private static final class Shelf {

        private static final byte[] NONE = {};

        private final int chunkSize;
        private byte[][] chunks = {};
        private int count;

        Shelf(int chunkSize) {
            this.chunkSize = chunkSize;
        }

        byte[] pop() {
            byte[] chunk = chunks[--count];
            chunks[count] = NONE;
            return chunk;
        }

        void push(byte[] chunk) {
            if (count == chunks.length) {
                byte[][] longer = new byte[Math.max(8, 2 * count)][];
                System.arraycopy(chunks, 0, longer, 0, count);
                chunks = longer;
            }
            chunks[count++] = chunk;
        }
    }
}
