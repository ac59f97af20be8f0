package dev.tether.core.connection;

import dev.tether.core.CloseReason;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.error.ConnectionLostException;
import dev.tether.core.error.InternalErrorException;
import dev.tether.core.error.PeerContext;
import dev.tether.core.error.ProtocolViolationException;
import dev.tether.core.error.TransportException;
import dev.tether.core.frame.TransportErrorCode;
import dev.tether.core.wire.HandshakePayload;
import dev.tether.core.wire.Refusal;
import dev.tether.core.wire.VersionRange;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The exceptions that a connection ends with, one place for one cause. */
final class Failures {

    private Failures() {}

    /** @param sendError why a datagram to the peer could not be sent, null if all were */
    static TransportException timedOut(Duration limit, @Nullable Throwable sendError, PeerContext context) {
        return new ConnectionEstablishmentException(
                ConnectionEstablishmentException.Reason.TIMED_OUT,
                0,
                "no answer within " + limit.toMillis()
                        + " ms: the peer is not there, has another key, or the network does not reach it"
                        + (sendError == null ? "" : "; the socket could not send there: " + text(sendError)),
                context,
                sendError);
    }

    private static String text(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.toString() : message;
    }

    static TransportException refused(Refusal refusal, PeerContext context) {
        if (refusal.applicationCode().isPresent()) {
            return ConnectionEstablishmentException.refusedByApplication(
                    refusal.applicationCode().getAsLong(), refusal.reason(), context);
        }
        ConnectionEstablishmentException.Reason reason;
        if (refusal.errorCode() == TransportErrorCode.VERSION_MISMATCH) {
            reason = ConnectionEstablishmentException.Reason.VERSION_MISMATCH;
        } else if (refusal.errorCode() == TransportErrorCode.OVERLOADED) {
            reason = ConnectionEstablishmentException.Reason.OVERLOADED;
        } else {
            reason = ConnectionEstablishmentException.Reason.REFUSED;
        }
        return new ConnectionEstablishmentException(
                reason,
                refusal.errorCode(),
                "the peer refused with code " + refusal.errorCode() + ": " + refusal.reason(),
                context);
    }

    static TransportException malformedResponse(PeerContext context) {
        return new ProtocolViolationException(
                TransportErrorCode.TRANSPORT_PARAMETER_ERROR, 0, "the peer's response is malformed", context);
    }

    static TransportException versionNotOffered(HandshakePayload response, PeerContext context) {
        return new ConnectionEstablishmentException(
                ConnectionEstablishmentException.Reason.VERSION_MISMATCH,
                0,
                "the peer chose version " + response.chosenVersion() + ", this side offered " + VersionRange.SUPPORTED,
                context);
    }

    static TransportException idle(long silenceNs, PeerContext context) {
        return new ConnectionLostException(
                ConnectionLostException.Reason.IDLE_TIMEOUT,
                "the peer was not heard for " + Duration.ofNanos(silenceNs).toMillis() + " ms",
                context);
    }

    static TransportException unproven(long silenceNs, PeerContext context) {
        return new ConnectionLostException(
                ConnectionLostException.Reason.UNREACHABLE,
                "the peer was not heard for " + Duration.ofNanos(silenceNs).toMillis()
                        + " ms, and did not answer when it was asked again",
                context);
    }

    static TransportException statelessReset(PeerContext context) {
        return new ConnectionLostException(
                ConnectionLostException.Reason.STATELESS_RESET,
                "the peer has proven that it does not know this connection any more: it has started over or given it up",
                context);
    }

    static TransportException keysExhausted(long packets, PeerContext context) {
        return new ConnectionLostException(
                ConnectionLostException.Reason.KEYS_EXHAUSTED,
                "the keys have protected " + packets + " packets, which is all that they safely can",
                context);
    }

    static TransportException violation(FrameDispatcher.Violation violation, PeerContext context) {
        return new ProtocolViolationException(
                violation.code(), violation.frameType(), "the peer broke the protocol: " + violation.reason(), context);
    }

    static TransportException closedByPeersTransport(CloseReason reason, long frameType, PeerContext context) {
        if (reason.code() == TransportErrorCode.IDLE_TIMEOUT) {
            return new ConnectionLostException(
                    ConnectionLostException.Reason.IDLE_TIMEOUT,
                    "the peer has not heard this side for its idle timeout, and has given the connection up",
                    context);
        }
        if (reason.code() == TransportErrorCode.INTERNAL_ERROR) {
            return new InternalErrorException(
                    true,
                    "the peer has ended the connection for a fault of its own"
                            + (reason.text().isEmpty() ? "" : ": " + reason.text()),
                    context,
                    null);
        }
        return new ProtocolViolationException(
                reason.code(), frameType, "the peer says that this side broke the protocol: " + reason.text(), context);
    }
}
