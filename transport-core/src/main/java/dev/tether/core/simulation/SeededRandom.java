package dev.tether.core.simulation;

import dev.tether.core.RandomSource;
import java.util.List;

/**
 * Randomness that one seed decides, the same on every JVM: SplitMix64 (Steele, Lea and Flood, "Fast splittable
 * pseudorandom number generators", 2014) and nothing but exact floating-point operations and {@link StrictMath}. It is
 * predictable, so never a source of keys outside a simulation. Not thread-safe.
 */
public final class SeededRandom implements RandomSource {

    /** 2^64 divided by the golden ratio, the increment of SplitMix64. */
    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

    private static final long FNV_OFFSET_BASIS = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private final long seed;
    private long state;

    /** Randomness that {@code seed} decides; every {@code long} is a good seed. */
    public SeededRandom(long seed) {
        this.seed = seed;
        this.state = seed;
    }

    /**
     * A source of its own for a part of the simulation. It depends on the seed of this source and on the name, and not on
     * what has been drawn from this source, so that a draw more in one part changes nothing in another.
     *
     * @param name tells the parts apart: the same name gives the same sequence again
     */
    public SeededRandom split(String name) {
        return new SeededRandom(mix(mix(seed ^ GOLDEN_GAMMA) ^ hash(name)));
    }

    @Override
    public void nextBytes(byte[] target) {
        int i = 0;
        while (i < target.length) {
            long bits = nextLong();
            for (int shift = Long.SIZE - Byte.SIZE; shift >= 0 && i < target.length; shift -= Byte.SIZE) {
                target[i++] = (byte) (bits >>> shift);
            }
        }
    }

    @Override
    public long nextLong() {
        state += GOLDEN_GAMMA;
        return mix(state);
    }

    @Override
    public double nextDouble() {
        return (nextLong() >>> 11) * 0x1.0p-53;
    }

    /**
     * A uniformly distributed number in {@code [0, bound)}.
     *
     * @param bound at least 1
     * @throws IllegalArgumentException if {@code bound} is less than 1
     */
    public int nextInt(int bound) {
        if (bound < 1) {
            throw new IllegalArgumentException("the bound is " + bound + ", it must be at least 1");
        }
        return (int) nextBelow(bound);
    }

    /**
     * A uniformly distributed number from {@code min} to {@code maxInclusive}.
     *
     * @throws IllegalArgumentException if {@code maxInclusive} is less than {@code min}
     */
    public int nextInt(int min, int maxInclusive) {
        if (maxInclusive < min) {
            throw new IllegalArgumentException("there is nothing from " + min + " to " + maxInclusive);
        }
        return (int) (min + nextBelow((long) maxInclusive - min + 1));
    }

    /** True with this probability: always at 1, never at 0. Draws once in any case. */
    public boolean chance(double probability) {
        return nextDouble() < probability;
    }

    /**
     * A normally distributed number of mean 0 and deviation 1, at most 12.1 away from 0. By the polar method (Marsaglia and
     * Bray, 1964), which needs no cosine: that of {@link StrictMath} allocates on newer JVMs. Draws twice or more.
     */
    public double nextGaussian() {
        double x;
        double square;
        do {
            x = 2 * nextDouble() - 1;
            double y = 2 * nextDouble() - 1;
            square = x * x + y * y;
        } while (square >= 1 || square == 0);
        return x * StrictMath.sqrt(-2 * StrictMath.log(square) / square);
    }

    /** An exponentially distributed number of mean 1, from 0 to 36.8. */
    public double nextExponential() {
        return 0 - StrictMath.log(1 - nextDouble());
    }

    /**
     * One of the elements, each with the same probability.
     *
     * @throws IllegalArgumentException if there is none
     */
    public <T> T pick(List<T> list) {
        if (list.isEmpty()) {
            throw new IllegalArgumentException("there is nothing to pick from");
        }
        return list.get(nextInt(list.size()));
    }

    /** Unbiased for ranges of 1 to 2^32 (Lemire, "Fast random integer generation in an interval", 2019). */
    private long nextBelow(long range) {
        long product = (nextLong() >>> 32) * range;
        if ((product & 0xffff_ffffL) < range) {
            long threshold = (1L << 32) % range;
            while ((product & 0xffff_ffffL) < threshold) {
                product = (nextLong() >>> 32) * range;
            }
        }
        return product >>> 32;
    }

    private static long mix(long bits) {
        long mixed = (bits ^ bits >>> 30) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
        return mixed ^ mixed >>> 31;
    }

    /** FNV-1a over the UTF-16 code units, 64 bits wide: {@link String#hashCode} has collisions among short names. */
    private static long hash(String name) {
        long hash = FNV_OFFSET_BASIS;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * FNV_PRIME;
        }
        return hash;
    }
}
