package dev.tether.core.connection;

import dev.tether.core.path.Paths;

/** What time does to an established connection: it is idle, its peer silent, something lost. docs/PROTOCOL.md, "Liveness". */
final class SessionTimers {

    private final Session session;
    private final Paths paths;
    private final Pings pings;
    private final Lifecycle lifecycle;
    private final Termination termination;
    private final ConnectionCounters counters;
    private final int unresponsiveProbes;

    SessionTimers(
            Session session,
            Paths paths,
            Pings pings,
            Lifecycle lifecycle,
            Termination termination,
            ConnectionCounters counters,
            int unresponsiveProbes) {
        this.session = session;
        this.paths = paths;
        this.pings = pings;
        this.lifecycle = lifecycle;
        this.termination = termination;
        this.counters = counters;
        this.unresponsiveProbes = unresponsiveProbes;
    }

    long timeoutNs() {
        return Math.min(session.timeoutNs(), paths.timeoutNs());
    }

    void onTimeout(long nowNs) {
        paths.onTimeout(nowNs);
        Liveness liveness = session.liveness;
        if (liveness.isIdle(nowNs)) {
            termination.giveUp(session, nowNs);
            return;
        }
        if (liveness.hasFailedToProve(nowNs)) {
            lifecycle.fail(Failures.unproven(nowNs - liveness.lastHeardNs(), lifecycle.context()));
            return;
        }
        search(nowNs);
        if (liveness.takeProbe(nowNs) && !session.delivery.isAwaitingAck()) {
            pings.probe();
        }
        if (session.onTimeout(nowNs)) {
            counters.probeTimeouts++;
            if (session.delivery.ptoCount() >= unresponsiveProbes && liveness.isSilent(nowNs)) {
                onProbesUnanswered(nowNs);
            }
        }
    }

    /** This host has slept. */
    void onResumed(long nowNs) {
        session.liveness.onResumed(
                unresponsiveProbes * session.delivery.ptoNs(), session.delivery.nextPacketNumber(), nowNs);
        search(nowNs);
    }

    /** Sends the probes that wait for no probe timeout. */
    private void search(long nowNs) {
        if (session.liveness.takeSearchedInVain(nowNs)) {
            session.liveness.onUnresponsive(nowNs);
            lifecycle.onProbesUnanswered(session.liveness.lastHeardNs());
        }
        if (session.liveness.takeProofProbe(nowNs) || session.liveness.takeSearchProbe(nowNs)) {
            session.delivery.requestProbe();
            counters.probeTimeouts++;
        }
    }

    private void onProbesUnanswered(long nowNs) {
        if (lifecycle.phase() == Phase.ESTABLISHED) {
            session.liveness.onUnresponsive(nowNs);
            lifecycle.onProbesUnanswered(session.liveness.lastHeardNs());
        }
    }
}
