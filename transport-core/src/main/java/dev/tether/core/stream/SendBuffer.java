package dev.tether.core.stream;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a stream from the first that the peer has not acknowledged to the last that was written, addressed by their
 * stream offset, and which of them were lost. Holds no memory for bytes when all are acknowledged. Not thread-safe.
 *
 * <p>The bytes lie in segments. What is written in small pieces is gathered in chunks. A larger piece stays where it is:
 * its segment is a view of the writer's buffer, retained until its last byte is acknowledged. A chunk goes on behind such a
 * piece with the next segment, so that small pieces between large ones do not cost a chunk each.
 */
final class SendBuffer {

    /**
     * A piece of so many bytes is kept instead of copied. To keep one of fewer costs more than its copy (measured: 0.1 to 0.2
     * microseconds), and leaves more segments to be searched.
     */
    static final int LEAST_KEPT = 4 * 1024;

    private static final int FIRST_CAPACITY = 4;
    private static final byte[] NO_CHUNK = {};

    /** The table of segments stays so large when there are none. */
    private static final int IDLE_CAPACITY = 32;

    private final ChunkPool pool;
    private final OffsetRanges acked = new OffsetRanges();
    private final OffsetRanges lost = new OffsetRanges();

    /** A ring, {@link #count} of whose segments from {@link #head} are used. */
    private @Nullable Segment[] ring = new Segment[FIRST_CAPACITY];

    private int head;
    private int count;

    /** The segment whose chunk has room behind {@link #openPosition}, or null. It may not be the last one. */
    private @Nullable Segment open;

    private int openPosition;
    private long ackedOffset;
    private long endOffset;

    SendBuffer(ChunkPool pool) {
        this.pool = pool;
    }

    /** The number of bytes written since the start of the stream. */
    long endOffset() {
        return endOffset;
    }

    /** All bytes before this offset are acknowledged. */
    long ackedOffset() {
        return ackedOffset;
    }

    /**
     * Takes up to {@code maxBytes} readable bytes of {@code source} to the end and moves its reader index. The buffer stays
     * the caller's; from {@value #LEAST_KEPT} bytes on they are not copied, but the buffer is retained until they are
     * acknowledged, and must not be changed.
     *
     * @return how many bytes were taken
     */
    int write(ByteBuf source, int maxBytes) {
        int length = Math.min(maxBytes, source.readableBytes());
        if (length >= LEAST_KEPT) {
            ByteBuf kept = source.retain();
            Segment segment = append();
            segment.kept = kept;
            segment.index = source.readerIndex();
            source.skipBytes(length);
            endOffset += length;
            return length;
        }
        for (int left = length; left > 0; ) {
            byte[] chunk = chunkWithRoom(left);
            int part = Math.min(left, chunk.length - openPosition);
            source.readBytes(chunk, openPosition, part);
            onGathered(chunk, part);
            left -= part;
        }
        return length;
    }

    /** Copies {@code length} bytes of {@code source} to the end. */
    void write(byte[] source, int offset, int length) {
        for (int done = 0; done < length; ) {
            byte[] chunk = chunkWithRoom(length - done);
            int part = Math.min(length - done, chunk.length - openPosition);
            System.arraycopy(source, offset + done, chunk, openPosition, part);
            onGathered(chunk, part);
            done += part;
        }
    }

    /** Copies bytes out of the buffer; the range must be written and not yet behind {@link #ackedOffset()}. */
    void copyTo(long offset, byte[] target, int targetOffset, int length) {
        if (offset < ackedOffset || offset + length > endOffset) {
            throw new IndexOutOfBoundsException(
                    length + " bytes at " + offset + " of [" + ackedOffset + ", " + endOffset + ")");
        }
        int segment = segmentAt(offset);
        for (int done = 0; done < length; segment++) {
            long position = offset + done;
            int part = (int) Math.min(length - done, end(segment) - position);
            at(segment).copyTo(position, target, targetOffset + done, part);
            done += part;
        }
    }

    /**
     * The peer has these bytes. They are freed as soon as all before them are acknowledged, too.
     *
     * @return by how many bytes {@link #ackedOffset()} advanced
     */
    long ack(long offset, long length) {
        long end = offset + length;
        if (end <= ackedOffset) {
            return 0;
        }
        if (!lost.isEmpty()) {
            lost.remove(offset, end);
        }
        if (offset > ackedOffset) {
            acked.add(offset, end);
            return 0;
        }
        long before = ackedOffset;
        ackedOffset = acked.isEmpty() ? end : acked.absorb(end);
        freeAcked();
        return ackedOffset - before;
    }

