package dev.tether.core.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.flow.ReceiveCredit;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** RFC 9000 §2.2. */
class ReassemblerTest {

    private static final int WINDOW = 1 << 20;

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
    private final ReceiveMemory memory = new ReceiveMemory(ReceiveCredit.ofConnection(4 * WINDOW, 4 * WINDOW));
    private final Reassembler reassembler = newReassembler(allocator, WINDOW);

    @AfterEach
    void nothingIsHeldAfterClosing() {
        reassembler.close();
        assertThat(held()).isZero();
        assertThat(reassembler.memoryHeld()).isZero();
        assertThat(memory.held()).isZero();
        assertThat(memory.gaps()).isZero();
    }

    @Test
    void bytesInOrderAreReadableAtOnce() {
        assertThat(insert(0, 1, 2, 3)).isEqualTo(Reassembler.Insertion.STORED);

        assertThat(reassembler.readable()).isEqualTo(3);
        assertThat(readAll()).containsExactly(1, 2, 3);
    }

    @Test
    void bytesBehindAGapWaitForIt() {
        insert(2, 3, 4);
        assertThat(reassembler.readable()).isZero();
        assertThat(reassembler.gaps()).isEqualTo(1);

        insert(0, 1, 2);
        assertThat(readAll()).containsExactly(1, 2, 3, 4);
        assertThat(reassembler.gaps()).isZero();
    }

    @Test
    void theFirstBytesWin() {
        insert(1, 7);
        insert(3, 8);
        insert(0, 1, 1, 1, 1, 1);
        insert(0, 2, 2, 2, 2, 2);

        assertThat(readAll()).containsExactly(1, 7, 1, 8, 1);
    }

    @Test
    void bytesThatWereThereAreADuplicate() {
        insert(0, 1, 2);
        insert(5, 6, 7);

        assertThat(insert(0, 1, 2)).isEqualTo(Reassembler.Insertion.DUPLICATE);
        assertThat(insert(5, 6, 7)).isEqualTo(Reassembler.Insertion.DUPLICATE);
        assertThat(insert(6, 7)).isEqualTo(Reassembler.Insertion.DUPLICATE);
        readAll();
        assertThat(insert(0, 1, 2)).isEqualTo(Reassembler.Insertion.DUPLICATE);
    }

    @Test
    void readingTakesASliceWithoutCopying() {
        insert(0, new byte[400]);

        ByteBuf first = reassembler.read(100);
        ByteBuf second = reassembler.read(100);

        assertThat(held()).isEqualTo(ReceiveMemory.SMALLEST_CHUNK);
        assertThat(first.array()).isSameAs(second.array());
        first.release();
        second.release();
    }

    @Test
    void aSliceOutlivesTheReassembler() {
        insert(0, 1, 2, 3);
        ByteBuf slice = reassembler.read(3);
        reassembler.close();

        assertThat(slice.getByte(2)).isEqualTo((byte) 3);
        slice.release();
    }

    @Test
    void aDrainedStreamHoldsNoMemory() {
        insert(0, new byte[300]);
        readAll();

        assertThat(held()).isZero();
    }

    @Test
    void chunksGrowInBulkAndShrinkAgainWhenTheStreamIsQuiet() {
        long offset = 0;
        for (; offset < 1 << 20; offset += 1400) {
            insert(offset, new byte[1400]);
        }
        readAll();
        insert(offset, new byte[1]);
        assertThat(held()).isEqualTo(ReceiveMemory.LARGEST_CHUNK);
        readAll();

        insert(offset + 1, new byte[1]);
        assertThat(held()).isEqualTo(ReceiveMemory.SMALLEST_CHUNK);
    }

    @Test
    void chunksAreNoLargerThanASixteenthOfTheWindow() {
        CountingAllocator counting = new CountingAllocator();
        Reassembler small = newReassembler(counting, 32 * 1024);
        for (int offset = 0; offset < 32 * 1024; offset += 1024) {
            small.insert(offset, new byte[1024], 0, 1024);
        }

        assertThat(counting.largest).isEqualTo(2048);
        small.close();
    }

