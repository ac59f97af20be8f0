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

    /** A peer that has more to send and is silent for this long may have lost the way here: this side's address has changed. */
    private static final int OVERDUE_IN_PTO = 3;

    private static final long MIN_OVERDUE_NS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final long LEAST_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(500);

    /** Within this time after the end of a pause the peer reports what the pause has changed, or something else has changed it. */
    private static final long OBSERVATION_NS = TimeUnit.SECONDS.toNanos(5);

    private static final long MIN_KEEP_ALIVE_NS = TimeUnit.SECONDS.toNanos(1);

    /** How often an unresponsive peer is probed: so soon is it found when the network is back. */
    private static final long UNRESPONSIVE_PROBE_NS = TimeUnit.SECONDS.toNanos(1);

    private long keepAliveNs;
    private final long idleTimeoutNs;
    private long lastHeardNs;
    private long lastProbeNs;
    private long lastSentNs;

    /** How long nothing was sent before the latest packet that came after a pause. */
    private long pauseNs;

    private long pauseEndNs;

    /** Until when the peer has to be heard; {@link Long#MAX_VALUE} if nobody demands it. */
    private long proofDeadlineNs = Long.MAX_VALUE;

    /** When a peer that should have sent more is asked for a sign of life; {@link Long#MAX_VALUE} if it needs not send. */
    private long overdueNs = Long.MAX_VALUE;

    /** When an unresponsive peer is probed next; {@link Long#MAX_VALUE} while it is responsive. */
    private long nextUnresponsiveProbeNs = Long.MAX_VALUE;

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
        this.lastSentNs = nowNs;
        this.pauseEndNs = nowNs;
    }

    /** Packets were sent. */
    void onSent(long nowNs) {
        if (nowNs - lastSentNs >= LEAST_PAUSE_NS) {
            pauseNs = nowNs - lastSentNs;
            pauseEndNs = nowNs;
        }
        lastSentNs = nowNs;
    }

    /**
     * The peer sees this side at another address than before. If nothing had been sent for a while, a NAT on the way has
     * forgotten it meanwhile: from now on, keep-alives come twice as often as that at least.
     */
    void onMappingLost(long nowNs) {
        if (pauseNs > 0 && nowNs - pauseEndNs < OBSERVATION_NS && keepAliveNs > 0) {
            keepAliveNs = Math.min(keepAliveNs, Math.max(MIN_KEEP_ALIVE_NS, pauseNs / 2));
        }
    }

    /**
     * The peer was heard.
     *
     * @param hasMore whether it has more to send, as its last packet shows
     */
    void onHeard(boolean hasMore, long ptoNs, long nowNs) {
        lastHeardNs = nowNs;
        overdueNs = hasMore ? nowNs + Math.max(OVERDUE_IN_PTO * ptoNs, MIN_OVERDUE_NS) : Long.MAX_VALUE;
        nextUnresponsiveProbeNs = Long.MAX_VALUE;
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

    /** The peer is unresponsive from now on, until it is heard. */
    void onUnresponsive(long nowNs) {
        nextUnresponsiveProbeNs = nowNs + UNRESPONSIVE_PROBE_NS;
    }

    /** Whether a probe of an unresponsive peer is due; it counts as sent then. */
    boolean takeUnresponsiveProbe(long nowNs) {
        if (nowNs < nextUnresponsiveProbeNs) {
            return false;
        }
        nextUnresponsiveProbeNs = nowNs + UNRESPONSIVE_PROBE_NS;
        return true;
    }

    /** Whether a probe is due; it counts as sent then. */
    boolean takeProbe(long nowNs) {
        if (nowNs < Math.min(keepAliveProbeNs(), overdueNs)) {
            return false;
        }
        lastProbeNs = nowNs;
        overdueNs = Long.MAX_VALUE;
        return true;
    }

    long timeoutNs() {
        long probeNs = Math.min(Math.min(keepAliveProbeNs(), overdueNs), nextUnresponsiveProbeNs);
        return Math.min(Math.min(lastHeardNs + idleTimeoutNs, probeNs), Math.min(proofDeadlineNs, nextProofProbeNs));
    }

    private long keepAliveProbeNs() {
        return keepAliveNs == 0 ? Long.MAX_VALUE : Math.max(lastHeardNs, lastProbeNs) + keepAliveNs;
    }
}
