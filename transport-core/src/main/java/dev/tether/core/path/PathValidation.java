package dev.tether.core.path;

import dev.tether.core.RandomSource;
import java.util.concurrent.TimeUnit;

/**
 * Finds out whether the peer receives at an address: challenges it, with pauses of one probe timeout that double, until it
 * echoes one, or time is up. Not thread-safe. Source: RFC 9000 §8.2.
 */
final class PathValidation {

    /** What has become of it. */
    enum State {
        PENDING,
        /** The peer has echoed a challenge. */
        VALIDATED,
        /** It has not, within the time for it. */
        FAILED
    }

    /** RFC 9000 §8.2.4: three times the probe timeout, which is that of an unknown path at the least. */
    private static final int LIFETIME_IN_PTO = 3;

    /** RFC 9002 §6.2.2: the probe timeout of a path of which no round trip was measured. */
    private static final long INITIAL_PTO_NS = TimeUnit.MILLISECONDS.toNanos(999);

    private static final int MAX_CHALLENGES = 8;

    /** How soon another challenge may follow one that may be under way still. */
    private static final long LEAST_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(200);

    private final RandomSource random;
    private final long[] challenges = new long[MAX_CHALLENGES];
    private final long deadlineNs;
    private State state = State.PENDING;
    private int sent;
    private long nextNs;
    private long lastSentNs;
    private long pauseNs;

    /** Begins; the first challenge is due. */
    PathValidation(RandomSource random, long ptoNs, long nowNs) {
        this.random = random;
        this.nextNs = nowNs;
        this.lastSentNs = nowNs;
        this.pauseNs = ptoNs;
        this.deadlineNs = nowNs + LIFETIME_IN_PTO * Math.max(ptoNs, INITIAL_PTO_NS);
    }

    State state() {
        return state;
    }

    /** Whether a challenge should be sent. */
    boolean isDue(long nowNs) {
        return state == State.PENDING && sent < MAX_CHALLENGES && nowNs >= nextNs;
    }

    /** The peer goes on sending from there: if the last challenge, or its answer, is lost, the next one need not wait. */
    void onPacket(long nowNs) {
        if (nowNs >= lastSentNs + LEAST_PAUSE_NS) {
            nextNs = Math.min(nextNs, nowNs);
        }
    }

    /** The data of a challenge that is sent now. */
    long challenge(long nowNs) {
        long data = random.nextLong();
        challenges[sent++] = data;
        lastSentNs = nowNs;
        nextNs = nowNs + pauseNs;
        pauseNs *= 2;
        return data;
    }

    /** The peer has echoed something; returns whether it is one of these challenges. RFC 9000 §8.2.3. */
    boolean onResponse(long data) {
        for (int i = 0; i < sent; i++) {
            if (challenges[i] == data) {
                state = state == State.PENDING ? State.VALIDATED : state;
                return true;
            }
        }
        return false;
    }

    /** Gives up if time is up. */
    void onTimeout(long nowNs) {
        if (state == State.PENDING && nowNs >= deadlineNs) {
            state = State.FAILED;
        }
    }

    /** When it fails unless it is answered before. */
    long deadlineNs() {
        return deadlineNs;
    }

    /** When {@link #onTimeout} has an effect, or a challenge is due; {@link Long#MAX_VALUE} for never. */
    long timeoutNs() {
        if (state != State.PENDING) {
            return Long.MAX_VALUE;
        }
        return sent < MAX_CHALLENGES ? Math.min(nextNs, deadlineNs) : deadlineNs;
    }
}
