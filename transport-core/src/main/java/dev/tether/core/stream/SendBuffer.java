package dev.tether.core.stream;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a stream from the first that the peer has not acknowledged to the last that was written, addressed by their
 * stream offset, and which of them were lost. Holds no memory for bytes when all are acknowledged. Not thread-safe.
 */
final class SendBuffer {

    private final ChunkPool pool;
    private final OffsetRanges acked = new OffsetRanges();
    private final OffsetRanges lost = new OffsetRanges();
    /** The chunks from {@link #head} to before {@link #tail}; {@link #starts} has the offset of each one's first byte. */
    private byte[] @Nullable [] chunks = new byte[2][];

    private long[] starts = new long[2];
    private int head;
    private int tail;
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
     * Copies up to {@code maxBytes} readable bytes of {@code source} to the end and moves its reader index. The buffer stays
     * the caller's.
     *
     * @return how many bytes were copied
     */
    int write(ByteBuf source, int maxBytes) {
        int length = Math.min(maxBytes, source.readableBytes());
        for (int left = length; left > 0; ) {
            byte[] chunk = tailWithRoom(left);
            int position = (int) (endOffset - starts[tail - 1]);
            int part = Math.min(left, chunk.length - position);
            source.readBytes(chunk, position, part);
            endOffset += part;
            left -= part;
        }
        return length;
    }

    /** Copies {@code length} bytes of {@code source} to the end. */
    void write(byte[] source, int offset, int length) {
        for (int done = 0; done < length; ) {
            byte[] chunk = tailWithRoom(length - done);
            int position = (int) (endOffset - starts[tail - 1]);
            int part = Math.min(length - done, chunk.length - position);
            System.arraycopy(source, offset + done, chunk, position, part);
            endOffset += part;
            done += part;
        }
    }

    /** Copies bytes out of the buffer; the range must be written and not yet behind {@link #ackedOffset()}. */
    void copyTo(long offset, byte[] target, int targetOffset, int length) {
        if (offset < ackedOffset || offset + length > endOffset) {
            throw new IndexOutOfBoundsException(
                    length + " bytes at " + offset + " of [" + ackedOffset + ", " + endOffset + ")");
        }
        int index = chunkAt(offset);
        for (int done = 0; done < length; index++) {
            byte[] chunk = chunk(index);
            int position = (int) (offset + done - starts[index]);
            int part = Math.min(length - done, chunk.length - position);
            System.arraycopy(chunk, position, target, targetOffset + done, part);
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
        recycleAcked();
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
        while (head < tail) {
            recycleHead();
        }
        acked.clear();
        lost.clear();
    }

    private byte[] tailWithRoom(int wanted) {
        if (head < tail) {
            byte[] chunk = chunk(tail - 1);
            if (endOffset - starts[tail - 1] < chunk.length) {
                return chunk;
            }
        }
        byte[] chunk = pool.take(Math.max(wanted, endOffset - ackedOffset));
        if (tail == chunks.length) {
            makeRoom();
        }
        chunks[tail] = chunk;
        starts[tail] = endOffset;
        tail++;
        return chunk;
    }

    private void makeRoom() {
        int count = tail - head;
        int capacity = 2 * count > chunks.length ? 2 * chunks.length : chunks.length;
        byte[] @Nullable [] newChunks = capacity == chunks.length ? chunks : new byte[capacity][];
        long[] newStarts = capacity == starts.length ? starts : new long[capacity];
        System.arraycopy(chunks, head, newChunks, 0, count);
        System.arraycopy(starts, head, newStarts, 0, count);
        if (newChunks == chunks) {
            Arrays.fill(chunks, count, tail, null);
        }
        chunks = newChunks;
        starts = newStarts;
        head = 0;
        tail = count;
    }

    private void recycleAcked() {
        while (head < tail && chunkEnd(head) <= ackedOffset) {
            recycleHead();
        }
    }

    private void recycleHead() {
        pool.recycle(chunk(head));
        chunks[head++] = null;
        if (head == tail) {
            head = 0;
            tail = 0;
        }
    }

    /** The offset after the last byte that was written into a chunk. */
    private long chunkEnd(int index) {
        return index + 1 < tail ? starts[index + 1] : endOffset;
    }

    private int chunkAt(long offset) {
        int low = head;
        int high = tail - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (starts[middle] <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    private byte[] chunk(int index) {
        byte[] chunk = chunks[index];
        assert chunk != null;
        return chunk;
    }
}