    /** These bytes did not arrive in the packet that carried them; those that no other packet delivered are to be sent again. */
    void lost(long offset, long length) {
        long start = Math.max(offset, ackedOffset);
        long end = offset + length;
        if (start >= end) {
            return;
        }
        lost.add(start, end);
        for (int i = acked.indexAfter(start); i < acked.count() && acked.start(i) < end; i++) {
            lost.remove(acked.start(i), acked.end(i));
        }
    }

    boolean hasLost() {
        return !lost.isEmpty();
    }

    /** Where the first lost range starts. */
    long lostOffset() {
        return lost.start(0);
    }

    /** How long the first lost range is, in bytes. */
    long lostLength() {
        return lost.end(0) - lost.start(0);
    }

    /** These bytes of a lost range were sent again. */
    void onLostSent(long offset, long length) {
        lost.remove(offset, offset + length);
    }

    /** Gives all memory back. Only the offsets can be asked for afterwards. */
    void close() {
        while (count > 0) {
            freeFirst();
        }
        acked.clear();
        lost.clear();
    }

    /** A chunk with room from {@link #openPosition} on; the last segment ends there. */
    private byte[] chunkWithRoom(int wanted) {
        Segment present = open;
        if (present == null) {
            byte[] chunk = pool.take(Math.max(wanted, endOffset - ackedOffset));
            Segment segment = append();
            segment.chunk = chunk;
            segment.index = 0;
            segment.ownsChunk = true;
            open = segment;
            openPosition = 0;
            return chunk;
        }
        byte[] chunk = present.chunk;
        if (at(count - 1) != present) {
            Segment segment = append();
            segment.chunk = chunk;
            segment.index = openPosition;
            segment.ownsChunk = true;
            present.ownsChunk = false;
            open = segment;
        }
        return chunk;
    }

    private void onGathered(byte[] chunk, int length) {
        openPosition += length;
        endOffset += length;
        if (openPosition == chunk.length) {
            open = null;
        }
    }

    /** A segment behind the others, of no bytes so far. */
    private Segment append() {
        if (count == ring.length) {
            grow();
        }
        int place = (head + count) & (ring.length - 1);
        Segment used = ring[place];
        Segment segment = used == null ? new Segment() : used;
        ring[place] = segment;
        count++;
        segment.start = endOffset;
        return segment;
    }

    private void grow() {
        @Nullable Segment[] longer = new Segment[2 * count];
        for (int i = 0; i < count; i++) {
            longer[i] = at(i);
        }
        ring = longer;
        head = 0;
    }

    private void freeAcked() {
        while (count > 0 && end(0) <= ackedOffset) {
            freeFirst();
        }
    }

    private void freeFirst() {
        Segment first = at(0);
        head = (head + 1) & (ring.length - 1);
        count--;
        if (first == open) {
            open = null;
        }
        if (count == 0 && ring.length > IDLE_CAPACITY) {
            ring = new Segment[FIRST_CAPACITY];
            head = 0;
        }
        first.free(pool);
    }

    /** The offset after the last byte of a segment. */
    private long end(int segment) {
        return segment + 1 < count ? at(segment + 1).start : endOffset;
    }

    private int segmentAt(long offset) {
        int low = 0;
        int high = count - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (at(middle).start <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    private Segment at(int segment) {
        Segment present = ring[(head + segment) & (ring.length - 1)];
        assert present != null;
        return present;
    }

    /** Bytes that lie together in a chunk, or in a buffer of a writer. Used again and again. */
    private static final class Segment {

        /** The stream offset of the first byte. */
        private long start;

        /** Where the first byte lies in the chunk or in the buffer. */
        private int index;

        /** The buffer, or null if the bytes lie in a chunk. */
        private @Nullable ByteBuf kept;

        private byte[] chunk = NO_CHUNK;

        /** Whether the chunk is free when this segment is: it is the last one in it. */
        private boolean ownsChunk;

        void copyTo(long offset, byte[] target, int targetOffset, int length) {
            int source = index + (int) (offset - start);
            if (kept != null) {
                kept.getBytes(source, target, targetOffset, length);
            } else {
                System.arraycopy(chunk, source, target, targetOffset, length);
            }
        }

        void free(ChunkPool pool) {
            ByteBuf buffer = kept;
            if (buffer != null) {
                kept = null;
                buffer.release();
            } else if (ownsChunk) {
                pool.recycle(chunk);
            }
            chunk = NO_CHUNK;
            ownsChunk = false;
        }
    }
}
