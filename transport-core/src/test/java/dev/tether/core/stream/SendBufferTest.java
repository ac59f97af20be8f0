package dev.tether.core.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SendBufferTest {

    private final ChunkPool pool = new ChunkPool(1 << 20);
    private final SendBuffer buffer = new SendBuffer(pool);

    @Test
    void aSmallWriteIsCopiedAndLeavesTheSourceToItsOwner() {
        ByteBuf source = Unpooled.buffer().writeBytes(new byte[] {1, 2, 3, 4, 5});

        assertThat(buffer.write(source, 3)).isEqualTo(3);

        assertThat(source.readableBytes()).isEqualTo(2);
        assertThat(source.refCnt()).isEqualTo(1);
        source.release();
        assertThat(bytes(buffer, 0, 3)).containsExactly(1, 2, 3);
    }

    @Test
    void aQuietStreamTakesASmallChunkAndGivesItBack() {
        buffer.write(Unpooled.wrappedBuffer(new byte[100]), 100);
        buffer.ack(0, 100);

        assertThat(pool.pooledBytes()).isEqualTo(ChunkPool.SMALL);
    }

    @Test
    void manySmallWritesTakeLargeChunks() {
        buffer.write(new byte[64 * 1024], 0, 64 * 1024);
        buffer.ack(0, 64 * 1024);

        assertThat(pool.pooledBytes()).isEqualTo(4 * ChunkPool.LARGE);
    }

    @Test
    void aLargeWriteIsKeptUntilItsLastByteIsAcknowledged() {
        for (boolean direct : new boolean[] {false, true}) {
            SendBuffer buffer = new SendBuffer(pool);
            ByteBuf source = numbered(direct, 6000);
            source.skipBytes(500);

            assertThat(buffer.write(source, 5000)).isEqualTo(5000);

            assertThat(source.readableBytes()).isEqualTo(500);
            assertThat(source.refCnt()).isEqualTo(2);
            assertThat(bytes(buffer, 1000, 3)).containsExactly((byte) 1500, (byte) 1501, (byte) 1502);
            buffer.ack(1000, 4000);
            buffer.ack(0, 999);
            assertThat(source.refCnt()).isEqualTo(2);
            buffer.ack(999, 1);
            assertThat(source.refCnt()).isEqualTo(1);
            assertThat(pool.pooledBytes()).isZero();
            source.release();
        }
    }

    @Test
    void theWriterMayReleaseAtOnceWhatItWrote() {
        ByteBuf source = numbered(true, 5000);
        buffer.write(source, 5000);
        source.release();

        assertThat(bytes(buffer, 2000, 2)).containsExactly((byte) 2000, (byte) 2001);
        buffer.ack(0, 5000);
        assertThat(source.refCnt()).isZero();
    }

    @Test
    void closingReleasesWhatIsKept() {
        ByteBuf source = numbered(false, 3 * SendBuffer.LEAST_KEPT);
        for (int i = 0; i < 3; i++) {
            buffer.write(source, SendBuffer.LEAST_KEPT);
        }
        assertThat(source.refCnt()).isEqualTo(4);
        buffer.ack(0, SendBuffer.LEAST_KEPT + 1);
        assertThat(source.refCnt()).isEqualTo(3);
        buffer.close();
        assertThat(source.refCnt()).isEqualTo(1);
        buffer.close();
        assertThat(source.refCnt()).isEqualTo(1);
    }

    @Test
    void smallWritesBetweenLargeOnesShareAChunk() {
        ByteBuf large = Unpooled.wrappedBuffer(new byte[100 * 5000]);
        for (int i = 0; i < 100; i++) {
            buffer.write(new byte[] {(byte) i}, 0, 1);
            buffer.write(large, 5000);
        }

        assertThat(bytes(buffer, 99 * 5001, 1)).containsExactly(99);
        buffer.ack(0, 100 * 5001);
        assertThat(pool.pooledBytes()).isEqualTo(ChunkPool.SMALL);
        assertThat(large.refCnt()).isEqualTo(1);
    }

    private static ByteBuf numbered(boolean direct, int length) {
        ByteBuf buffer = direct ? Unpooled.directBuffer(length) : Unpooled.buffer(length);
        for (int i = 0; i < length; i++) {
            buffer.writeByte(i);
        }
        return buffer;
    }

    @Test
    void bytesAcknowledgedOutOfOrderStayUntilThoseBeforeThemAre() {
        buffer.write(Unpooled.wrappedBuffer(new byte[300]), 300);

        assertThat(buffer.ack(100, 200)).isZero();
        assertThat(buffer.ackedOffset()).isZero();
        assertThat(buffer.ack(0, 100)).isEqualTo(300);
        assertThat(buffer.ackedOffset()).isEqualTo(300);
    }

    @Test
    void whatWasAcknowledgedMeanwhileIsNotSentAgain() {
        buffer.write(Unpooled.wrappedBuffer(new byte[300]), 300);
        buffer.lost(0, 300);
        buffer.ack(100, 100);

        assertThat(buffer.lostOffset()).isZero();
        assertThat(buffer.lostLength()).isEqualTo(100);
        buffer.onLostSent(0, 100);
        assertThat(buffer.lostOffset()).isEqualTo(200);
        assertThat(buffer.lostLength()).isEqualTo(100);
    }

    @Test
    void acknowledgedBytesCannotBeReadAgain() {
        buffer.write(Unpooled.wrappedBuffer(new byte[10]), 10);
        buffer.ack(0, 5);

        assertThatThrownBy(() -> buffer.copyTo(4, new byte[1], 0, 1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> buffer.copyTo(5, new byte[6], 0, 6)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void anyOperationsGiveTheSameAsOnAByteArray() {
        for (long seed = 0; seed < 1500; seed++) {
            new Run(seed, 1 + (int) (seed % 3) * 800).run();
        }
    }

    private static byte[] bytes(SendBuffer buffer, long offset, int length) {
        byte[] bytes = new byte[length];
        buffer.copyTo(offset, bytes, 0, length);
        return bytes;
    }

    /** One seeded history against a model that never forgets a byte. */
    private static final class Run {

        private final long seed;
        private final int scale;
        private final Random random;
        private final ChunkPool pool = new ChunkPool(64 * 1024);
        private final SendBuffer buffer = new SendBuffer(pool);
        private final BitSet acked = new BitSet();
        private final BitSet lost = new BitSet();
        private final List<ByteBuf> sources = new ArrayList<>();
        private byte[] written = {};

        Run(long seed, int scale) {
            this.seed = seed;
            this.scale = scale;
            this.random = new Random(seed);
        }

        void run() {
            for (int step = 0; step < 40; step++) {
                int ackedOffset = acked.nextClearBit(0);
                int start = written.length == 0 ? 0 : random.nextInt(written.length);
                int end = Math.min(written.length, start + 1 + random.nextInt(30 * scale));
                switch (random.nextInt(6)) {
                    case 0, 1 -> write(random.nextInt(20 * scale));
                    case 2 -> {
                        buffer.ack(start, end - start);
                        acked.set(start, end);
                        lost.clear(start, end);
                    }
                    case 3 -> {
                        buffer.ack(ackedOffset, Math.max(0, end - ackedOffset));
                        acked.set(ackedOffset, Math.max(ackedOffset, end));
                        lost.clear(0, Math.max(ackedOffset, end));
                    }
                    case 4 -> {
                        buffer.lost(start, end - start);
                        BitSet range = new BitSet();
                        range.set(start, end);
                        range.andNot(acked);
                        lost.or(range);
                    }
                    default -> resendSomeLost();
                }
                check();
            }
            if (random.nextBoolean()) {
                buffer.ack(0, written.length);
                assertThat(sources).as("seed %d", seed).allMatch(source -> source.refCnt() == 1);
            }
            buffer.close();
            assertThat(sources).as("seed %d", seed).allMatch(source -> source.release());
        }

        private void write(int length) {
            byte[] added = new byte[length];
            random.nextBytes(added);
            int old = written.length;
            written = Arrays.copyOf(written, old + length);
            System.arraycopy(added, 0, written, old, length);
            if (random.nextBoolean()) {
                ByteBuf source = random.nextBoolean() ? Unpooled.directBuffer() : Unpooled.buffer();
                sources.add(source.writeBytes(added));
                buffer.write(source, length);
            } else {
                buffer.write(added, 0, length);
            }
        }

        private void resendSomeLost() {
            if (buffer.hasLost()) {
                int start = (int) buffer.lostOffset();
                int length = 1 + random.nextInt((int) buffer.lostLength());
                buffer.onLostSent(start, length);
                lost.clear(start, start + length);
            }
        }

        private void check() {
            int ackedOffset = acked.nextClearBit(0);
            assertThat(buffer.endOffset()).as("seed %d", seed).isEqualTo(written.length);
            assertThat(buffer.ackedOffset()).as("seed %d", seed).isEqualTo(ackedOffset);
            assertThat(buffer.hasLost()).as("seed %d", seed).isEqualTo(!lost.isEmpty());
            if (!lost.isEmpty()) {
                int first = lost.nextSetBit(0);
                assertThat(buffer.lostOffset()).as("seed %d", seed).isEqualTo(first);
                assertThat(buffer.lostLength()).as("seed %d", seed).isEqualTo(lost.nextClearBit(first) - first);
            }
            int start = ackedOffset + random.nextInt(written.length - ackedOffset + 1);
            int length = random.nextInt(written.length - start + 1);
            assertThat(bytes(buffer, start, length))
                    .as("seed %d, [%d, +%d)", seed, start, length)
                    .isEqualTo(Arrays.copyOfRange(written, start, start + length));
        }
    }
}
