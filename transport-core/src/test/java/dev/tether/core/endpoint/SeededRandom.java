package dev.tether.core.endpoint;

import dev.tether.core.RandomSource;
import java.util.SplittableRandom;

/** Randomness that one seed decides. */
final class SeededRandom implements RandomSource {

    private final SplittableRandom random;

    SeededRandom(long seed) {
        random = new SplittableRandom(seed);
    }

    @Override
    public void nextBytes(byte[] target) {
        random.nextBytes(target);
    }

    @Override
    public long nextLong() {
        return random.nextLong();
    }

    int nextInt(int bound) {
        return random.nextInt(bound);
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }
}
