package dev.tether.core.connection;

import dev.tether.core.CloseReason;
import dev.tether.core.error.InternalErrorException;
import dev.tether.core.error.TransportException;
import dev.tether.core.frame.TransportErrorCode;
import dev.tether.core.path.Paths;
import org.jspecify.annotations.Nullable;

/** How a connection closes, whoever wants that, and what the peer is told. docs/PROTOCOL.md, "Closing". */
final class Termination {

    private final Lifecycle lifecycle;
    private final Paths paths;

    /** Null as long as there are no keys, so that nothing can be told. */
    private @Nullable Session session;

    Termination(Lifecycle lifecycle, Paths paths) {
        this.lifecycle = lifecycle;
        this.paths = paths;
    }

    /** The handshake has ended. */
    void start(Session started) {
        session = started;
    }

    void closeByApplication(long code, String reason, boolean acknowledging, long nowNs) {
        close(new CloseReason(false, true, code, reason), 0, acknowledging, null, nowNs);
    }

    void closeForInternalError(InternalErrorException failure, long nowNs) {
        close(new CloseReason(false, false, TransportErrorCode.INTERNAL_ERROR, ""), 0, true, failure, nowNs);
    }

    /** The peer may hear this side though it is not heard itself: one packet tells it. docs/PROTOCOL.md, "Liveness". */
    void giveUp(Session session, long nowNs) {
        CloseReason reason = new CloseReason(false, false, TransportErrorCode.IDLE_TIMEOUT, "");
        lifecycle.giveUp(
                Failures.idle(nowNs - session.liveness.lastHeardNs(), lifecycle.context()),
                new CloseProcedure(reason, 0, true, session.delivery.ptoNs(), nowNs));
    }

    /** What was received last may have closed the connection, or be a reason to. */
    void onReceived(Session session, long nowNs) {
        CloseReason peerClose = session.frames.peerClose();
        if (peerClose != null) {
            onPeerClose(session, peerClose, nowNs);
        } else {
            onViolation(nowNs);
        }
    }

    void onViolation(long nowNs) {
        FrameDispatcher.Violation violation = session == null ? null : session.frames.violation();
        if (violation != null) {
            close(
                    new CloseReason(false, false, violation.code(), violation.reason()),
                    violation.frameType(),
                    true,
                    Failures.violation(violation, lifecycle.context()),
                    nowNs);
        }
    }

    /** A stateless reset that is genuine. */
    void onReset(boolean open) {
        if (open) {
            lifecycle.fail(Failures.statelessReset(lifecycle.context()));
        } else {
            lifecycle.onCloseDone();
        }
    }

    long timeoutNs() {
        CloseProcedure closing = lifecycle.closing();
        return closing == null ? Long.MAX_VALUE : closing.timeoutNs();
    }

    void onTimeout(long nowNs) {
        CloseProcedure closing = lifecycle.closing();
        if (closing == null || closing.isOver(nowNs)) {
            lifecycle.onCloseDone();
        }
    }

    /** Produces the packet that tells the peer, if that is due. */
    boolean poll(Transmit transmit, long nowNs) {
        CloseProcedure closing = lifecycle.closing();
        if (closing == null || session == null || !closing.isSendDue(nowNs)) {
            return false;
        }
        transmit.start(paths.active());
        closing.write(session.assembler, transmit, nowNs);
        if (lifecycle.phase() == Phase.DRAINING) {
            lifecycle.onCloseDone();
        }
        return true;
    }

    private void onPeerClose(Session session, CloseReason reason, long nowNs) {
        if (lifecycle.phase() == Phase.CLOSING) {
            lifecycle.onCloseDone();
        }
        if (lifecycle.end() != null) {
            return;
        }
        TransportException failure = reason.byApplication()
                ? null
                : Failures.closedByPeersTransport(reason, session.frames.peerCloseFrameType(), lifecycle.context());
        close(reason, 0, true, failure, nowNs);
    }

    private void close(
            CloseReason reason,
            long frameType,
            boolean acknowledging,
            @Nullable TransportException failure,
            long nowNs) {
        CloseProcedure procedure = null;
        if (session != null) {
            session.frames.close();
            procedure = new CloseProcedure(reason, frameType, acknowledging, session.delivery.ptoNs(), nowNs);
        }
        lifecycle.close(reason, failure, procedure);
    }
}
