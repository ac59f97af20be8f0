package dev.tether.core.connection;

import java.util.concurrent.TimeUnit;

/**
 * Watches when the peer was heard: probes a silent one, and gives up on it after the idle timeout (RFC 9000 §10.1), or
 * sooner when a proof of life is demanded. docs/PROTOCOL.md, "Liveness".
 */
final class Liveness {

    /** A peer that was heard less than this ago is not unresponsive, however many probes were lost. */
    private static final long MIN_SILENCE_NS = TimeUnit.SECONDS.toNanos(1);

    private static final long MIN_PROOF_NS = TimeUnit.SECONDS.toNanos(1);
    private static final int PROOF_PROBES = 8;

    private final long keepAliveNs;
    private final long idleTimeoutNs;
    private long lastHeardNs;
    private long lastProbeNs;

    /** Until when the peer has to be heard; {@link Long#MAX_VALUE} if nobody demands it. */
    private long proofDeadlineNs = Long.MAX_VALUE;

    private long proofIntervalNs;
    private long nextProofProbeNs = Long.MAX_VALUE;

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
        proofDeadlineNs = Long.MAX_VALUE;
        nextProofProbeNs = Long.MAX_VALUE;
    }

    long lastHeardNs() {
        return lastHeardNs;
    }

    boolean isIdle(long nowNs) {
        return nowNs >= lastHeardNs + idleTimeoutNs;
    }

    /** Whether the silence is long enough to call the peer unresponsive. */
    boolean isSilent(long nowNs) {
        return nowNs >= lastHeardNs + MIN_SILENCE_NS;
    }

    /** Demands that the peer is heard within three PTOs, and at least one second. */
    void demandProof(long ptoNs, long nowNs) {
        if (proofDeadlineNs == Long.MAX_VALUE) {
            long limitNs = Math.max(3 * ptoNs, MIN_PROOF_NS);
            proofDeadlineNs = nowNs + limitNs;
            proofIntervalNs = limitNs / PROOF_PROBES;
            nextProofProbeNs = nowNs;
        }
    }

    /** Whether the peer was not heard though that was demanded. */
    boolean hasFailedToProve(long nowNs) {
        return nowNs >= proofDeadlineNs;
    }

    /** Whether a probe for the demanded proof is due; it counts as sent then. */
    boolean takeProofProbe(long nowNs) {
        if (nowNs < nextProofProbeNs) {
            return false;
        }
        nextProofProbeNs = nowNs + proofIntervalNs;
        return true;
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
        return Math.min(Math.min(lastHeardNs + idleTimeoutNs, probeNs()), Math.min(proofDeadlineNs, nextProofProbeNs));
    }

    private long probeNs() {
        return keepAliveNs == 0 ? Long.MAX_VALUE : Math.max(lastHeardNs, lastProbeNs) + keepAliveNs;
    }
}
