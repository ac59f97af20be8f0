package dev.tether.core.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OffsetRangesTest {

    private static final int SPACE = 200;

    @Test
    void anyOperationsLeaveTheSameOffsetsAsInAModel() {
        for (long seed = 0; seed < 3000; seed++) {
            Random random = new Random(seed);
            OffsetRanges ranges = new OffsetRanges();
            BitSet model = new BitSet();
            for (int step = 0; step < 60; step++) {
                int start = random.nextInt(SPACE);
                int end = start + 1 + random.nextInt(random.nextInt(10) == 0 ? 80 : 8);
                switch (random.nextInt(5)) {
                    case 0 -> {
                        ranges.remove(start, end);
                        model.clear(start, end);
                    }
                    case 1 -> {
                        if (random.nextInt(8) == 0) {
                            absorbInBoth(ranges, model, start, seed);
                        }
                    }
                    default -> {
                        ranges.add(start, end);
                        model.set(start, end);
                    }
                }
                assertSame(ranges, model, seed);
            }
        }
    }

    private static void absorbInBoth(OffsetRanges ranges, BitSet model, int offset, long seed) {
        int expected = offset;
        int present = model.nextSetBit(0);
        while (present >= 0 && present <= expected) {
            int end = model.nextClearBit(present);
            model.clear(present, end);
            expected = Math.max(expected, end);
            present = model.nextSetBit(0);
        }
        assertThat(ranges.absorb(offset)).as("seed %d", seed).isEqualTo(expected);
    }

    private static void assertSame(OffsetRanges ranges, BitSet model, long seed) {
        int at = 0;
        for (int i = 0; i < ranges.count(); i++) {
            int start = model.nextSetBit(at);
            int end = model.nextClearBit(start);
            if (ranges.start(i) != start || ranges.end(i) != end) {
                throw new AssertionError("seed " + seed + ": range " + i + " is [" + ranges.start(i) + ", "
                        + ranges.end(i) + ") and not [" + start + ", " + end + ")");
            }
            at = end;
        }
        assertThat(model.nextSetBit(at)).as("seed %d", seed).isEqualTo(-1);
    }

    @Test
    void theIndexAfterAnOffsetIsThatOfTheFirstRangeThatEndsLater() {
        OffsetRanges ranges = new OffsetRanges();
        ranges.add(10, 20);
        ranges.add(30, 40);

        assertThat(ranges.indexAfter(9)).isEqualTo(0);
        assertThat(ranges.indexAfter(19)).isEqualTo(0);
        assertThat(ranges.indexAfter(20)).isEqualTo(1);
        assertThat(ranges.indexAfter(40)).isEqualTo(2);
    }

    @Test
    void rangesThatAreGoneLeaveNoMemoryBehind() {
        OffsetRanges ranges = new OffsetRanges();
        for (int i = 0; i < 1000; i++) {
            ranges.add(2L * i, 2L * i + 1);
            assertThat(ranges.memoryHeld()).isLessThanOrEqualTo(512 + 64 * ranges.count());
        }
        for (int i = 0; i < 1000; i++) {
            ranges.remove(2L * i, 2L * i + 1);
            assertThat(ranges.memoryHeld()).isLessThanOrEqualTo(512 + 64 * ranges.count());
        }
        assertThat(ranges.count()).isZero();
    }
}