    @Test
    void theMoreStreamsHoldChunksTheSmallerTheyAre() {
        List<Reassembler> streams = new ArrayList<>();
        UnpooledByteBufAllocator own = new UnpooledByteBufAllocator(false);
        long[] heldBy = new long[100];
        for (int i = 0; i < heldBy.length; i++) {
            Reassembler stream = newReassembler(own, WINDOW);
            stream.insert(0, new byte[64 * 1024], 0, 64 * 1024);
            stream.skip(stream.readable());
            heldBy[i] = -own.metric().usedHeapMemory();
            stream.insert(64 * 1024 + 1, new byte[1], 0, 1);
            heldBy[i] += own.metric().usedHeapMemory();
            streams.add(stream);
        }

        assertThat(heldBy[0]).isEqualTo(64 * 1024);
        assertThat(heldBy[2]).isEqualTo(32 * 1024);
        assertThat(heldBy[99]).isEqualTo(1024);
        streams.forEach(Reassembler::close);
        assertThat(memory.held()).isZero();
    }

    @Test
    void whatIsHeldIsChargedWhole() {
        insert(0, 1, 2, 3);
        insert(100_000, 1);
        insert(200_000, 1);

        assertThat(reassembler.memoryHeld()).isGreaterThan(held()).isLessThan(held() + 1024);
        assertThat(memory.held()).isEqualTo(reassembler.memoryHeld());
        assertThat(memory.gaps()).isEqualTo(2);
    }

    @Test
    void arraysThatWereLongDoNotStayLong() {
        ReceiveMemory scarce = new ReceiveMemory(ReceiveCredit.ofConnection(1024, 1024));
        Reassembler tested = new Reassembler(allocator, 1000, scarce, new ReceiveCredit(WINDOW, WINDOW));
        for (int offset = 0; offset < WINDOW; offset += 1024) {
            tested.insert(offset, new byte[1024], 0, 1024);
        }
        long arrays = tested.memoryHeld() - held();
        tested.skip(WINDOW - 1);

        assertThat(arrays).isGreaterThan(WINDOW / 512 * 24);
        assertThat(held()).isEqualTo(512);
        assertThat(tested.memoryHeld() - held()).isLessThanOrEqualTo(16 * 24 + ReceiveMemory.CHUNK_BOOKKEEPING);
        tested.close();
    }

    @Test
    void tooManyGapsAreReported() {
        for (int i = 1; i <= 1000; i++) {
            assertThat(insert(2L * i, 1)).isEqualTo(Reassembler.Insertion.STORED);
        }

        assertThat(insert(2L * 1001, 1)).isEqualTo(Reassembler.Insertion.TOO_MANY_GAPS);
    }

    @Test
    void sparseBytesHoldNoMoreMemoryThanTheWindowAndAChunk() {
        int window = WINDOW;
        for (int step : new int[] {2, 1100, 5000, 70_000}) {
            UnpooledByteBufAllocator own = new UnpooledByteBufAllocator(false);
            Reassembler sparse = newReassembler(own, window);
            for (int offset = window - 1; offset > 0 && sparse.gaps() < 1000; offset -= step) {
                sparse.insert(offset, new byte[] {1}, 0, 1);
            }
            assertThat(own.metric().usedHeapMemory())
                    .as("step %d", step)
                    .isLessThanOrEqualTo(window + ReceiveMemory.LARGEST_CHUNK);
            sparse.close();
            assertThat(own.metric().usedHeapMemory()).isZero();
        }
    }

    @Test
    void bytesInReverseOrderDoNotMakeAChunkEach() {
        int window = 1 << 17;
        CountingAllocator counting = new CountingAllocator();
        Reassembler reversed = newReassembler(counting, window);
        for (int offset = window - 1; offset >= 0; offset--) {
            reversed.insert(offset, new byte[] {1}, 0, 1);
        }

        assertThat(counting.allocations).isLessThanOrEqualTo(window / Reassembler.CHUNK_BEHIND_GAP + 1);
        assertThat(reversed.readable()).isEqualTo(window);
        reversed.close();
    }

