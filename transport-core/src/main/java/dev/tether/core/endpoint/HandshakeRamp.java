package dev.tether.core.endpoint;

import java.util.concurrent.TimeUnit;

/**
 * Limits how many initiations are treated per second, so that peers which all come at once, as after a start of this node,
 * do not have it compute nothing but key agreements. A token bucket: a quarter of a second's worth of tokens, and one at
 * least, is there at first. It is kept as the time at which the bucket will be full again.
 */
final class HandshakeRamp {

    /** What may be treated at once. As long as the dialing side's first pause, so that its resends find tokens. */
    private static final long BURST_NS = TimeUnit.MILLISECONDS.toNanos(250);

    /** The time in which one token comes back; 0 if there is no limit. */
    private final long intervalNs;

    private final long burst;
    private final long endNs;
    private long fullNs;

    /**
     * A ramp with a full bucket.
     *
     * @param perSecond 0 for no limit
     * @param lengthNs how long the limit holds; 0 for always
     */
    HandshakeRamp(int perSecond, long lengthNs, long startNs) {
        long secondNs = TimeUnit.SECONDS.toNanos(1);
        // Rounded up: a little less than the rate, never more.
        this.intervalNs = perSecond == 0 ? 0 : (secondNs + perSecond - 1) / perSecond;
        this.burst = perSecond == 0 ? Long.MAX_VALUE : Math.max(1, BURST_NS / intervalNs);
        this.endNs = lengthNs == 0 ? Long.MAX_VALUE : startNs + lengthNs;
        this.fullNs = startNs;
    }

    /** How many initiations are treated at once at the most; {@link Long#MAX_VALUE} without a limit. */
    long burst() {
        return burst;
    }

    /** Takes a token; false if there is none, so that the initiation has to come again. */
    boolean tryTake(long nowNs) {
        if (intervalNs == 0 || nowNs >= endNs) {
            return true;
        }
        long missingNs = Math.max(0, fullNs - nowNs);
        if (missingNs > (burst - 1) * intervalNs) {
            return false;
        }
        fullNs = nowNs + missingNs + intervalNs;
        return true;
    }
}
