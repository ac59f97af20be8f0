package dev.tether.core.stream;

import dev.tether.core.flow.ReceiveCredit;

/**
 * The account of what the streams of a connection hold for bytes that the peer has sent, and the rule for the size of chunks
 * that bounds it. Not thread-safe. Source: RFC 9000 §21.7.
 *
 * <p><b>What is charged.</b> Chunks with their whole capacity, however few bytes of the peer are in them, the arrays that find
 * them, and the ranges behind gaps. What the application was given is its own, and not charged any more.
 *
 * <p><b>Why a stream holds less than twice its window.</b> Chunks lie side by side, and only the first and the last reach
 * beyond what the peer may send and the application has not read, which is a window at most. Neither is larger than 1/16 of
 * the window, and bookkeeping adds no more than 176 bytes to a chunk of at least 512: together 1.52 windows. Besides, there
 * are 4 KiB for the smallest sizes of all this, and 64 bytes for each gap.
 *
 * <p><b>Why a connection holds less than twice its window.</b> A peer could put one byte into a large chunk on each of many
 * streams. So the k-th stream that holds chunks at a time gets none that is larger than 1/(32·k) of the connection's window,
 * and 1/32 + 1/64 + 1/96 + … stays below 0.24 for 1,024 streams: both ends of all streams reach beyond by less than 0.48
 * windows, and with the bookkeeping that makes 1.99. Besides, there are 3 KiB for each stream and 64 bytes for each gap.
 */
final class ReceiveMemory {

    static final int SMALLEST_CHUNK = 512;
    static final int LARGEST_CHUNK = 64 * 1024;

    /** A buffer that is not shared, and the header of its array. */
    static final int CHUNK_BOOKKEEPING = 80;

    /** A place in the arrays of chunks and of their bounds. */
    static final int CHUNK_ENTRY = 3 * Long.BYTES;

    /** The objects of one stream, both of its parts, and its place among the streams. */
    static final int STREAM_BOOKKEEPING = 512;

    private static final int STREAM_SHIFT = 4;
    private static final int CONNECTION_SHIFT = 5;

    private final ReceiveCredit connection;
    private long held;
    private int gaps;
    private int holders;

    ReceiveMemory(ReceiveCredit connection) {
        this.connection = connection;
    }

    /** How many bytes of memory all streams hold for received bytes, without {@link #STREAM_BOOKKEEPING}. */
    long held() {
        return held;
    }

    /** How many gaps there are between the received bytes of all streams. */
    int gaps() {
        return gaps;
    }

    /**
     * How large a chunk of a stream may be now: a power of two.
     *
     * @param streamWindow the stream's window, in bytes
     * @param holding whether the stream holds chunks already
     */
    int largestChunk(long streamWindow, boolean holding) {
        long ofConnection = (connection.window() >> CONNECTION_SHIFT) / (holding ? holders : holders + 1);
        long most = Math.min(Math.min(streamWindow >> STREAM_SHIFT, ofConnection), LARGEST_CHUNK);
        return Math.max(SMALLEST_CHUNK, Integer.highestOneBit((int) most));
    }

    /** Charges, or gives back if negative, what a stream holds now beyond what it held before. */
    void charge(long bytes, int moreGaps, int moreHolders) {
        held += bytes;
        gaps += moreGaps;
        holders += moreHolders;
    }
}
