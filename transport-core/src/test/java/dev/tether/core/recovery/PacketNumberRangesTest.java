package dev.tether.core.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PacketNumberRangesTest {

    @Test
    void neighboursBecomeOneRange() {
        PacketNumberRanges ranges = new PacketNumberRanges(8);
        add(ranges, 5, 3, 9, 4);

        assertThat(describe(ranges)).containsExactly("9-9", "3-5");
    }

    @Test
    void theOldestRangeGivesWayAndIsNotKnownAnyMore() {
        PacketNumberRanges ranges = new PacketNumberRanges(3);
        add(ranges, 0, 1, 4, 8, 12);

        assertThat(describe(ranges)).containsExactly("12-12", "8-8", "4-4");
        assertThat(ranges.contains(1)).isTrue();
        assertThat(ranges.contains(2)).isFalse();
        assertThat(ranges.add(1)).isFalse();
    }

    @Test
    void aNumberThatWouldBeTheOldestRangeOfAFullSetIsRefused() {
        PacketNumberRanges ranges = new PacketNumberRanges(3);
        add(ranges, 4, 8, 12);

        assertThat(ranges.add(1)).isFalse();
        assertThat(ranges.add(3)).as("it extends a range").isTrue();
        assertThat(describe(ranges)).containsExactly("12-12", "8-8", "3-4");
    }

    @Test
    void forgettingCutsTheRangeThatItEndsIn() {
        PacketNumberRanges ranges = new PacketNumberRanges(8);
        add(ranges, 1, 2, 5, 6, 7, 9);

        ranges.forgetUpTo(6);

        assertThat(describe(ranges)).containsExactly("9-9", "7-7");
        assertThat(ranges.contains(4)).as("below the floor nothing is known").isTrue();
    }

    @Test
    void gaplessMeansThatNothingIsKnownToBeMissing() {
        PacketNumberRanges ranges = new PacketNumberRanges(8);
        add(ranges, 1, 2, 3, 6);

        assertThat(ranges.isGapless(1, 3)).isTrue();
        assertThat(ranges.isGapless(3, 6)).isFalse();
        ranges.forgetUpTo(5);
        assertThat(ranges.isGapless(3, 6)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void itAgreesWithASortedSetOfNumbers(long seed) {
        Random random = new Random(seed);
        int maxRanges = 1 + random.nextInt(64);
        PacketNumberRanges ranges = new PacketNumberRanges(maxRanges);
        Model model = new Model(maxRanges);
        long newest = 0;
        for (int step = 0; step < 5_000; step++) {
            String context = "seed " + seed + ", step " + step;
            int choice = random.nextInt(100);
            if (choice == 0) {
                long upTo = newest - random.nextInt(100);
                ranges.forgetUpTo(upTo);
                model.forgetUpTo(upTo);
            } else {
                newest += choice < 60 ? random.nextInt(3) : 0;
                long number = Math.max(0, choice < 60 ? newest : newest - random.nextInt(200));
                assertThat(ranges.contains(number)).as(context).isEqualTo(model.contains(number));
                assertThat(ranges.add(number)).as(context).isEqualTo(model.add(number));
            }
            assertThat(describe(ranges)).as(context).isEqualTo(model.describe());
        }
    }

    private static void add(PacketNumberRanges ranges, long... numbers) {
        for (long number : numbers) {
            assertThat(ranges.add(number)).isTrue();
        }
    }

    private static List<String> describe(PacketNumberRanges ranges) {
        List<String> described = new ArrayList<>();
        for (int i = 0; i < ranges.count(); i++) {
            described.add(ranges.smallest(i) + "-" + ranges.largest(i));
        }
        return described;
    }

    /** The same set, number by number. */
    private static final class Model {
        private final int maxRanges;
        private final TreeSet<Long> numbers = new TreeSet<>();
        private long floor;

        Model(int maxRanges) {
            this.maxRanges = maxRanges;
        }

        boolean contains(long number) {
            return number < floor || numbers.contains(number);
        }

        boolean add(long number) {
            if (contains(number)) {
                return false;
            }
            numbers.add(number);
            List<long[]> ranges = ranges();
            if (ranges.size() > maxRanges) {
                long[] oldest = ranges.get(ranges.size() - 1);
                if (oldest[0] == number) {
                    numbers.remove(number);
                    return false;
                }
                forgetUpTo(oldest[1]);
            }
            return true;
        }

        void forgetUpTo(long number) {
            floor = Math.max(floor, number + 1);
            numbers.headSet(floor).clear();
        }

        List<String> describe() {
            return ranges().stream().map(range -> range[0] + "-" + range[1]).toList();
        }

        private List<long[]> ranges() {
            List<long[]> ranges = new ArrayList<>();
            for (long number : numbers.descendingSet()) {
                long[] last = ranges.isEmpty() ? null : ranges.get(ranges.size() - 1);
                if (last != null && last[0] == number + 1) {
                    last[0] = number;
                } else {
                    ranges.add(new long[] {number, number});
                }
            }
            return ranges;
        }
    }
}
