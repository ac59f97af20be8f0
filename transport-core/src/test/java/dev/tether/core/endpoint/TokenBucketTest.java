package dev.tether.core.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.simulation.SeededRandom;
import org.junit.jupiter.api.Test;

class TokenBucketTest {

    private static final long SECOND = 1_000_000_000L;

    @Test
    void aBurstPassesAndThenTheRate() {
        TokenBucket bucket = new TokenBucket(5, 10, SECOND);
        assertThat(taken(bucket, SECOND)).isEqualTo(10);
        assertThat(taken(bucket, SECOND + SECOND / 5 - 1)).isZero();
        assertThat(taken(bucket, SECOND + SECOND / 5)).isEqualTo(1);
        assertThat(taken(bucket, 2 * SECOND)).isEqualTo(4);
        assertThat(taken(bucket, 4 * SECOND)).isEqualTo(10);
        assertThat(taken(bucket, 1000 * SECOND)).isEqualTo(10);
    }

    @Test
    void inNoSpanOfTimeMorePassesThanTheBurstAndTheRate() {
        for (long seed = 0; seed < 200; seed++) {
            SeededRandom random = new SeededRandom(seed);
            int perSecond = random.nextInt(1, 1000);
            int burst = random.nextInt(1, 50);
            TokenBucket bucket = new TokenBucket(perSecond, burst, 0);
            long total = 0;
            long nowNs = 0;
            for (int i = 0; i < 200; i++) {
                nowNs += random.nextInt(100_000_000);
                total += taken(bucket, nowNs);
            }
            assertThat((double) total)
                    .as("seed %d", seed)
                    .isLessThanOrEqualTo(burst + 1.001 * perSecond * nowNs / SECOND)
                    .isGreaterThanOrEqualTo(Math.min(burst, 0.5 * perSecond * nowNs / SECOND));
        }
    }

    private static int taken(TokenBucket bucket, long nowNs) {
        int taken = 0;
        while (bucket.hasToken(nowNs)) {
            bucket.take(nowNs);
            taken++;
        }
        return taken;
    }
}
