package dev.tether.core.stream;

import dev.tether.core.flow.ReceiveCredit;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Puts the received bytes of a stream in order. Not thread-safe. Source: RFC 9000 §2.2.
 *
 * <p>Each byte is copied once, from the packet to its place in a chunk, whether it comes in order or not; readers get
 * retained slices of the chunks. A chunk covers a fixed range of offsets, and chunks are made where bytes arrive, so that
 * the memory held for bytes never exceeds the receive window by more than two chunks, however sparse the bytes are. A chunk
 * is small on a quiet stream and large in bulk. {@link ReceiveMemory} is charged for all of it and bounds the size of chunks.
 *
 * <p>Of bytes that arrive more than once, the first count.
 */
final class Reassembler {

    /** What became of a range of bytes. */
    enum Insertion {
        /** At least one byte was new. */
        STORED,
        /** All bytes were there before. */
        DUPLICATE,
        /** There are more gaps than allowed. The stream, and its connection, must not go on. */
        TOO_MANY_GAPS
    }

    /**
     * Chunks that start behind a gap are at least as large, if the memory allows it, and start at a multiple of their least
     * size: a bound on their number.
     */
    static final int CHUNK_BEHIND_GAP = 4 * 1024;

    private static final int KEPT_ENTRIES = 16;
    private static final @Nullable ByteBuf[] NO_CHUNKS = {};
    private static final long[] NO_BOUNDS = {};

    private final ByteBufAllocator allocator;
    private final int maxGaps;
    private final ReceiveMemory memory;
    private final ReceiveCredit credit;
    private final OffsetRanges ahead = new OffsetRanges();
    /** The chunks from {@link #head} to before {@link #tail}, by offset. */
    private @Nullable ByteBuf[] chunks = new ByteBuf[2];

    /** The first offset of each chunk and the first offset after it. */
    private long[] bounds = new long[4];

    private int head;
    private int tail;
    private long readOffset;
    private long contiguousEnd;
    private long drainedAt;
    private int nextChunkSize = ReceiveMemory.SMALLEST_CHUNK;

    private long chunkBytes;
    private long chargedBytes;
    private int chargedGaps;
    private int chargedHolder;

    /**
     * A reassembler without bytes.
     *
     * @param maxGaps how many gaps there may be between ranges of received bytes
     * @param memory the account of all streams of the connection
     * @param credit the stream's credit; chunks are the larger the larger its window is
     */
    Reassembler(ByteBufAllocator allocator, int maxGaps, ReceiveMemory memory, ReceiveCredit credit) {
        this.allocator = allocator;
        this.maxGaps = maxGaps;
        this.memory = memory;
        this.credit = credit;
    }

    /** The offset of the next byte to read. */
    long readOffset() {
        return readOffset;
    }

    /** The offset of the first byte that has not arrived. */
    long contiguousEnd() {
        return contiguousEnd;
    }

    /** How many bytes can be read now. */
    int readable() {
        return (int) (contiguousEnd - readOffset);
    }

    /** How many bytes can be read with one {@link #read}. */
    int readableAtOnce() {
        return head == tail ? 0 : (int) (Math.min(contiguousEnd, chunkEnd(head)) - readOffset);
    }

    /** How many gaps there are between the received bytes. */
    int gaps() {
        return ahead.count();
    }

    /** How many bytes of memory are held, as {@link ReceiveMemory} charges them. */
    long memoryHeld() {
        return chunkBytes
                + (long) (tail - head) * ReceiveMemory.CHUNK_BOOKKEEPING
                + (long) chunks.length * ReceiveMemory.CHUNK_ENTRY
                + ahead.memoryHeld();
    }

    /** Copies {@code length} bytes of the stream, the first of which has the offset {@code offset}, out of {@code source}. */
    Insertion insert(long offset, byte[] source, int sourceOffset, int length) {
        Insertion insertion = insertUncharged(offset, source, sourceOffset, length);
        settle();
        return insertion;
    }

