package dev.tether.core;

/**
 * The only source of randomness of the engine. A node uses a cryptographically strong one; a simulation uses a seeded
 * one, so that one seed gives one history. Called from the event loop that owns the engine, never concurrently.
 */
@FunctionalInterface
public interface RandomSource {

    /** Fills {@code target} with random bytes. */
    void nextBytes(byte[] target);

    /** A uniformly distributed {@code long}. */
    default long nextLong() {
        byte[] bytes = new byte[Long.BYTES];
        nextBytes(bytes);
        long value = 0;
        for (byte b : bytes) {
            value = value << 8 | b & 0xff;
        }
        return value;
    }

    /** A uniformly distributed {@code double} in {@code [0, 1)}. */
    default double nextDouble() {
        return (nextLong() >>> 11) * 0x1.0p-53;
    }
}
