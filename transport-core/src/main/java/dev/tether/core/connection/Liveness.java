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

    /** How often a peer is probed that is searched for: so soon is it found when the network is back. */
    private static final long SEARCH_PROBE_NS = TimeUnit.SECONDS.toNanos(1);

    /** How often it is probed at first after a sleep, so that the loss of one or two probes makes little difference. */
    private static final long RESUME_PROBE_NS = TimeUnit.MILLISECONDS.toNanos(250);

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

    /** When a peer is probed next that is unresponsive, or from which this side has slept; {@link Long#MAX_VALUE} for others. */
    private long nextSearchProbeNs = Long.MAX_VALUE;

    private long searchIntervalNs = SEARCH_PROBE_NS;

    /** The least packet number whose acknowledgement shows that the peer hears this side since it has slept. */
    private long awaitedPacket = Long.MIN_VALUE;

    /** When the first probes after a sleep were sent for long enough; {@link Long#MAX_VALUE} while none are sent. */
    private long resumedUntilNs = Long.MAX_VALUE;

    /** When this host has slept last, or rather learned of it. */
    private long resumedNs;

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
     * @param largestAcked the highest packet number that it has acknowledged
     */
    void onHeard(boolean hasMore, long largestAcked, long ptoNs, long nowNs) {
        lastHeardNs = nowNs;
        overdueNs = hasMore ? nowNs + Math.max(OVERDUE_IN_PTO * ptoNs, MIN_OVERDUE_NS) : Long.MAX_VALUE;
        if (resumedUntilNs == Long.MAX_VALUE || largestAcked >= awaitedPacket) {
            endSearch();
        }
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
        searchIntervalNs = SEARCH_PROBE_NS;
        nextSearchProbeNs = nowNs + searchIntervalNs;
        resumedUntilNs = Long.MAX_VALUE;
    }

    /**
     * This host has slept: nothing is known of the peer. It is probed at once, and quickly until it acknowledges that, as it
     * may be heard and not hear, if it sees this side at another address now.
     *
     * @param unresponsiveNs after how long without a sign of life it is unresponsive, one second at least
     * @param nextPacket the number of the next packet that is sent
     */
    void onResumed(long unresponsiveNs, long nextPacket, long nowNs) {
        awaitedPacket = nextPacket;
        resumedNs = nowNs;
        resumedUntilNs = nowNs + Math.max(unresponsiveNs, MIN_SILENCE_NS);
        searchIntervalNs = RESUME_PROBE_NS;
        nextSearchProbeNs = nowNs;
    }

    /** Whether a peer is unresponsive because it was not heard since this host has slept. Ends the quick probes. */
    boolean takeSearchedInVain(long nowNs) {
        if (nowNs < resumedUntilNs) {
            return false;
        }
        endSearch();
        return lastHeardNs <= resumedNs;
    }

    private void endSearch() {
        nextSearchProbeNs = Long.MAX_VALUE;
        resumedUntilNs = Long.MAX_VALUE;
    }

    /** Whether a probe of a peer that is searched for is due; it counts as sent then. */
    boolean takeSearchProbe(long nowNs) {
        if (nowNs < nextSearchProbeNs) {
            return false;
        }
        nextSearchProbeNs = nowNs + searchIntervalNs;
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
        long probeNs = Math.min(Math.min(keepAliveProbeNs(), overdueNs), nextProofProbeNs);
        long searchNs = Math.min(nextSearchProbeNs, resumedUntilNs);
        return Math.min(Math.min(lastHeardNs + idleTimeoutNs, proofDeadlineNs), Math.min(probeNs, searchNs));
    }

    private long keepAliveProbeNs() {
        return keepAliveNs == 0 ? Long.MAX_VALUE : Math.max(lastHeardNs, lastProbeNs) + keepAliveNs;
    }
}
