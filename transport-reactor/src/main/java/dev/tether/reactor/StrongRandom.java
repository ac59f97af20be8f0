package dev.tether.reactor;

import dev.tether.core.RandomSource;
import java.security.DrbgParameters;
import java.security.DrbgParameters.Capability;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;

/**
 * A cryptographically strong source that never blocks once it is made: a deterministic generator of NIST SP 800-90A with
 * 256 bits of strength, seeded from the system. The system's own source reads a file for every few bytes, which an event
 * loop must not do.
 */
final class StrongRandom implements RandomSource {

    private static final int STRENGTH_BITS = 256;

    private final SecureRandom random;

    /** Seeds a new generator. Blocks. */
    StrongRandom() {
        try {
            random = SecureRandom.getInstance(
                    "DRBG", DrbgParameters.instantiation(STRENGTH_BITS, Capability.NONE, null));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java 9 and later has a DRBG", e);
        }
        random.nextBytes(new byte[1]);
    }

    @Override
    public void nextBytes(byte[] target) {
        random.nextBytes(target);
    }
}
