package dev.tether.core.connection;

/** Watches when the peer was heard: probes a silent one, and gives up on it after the idle timeout. RFC 9000 §10.1. */
final class Liveness {

    private final long keepAliveNs;
    private final long idleTimeoutNs;
    private long lastHeardNs;
    private long lastProbeNs;

    /**
     * Starts with a peer that was heard just now.
     *
     * @param keepAliveNs after how long a silence a probe is due; 0 for never
     * @param idleTimeoutNs after how long a silence the peer is lost
     */
    Liveness(long keepAliveNs, long idleTimeoutNs, long nowNs) {
        this.keepAliveNs = keepAliveNs;
        this.idleTimeoutNs = idleTimeoutNs;
        this.lastHeardNs = nowNs;
        this.lastProbeNs = nowNs;
    }

    void onHeard(long nowNs) {
        lastHeardNs = nowNs;
    }

    long lastHeardNs() {
        return lastHeardNs;
    }

    boolean isIdle(long nowNs) {
        return nowNs >= lastHeardNs + idleTimeoutNs;
    }

    /** Whether a probe is due; it counts as sent then. */
    boolean takeProbe(long nowNs) {
        if (nowNs < probeNs()) {
            return false;
        }
        lastProbeNs = nowNs;
        return true;
    }

    long timeoutNs() {
        return Math.min(lastHeardNs + idleTimeoutNs, probeNs());
    }

    private long probeNs() {
        return keepAliveNs == 0 ? Long.MAX_VALUE : Math.max(lastHeardNs, lastProbeNs) + keepAliveNs;
    }
}