    /**
     * Takes the next bytes: as many as there are in one chunk, at most {@code max}; at least one must be readable.
     *
     * @return a slice that the caller must release
     */
    ByteBuf read(int max) {
        int length = Math.min(max, readableAtOnce());
        ByteBuf slice = chunk(head).retainedSlice((int) (readOffset - chunkStart(head)), length);
        skip(length);
        return slice;
    }

    /** Copies the next {@code length} bytes to {@code target}; as many must be readable. */
    void readTo(ByteBuf target, int length) {
        for (int left = length; left > 0; ) {
            int part = Math.min(left, readableAtOnce());
            target.writeBytes(chunk(head), (int) (readOffset - chunkStart(head)), part);
            skip(part);
            left -= part;
        }
    }

    /** The byte {@code distance} bytes behind the next one; it must be readable. */
    byte peek(int distance) {
        long offset = readOffset + distance;
        int index = head;
        while (chunkEnd(index) <= offset) {
            index++;
        }
        return chunk(index).getByte((int) (offset - chunkStart(index)));
    }

    /** Goes past the next {@code length} bytes; as many must be readable. */
    void skip(int length) {
        readOffset += length;
        while (head < tail && chunkEnd(head) <= readOffset) {
            releaseHead();
        }
        if (readOffset == contiguousEnd && ahead.isEmpty()) {
            onDrained();
        }
        settle();
    }

    /** Releases all bytes. Nothing but {@link #readOffset()} may be asked for afterwards. */
    void close() {
        ahead.clear();
        contiguousEnd = readOffset;
        releaseAll();
        chunks = NO_CHUNKS;
        bounds = NO_BOUNDS;
        settle();
    }

    /** Charges the memory for what has changed since the last time. */
    private void settle() {
        long bytes = memoryHeld();
        int gaps = ahead.count();
        int holder = head < tail ? 1 : 0;
        memory.charge(bytes - chargedBytes, gaps - chargedGaps, holder - chargedHolder);
        chargedBytes = bytes;
        chargedGaps = gaps;
        chargedHolder = holder;
    }

    private Insertion insertUncharged(long offset, byte[] source, int sourceOffset, int length) {
        long end = offset + length;
        if (end <= contiguousEnd) {
            return Insertion.DUPLICATE;
        }
        long start = Math.max(offset, contiguousEnd);
        int startIndex = sourceOffset + (int) (start - offset);
        if (ahead.isEmpty()) {
            store(start, source, startIndex, (int) (end - start));
            if (start == contiguousEnd) {
                contiguousEnd = end;
                return Insertion.STORED;
            }
        } else if (!storeMissing(start, end, source, startIndex)) {
            return Insertion.DUPLICATE;
        }
        if (start == contiguousEnd) {
            contiguousEnd = ahead.absorb(end);
            return Insertion.STORED;
        }
        ahead.add(start, end);
        return ahead.count() > maxGaps ? Insertion.TOO_MANY_GAPS : Insertion.STORED;
    }

    /** A quiet stream holds no chunk, and its next one is as large as what came since the stream was drained last. */
    private void onDrained() {
        releaseAll();
        long burst = readOffset - drainedAt;
        drainedAt = readOffset;
        nextChunkSize = chunkSizeFor(burst);
    }

    /** Stores those bytes from {@code start} to {@code end} that are not there; false if there are none. */
    private boolean storeMissing(long start, long end, byte[] source, int sourceIndex) {
        boolean stored = false;
        int range = ahead.indexAfter(start);
        for (long at = start; at < end; range++) {
            long missingEnd = range < ahead.count() ? Math.min(end, ahead.start(range)) : end;
            if (at < missingEnd) {
                store(at, source, sourceIndex + (int) (at - start), (int) (missingEnd - at));
                stored = true;
            }
            at = range < ahead.count() ? Math.max(missingEnd, ahead.end(range)) : end;
        }
        return stored;
    }

    /** Copies bytes to their places and makes chunks where there are none. */
    private void store(long offset, byte[] source, int sourceIndex, int length) {
        int index = chunkAfter(offset);
        for (int done = 0; done < length; index++) {
            long at = offset + done;
            if (index == tail || chunkStart(index) > at) {
                index = makeChunk(index, at, length - done);
            }
            int part = (int) Math.min(length - done, chunkEnd(index) - at);
            chunk(index).setBytes((int) (at - chunkStart(index)), source, sourceIndex + done, part);
            done += part;
        }
    }

