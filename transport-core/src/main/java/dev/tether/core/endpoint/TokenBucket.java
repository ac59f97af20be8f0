package dev.tether.core.endpoint;

import java.util.concurrent.TimeUnit;

/** Lets so much happen per second, and a number of times at once after a pause. Kept as the time at which it is full again. */
public final class TokenBucket {

    private final long intervalNs;
    private final long burst;
    private long fullNs;

    /** A full bucket. */
    public TokenBucket(int perSecond, int burst, long nowNs) {
        this.intervalNs = TimeUnit.SECONDS.toNanos(1) / perSecond;
        this.burst = burst;
        this.fullNs = nowNs;
    }

    /** Whether there is a token. */
    public boolean hasToken(long nowNs) {
        return fullNs - nowNs <= (burst - 1) * intervalNs;
    }

    /** Takes a token that {@link #hasToken} has shown. */
    public void take(long nowNs) {
        fullNs = Math.max(fullNs, nowNs) + intervalNs;
    }
}
