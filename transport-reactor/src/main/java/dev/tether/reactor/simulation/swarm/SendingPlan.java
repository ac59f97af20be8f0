package dev.tether.reactor.simulation.swarm;

import dev.tether.core.simulation.SeededRandom;
import java.time.Duration;

/**
 * How one direction of a stream is sent.
 *
 * @param size how many bytes there are
 * @param ending what becomes of it
 * @param before how many bytes the publisher gives before it fails or waits
 * @param largestPiece the largest buffer that the publisher gives
 * @param pause how long the publisher waits after each buffer; mostly zero
 * @param delay when it is given up
 * @param code with which
 */
record SendingPlan(int size, Ending ending, int before, int largestPiece, Duration pause, Duration delay, long code) {

    enum Ending {
        /** All bytes are sent, and the end. */
        ALL,
        /** All, after the publisher has waited for the calm phase. */
        ALL_IN_THE_END,
        /** The publisher fails. */
        FAIL,
        /** The publisher fails as a stream does that was reset. */
        RELAY,
        /** It is reset meanwhile. */
        RESET,
        /** It is reset before anything is sent. */
        RESET_FIRST,
        /** The send is cancelled. */
        CANCEL
    }

    /** How many pieces there are at most, but for empty ones. */
    private static final int MAX_PIECES = 200;

    static SendingPlan draw(SeededRandom random, int maxSize, double trouble) {
        int size = random.chance(0.15) ? 0 : random.nextInt(0, random.chance(0.5) ? maxSize : maxSize / 16);
        Ending ending =
                random.chance(trouble) ? Ending.values()[random.nextInt(1, Ending.values().length - 1)] : Ending.ALL;
        int least = size / MAX_PIECES + 1;
        return new SendingPlan(
                size,
                ending,
                random.nextInt(0, size),
                random.chance(0.3) ? Math.max(1, size) : random.nextInt(least, Math.max(least, size)),
                Duration.ofMillis(random.chance(0.8) ? 0 : random.nextInt(1, 50)),
                Duration.ofMillis(random.chance(0.3) ? 0 : random.nextInt(0, 3000)),
                code(random));
    }

    /** One of the transport's own, another small one, or a large one. */
    static long code(SeededRandom random) {
        return random.chance(0.7) ? random.nextInt(0, 80) : random.nextLong() >>> 2;
    }
}
