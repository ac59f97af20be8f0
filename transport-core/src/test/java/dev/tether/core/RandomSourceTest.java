package dev.tether.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RandomSourceTest {

    @Test
    void aLongTakesItsBytesFirstToLast() {
        RandomSource counting = target -> {
            for (int i = 0; i < target.length; i++) {
                target[i] = (byte) (0xf1 + i);
            }
        };
        assertThat(counting.nextLong()).isEqualTo(0xf1f2f3f4f5f6f7f8L);
    }

    @Test
    void aDoubleIsNeverNegativeAndNeverOne() {
        RandomSource zeros = target -> Arrays.fill(target, (byte) 0);
        RandomSource ones = target -> Arrays.fill(target, (byte) 0xff);
        assertThat(zeros.nextDouble()).isZero();
        assertThat(ones.nextDouble()).isLessThan(1).isGreaterThan(0.999_999);
    }
}