    @Test
    void anyArrivalGivesTheSameAsAByteArray() {
        for (long seed = 0; seed < 3000; seed++) {
            int scale = seed % 5 == 0 ? 3000 : 40;
            compareWithModel(seed, scale);
        }
    }

    private Reassembler newReassembler(ByteBufAllocator from, int window) {
        return new Reassembler(from, 1000, memory, new ReceiveCredit(window, window));
    }

    private void compareWithModel(long seed, int scale) {
        Random random = new Random(seed);
        Reassembler tested = newReassembler(allocator, WINDOW);
        byte[] model = new byte[30 * scale];
        boolean[] present = new boolean[model.length];
        int read = 0;
        for (int step = 0; step < 60; step++) {
            int from = Math.max(0, read - scale);
            int offset = Math.min(model.length - 1, from + random.nextInt(8 * scale));
            byte[] source = new byte[1 + random.nextInt(Math.min(2 * scale, model.length - offset))];
            random.nextBytes(source);
            boolean news = false;
            for (int i = 0; i < source.length; i++) {
                if (!present[offset + i]) {
                    present[offset + i] = true;
                    model[offset + i] = source[i];
                    news = true;
                }
            }
            assertThat(tested.insert(offset, source, 0, source.length))
                    .as("seed %d", seed)
                    .isEqualTo(news ? Reassembler.Insertion.STORED : Reassembler.Insertion.DUPLICATE);
            int end = read;
            while (end < present.length && present[end]) {
                end++;
            }
            assertThat(tested.readable()).as("seed %d", seed).isEqualTo(end - read);
            if (end > read && random.nextInt(3) > 0) {
                read += readSome(tested, model, read, 1 + random.nextInt(end - read), random, seed);
            }
        }
        tested.close();
        assertThat(held()).as("seed %d", seed).isZero();
    }

    private int readSome(Reassembler tested, byte[] model, int read, int wanted, Random random, long seed) {
        assertThat(tested.peek(wanted - 1)).as("seed %d", seed).isEqualTo(model[read + wanted - 1]);
        byte[] expected = Arrays.copyOfRange(model, read, read + wanted);
        ByteBuf bytes = allocator.buffer(wanted);
        switch (random.nextInt(3)) {
            case 0 -> tested.readTo(bytes, wanted);
            case 1 -> {
                tested.skip(wanted);
                bytes.writeBytes(expected);
            }
            default -> {
                while (bytes.readableBytes() < wanted) {
                    ByteBuf slice = tested.read(wanted - bytes.readableBytes());
                    bytes.writeBytes(slice);
                    slice.release();
                }
            }
        }
        byte[] actual = new byte[wanted];
        bytes.readBytes(actual);
        bytes.release();
        assertThat(actual).as("seed %d, offset %d", seed, read).isEqualTo(expected);
        return wanted;
    }

    private Reassembler.Insertion insert(long offset, int... bytes) {
        byte[] source = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            source[i] = (byte) bytes[i];
        }
        return insert(offset, source);
    }

    private Reassembler.Insertion insert(long offset, byte[] source) {
        return reassembler.insert(offset, source, 0, source.length);
    }

    private byte[] readAll() {
        byte[] bytes = new byte[reassembler.readable()];
        for (int done = 0; done < bytes.length; ) {
            ByteBuf slice = reassembler.read(bytes.length);
            int length = slice.readableBytes();
            slice.readBytes(bytes, done, length);
            slice.release();
            done += length;
        }
        return bytes;
    }

    private long held() {
        return allocator.metric().usedHeapMemory();
    }

    /** Counts how many buffers are asked for. */
    private static final class CountingAllocator extends AbstractByteBufAllocator {

        private final UnpooledByteBufAllocator heap = new UnpooledByteBufAllocator(false);
        private int allocations;
        private int largest;

        @Override
        protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
            allocations++;
            largest = Math.max(largest, initialCapacity);
            return heap.heapBuffer(initialCapacity, maxCapacity);
        }

        @Override
        protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isDirectBufferPooled() {
            return false;
        }
    }
}
