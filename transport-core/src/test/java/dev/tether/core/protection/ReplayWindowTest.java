package dev.tether.core.protection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9001 §9.5, RFC 4303 §3.4.3. */
class ReplayWindowTest {

    private static final int SIZE = ReplayWindow.SIZE;

    private final ReplayWindow window = new ReplayWindow();

    @Test
    void aNumberIsAcceptedOnce() {
        assertThat(window.mayAccept(3)).isTrue();
        window.accept(3);

        assertThat(window.mayAccept(3)).isFalse();
        assertThat(window.mayAccept(2)).isTrue();
        assertThat(window.mayAccept(4)).isTrue();
    }

    @Test
    void askingChangesNothing() {
        window.accept(10);

        window.mayAccept(1_000_000);
        window.mayAccept(9);

        assertThat(window.highest()).isEqualTo(10);
        assertThat(window.mayAccept(9)).isTrue();
    }

    @Test
    void theOldestNumberStillKnownIsTheWindowsSizeBehind() {
        window.accept(SIZE);

        assertThat(window.mayAccept(1)).isTrue();
        assertThat(window.mayAccept(0)).isFalse();
    }

    @Test
    void negativeNumbersAreRefused() {
        assertThat(window.mayAccept(-1)).isFalse();
        assertThat(window.mayAccept(Long.MIN_VALUE)).isFalse();
        window.accept(0);
        assertThat(window.mayAccept(-1)).isFalse();
        assertThat(window.mayAccept(Long.MIN_VALUE)).isFalse();
    }

    @Test
    void theGreatestNumberIsLikeAnyOther() {
        window.accept(Long.MAX_VALUE - 100);
        window.accept(Long.MAX_VALUE);

        assertThat(window.mayAccept(Long.MAX_VALUE)).isFalse();
        assertThat(window.mayAccept(Long.MAX_VALUE - 1)).isTrue();
        assertThat(window.mayAccept(Long.MAX_VALUE - 100)).isFalse();
        window.accept(Long.MAX_VALUE - SIZE + 1);
        assertThat(window.mayAccept(Long.MAX_VALUE - SIZE)).isFalse();
    }

    @Test
    void acceptingAReplayIsABug() {
        window.accept(3);

        assertThatIllegalArgumentException().isThrownBy(() -> window.accept(3));
        assertThatIllegalArgumentException().isThrownBy(() -> window.accept(-1));
    }

    @Test
    void aQuietConnectionCostsLittleWhereverItsNumbersBegin() {
        for (long number = 5_000_000; number < 5_000_064; number++) {
            window.accept(number);
        }

        assertThat(window.capacity()).isEqualTo(64);
    }

    @Test
    void aHugeJumpCostsNothing() {
        window.accept(0);
        window.accept(1L << 60);

        assertThat(window.capacity()).isEqualTo(64);
        assertThat(window.mayAccept(1L << 60)).isFalse();
        assertThat(window.mayAccept((1L << 60) - SIZE + 1)).isTrue();
        assertThat(window.mayAccept((1L << 60) - SIZE)).isFalse();
    }

    @Test
    void memoryNeverExceedsTheWindow() {
        for (long number = 0; number < 10L * SIZE; number += 3) {
            window.accept(number);
        }

        assertThat(window.capacity()).isEqualTo(SIZE);
    }

    /** Every number around the window, after every jump that could go wrong. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 63, 64, 65, 8191, 8192, 16_383, 16_384, 1_000_003})
    void twoNumbersAnyDistanceApartAreToldFromAllOthers(long first) {
        int[] jumps = {1, 2, 63, 64, 65, 127, 128, 8191, 8192, 8193, SIZE - 65, SIZE - 64, SIZE - 63, SIZE - 1, SIZE};
        for (int jump : jumps) {
            Comparison comparison = new Comparison("first " + first + ", jump " + jump);
            comparison.accept(first);
            comparison.accept(first + jump);
            comparison.accept(first + jump + 1);
            comparison.compareAll();
            comparison.accept(Math.max(first + jump - SIZE + 2, 0));
            comparison.accept(first + jump + SIZE / 2);
            comparison.compareAll();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void itAgreesWithANaiveModelOnAnyHistory(long seed) {
        Random random = new Random(seed);
        Comparison comparison = new Comparison("seed " + seed);
        long next = random.nextInt(100_000);
        int reach = 1 << 4 + random.nextInt(12);
        for (int step = 0; step < 20_000; step++) {
            int kind = random.nextInt(1000);
            if (kind == 0) {
                next += random.nextInt(3 * SIZE);
            } else if (kind == 1) {
                reach = 1 << 4 + random.nextInt(12);
            } else if (kind < 600) {
                next++;
            }
            long number = kind < 600 ? next : Math.max(0, next - random.nextInt(reach));
            comparison.accept(number);
            if (step % 2000 == 0) {
                comparison.compareAll();
            }
        }
        comparison.compareAll();
    }

    /** The window beside a set of all numbers that were ever accepted. */
    private static final class Comparison {

        private final ReplayWindow window = new ReplayWindow();
        private final Set<Long> accepted = new HashSet<>();
        private final String description;
        private long highest = -1;

        Comparison(String description) {
            this.description = description;
        }

        void accept(long number) {
            compare(number);
            if (expected(number)) {
                window.accept(number);
                accepted.add(number);
                highest = Math.max(highest, number);
                compare(number);
            }
        }

        void compareAll() {
            for (long number = Math.max(-2, highest - SIZE - 100); number <= highest + 100; number++) {
                compare(number);
            }
            assertThat(window.highest()).as(description).isEqualTo(highest);
            assertThat(window.capacity()).as(description).isLessThanOrEqualTo(SIZE);
        }

        private void compare(long number) {
            // Not through AssertJ, which would describe millions of comparisons that hold.
            if (window.mayAccept(number) != expected(number)) {
                throw new AssertionError(
                        description + ": number " + number + ", highest " + highest + ", expected " + expected(number));
            }
        }

        private boolean expected(long number) {
            return number >= 0 && number > highest - SIZE && !accepted.contains(number);
        }
    }
}