    /**
     * Makes a chunk that has a place for the byte at {@code at}, between the chunks {@code index - 1} and {@code index}.
     *
     * @return its index
     */
    private int makeChunk(int index, long at, int needed) {
        long floor = index > head ? chunkEnd(index - 1) : contiguousEnd;
        int size = Math.max(nextChunkSize, chunkSizeFor(needed));
        if (at > floor) {
            size = Math.max(size, CHUNK_BEHIND_GAP);
        }
        size = Math.min(size, memory.largestChunk(credit.window(), chargedHolder > 0));
        long start = at - floor < size ? floor : at - at % Math.min(size, CHUNK_BEHIND_GAP);
        long end = index < tail ? Math.min(start + size, chunkStart(index)) : start + size;
        ByteBuf chunk = allocator.buffer((int) (end - start), (int) (end - start));
        nextChunkSize = chunkSizeFor(2L * size);
        return addChunk(index, chunk, start, end);
    }

    /** The smallest size of a chunk, a power of two, that holds {@code bytes}, or the largest one. */
    private static int chunkSizeFor(long bytes) {
        int within = (int) Math.min(Math.max(bytes, ReceiveMemory.SMALLEST_CHUNK), ReceiveMemory.LARGEST_CHUNK);
        return Integer.highestOneBit(within - 1) << 1;
    }

    private int addChunk(int index, ByteBuf chunk, long start, long end) {
        int place = index;
        if (tail == chunks.length) {
            place -= head;
            moveToFront(2 * (tail - head) > chunks.length ? 2 * chunks.length : chunks.length);
        }
        System.arraycopy(chunks, place, chunks, place + 1, tail - place);
        System.arraycopy(bounds, 2 * place, bounds, 2 * place + 2, 2 * (tail - place));
        chunks[place] = chunk;
        bounds[2 * place] = start;
        bounds[2 * place + 1] = end;
        tail++;
        chunkBytes += chunk.capacity();
        return place;
    }

    /** Moves the chunks to the front of the arrays, or of others if these have not the wanted capacity. */
    private void moveToFront(int capacity) {
        int count = tail - head;
        @Nullable ByteBuf[] oldChunks = chunks;
        long[] oldBounds = bounds;
        if (capacity != chunks.length) {
            chunks = new ByteBuf[capacity];
            bounds = new long[2 * capacity];
        }
        System.arraycopy(oldChunks, head, chunks, 0, count);
        System.arraycopy(oldBounds, 2 * head, bounds, 0, 2 * count);
        if (oldChunks == chunks) {
            Arrays.fill(chunks, count, tail, null);
        }
        head = 0;
        tail = count;
    }

    private void releaseHead() {
        ByteBuf chunk = chunk(head);
        chunkBytes -= chunk.capacity();
        chunk.release();
        chunks[head++] = null;
        if (chunks.length > KEPT_ENTRIES && 4 * (tail - head) < chunks.length) {
            moveToFront(chunks.length / 2);
        } else if (head == tail) {
            head = 0;
            tail = 0;
        }
    }

    private void releaseAll() {
        while (head < tail) {
            releaseHead();
        }
    }

    /** The index of the first chunk that ends after {@code offset}, or {@link #tail}. */
    private int chunkAfter(long offset) {
        if (head == tail || chunkEnd(tail - 1) <= offset) {
            return tail;
        }
        int low = head;
        int high = tail - 1;
        if (chunkStart(high) <= offset) {
            return high;
        }
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (chunkEnd(middle) > offset) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private long chunkStart(int index) {
        return bounds[2 * index];
    }

    private long chunkEnd(int index) {
        return bounds[2 * index + 1];
    }

    private ByteBuf chunk(int index) {
        ByteBuf chunk = chunks[index];
        assert chunk != null;
        return chunk;
    }
}
