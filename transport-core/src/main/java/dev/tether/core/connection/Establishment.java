package dev.tether.core.connection;

import dev.tether.core.error.TransportException;
import dev.tether.core.noise.TransportKeys;
import dev.tether.core.wire.DataHeader;
import dev.tether.core.wire.HandshakePayload;
import dev.tether.core.wire.VersionRange;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The handshake of a connection for as long as it is not confirmed: what arrives for it, and what it comes to.
 * docs/PROTOCOL.md, "Establishing a connection".
 */
final class Establishment {

    /** What a response comes to. */
    sealed interface Outcome {

        /**
         * The keys are there.
         *
         * @param roundTripNs the first sample of the round trip; 0 if there is none
         */
        record Agreed(TransportKeys keys, long remoteConnectionId, HandshakePayload payload, long roundTripNs)
                implements Outcome {}

        /** There will be no session. */
        record Failed(TransportException failure) implements Outcome {}
    }

    private final EngineContext context;
    private final Lifecycle lifecycle;
    private final ConnectionCounters counters;

    /** Null once it is over. */
    private @Nullable Handshake handshake;

    Establishment(EngineContext context, Handshake handshake, Lifecycle lifecycle, ConnectionCounters counters) {
        this.context = context;
        this.handshake = handshake;
        this.lifecycle = lifecycle;
        this.counters = counters;
    }

    /** The datagram that is due to be sent now; null for none. */
    byte @Nullable [] poll(long nowNs) {
        byte[] datagram = handshake == null ? null : handshake.poll(nowNs);
        if (datagram != null && handshake instanceof InitiatorHandshake initiator) {
            lifecycle.onAttempt(initiator.attempt());
        }
        return datagram;
    }

    /** Where the datagram goes that was polled last: to {@code remote}, unless it answers somebody elsewhere. */
    InetSocketAddress destination(InetSocketAddress remote) {
        return handshake instanceof ResponderHandshake responder ? responder.destination(remote) : remote;
    }

    long timeoutNs() {
        return handshake == null ? Long.MAX_VALUE : handshake.timeoutNs();
    }

    /** Why it has failed by now; null if it has not. */
    @Nullable
    TransportException timedOut(long nowNs) {
        if (handshake == null || !handshake.hasTimedOut(nowNs)) {
            return null;
        }
        Throwable sendError = handshake instanceof InitiatorHandshake initiator ? initiator.sendError() : null;
        return Failures.timedOut(context.settings().handshakeTimeout(), sendError, lifecycle.context());
    }

    boolean isPaused(long nowNs) {
        return handshake instanceof InitiatorHandshake initiator && initiator.isPaused(nowNs);
    }

    void resend(long nowNs) {
        if (handshake instanceof InitiatorHandshake initiator) {
            initiator.resend(nowNs);
        }
    }

    void onFound(long nowNs) {
        if (handshake instanceof InitiatorHandshake initiator) {
            initiator.onFound(nowNs);
        }
    }

    void pause(long nowNs) {
        if (handshake instanceof InitiatorHandshake initiator) {
            initiator.pause(nowNs);
        }
    }

    void onSendError(Throwable cause) {
        if (handshake instanceof InitiatorHandshake initiator) {
            initiator.onSendError(cause);
        }
    }

    void onDuplicateInitiation(InetSocketAddress from) {
        if (handshake instanceof ResponderHandshake responder) {
            responder.onDuplicateInitiation(from);
        }
    }

    /** Takes in a response; null if it has no effect but a count. */
    @Nullable
    Outcome read(byte[] datagram, int offset, int length, long nowNs) {
        // A response to a paused attempt may have been sent before the peer has sent the initiation that this side has
        // answered: that one decides.
        if (!(handshake instanceof InitiatorHandshake initiator) || initiator.isPaused(nowNs)) {
            counters.duplicates++;
            return null;
        }
        InitiatorHandshake.Response response = initiator.read(datagram, offset, length);
        if (response == null) {
            counters.unauthenticated++;
            return null;
        }
        HandshakePayload payload = response.payload();
        if (payload == null) {
            return new Outcome.Failed(Failures.malformedResponse(lifecycle.context()));
        }
        if (payload.refusal() != null) {
            return new Outcome.Failed(Failures.refused(payload.refusal(), lifecycle.context()));
        }
        if (payload.chosenVersion().isEmpty()
                || !VersionRange.SUPPORTED.contains(payload.chosenVersion().getAsLong())) {
            return new Outcome.Failed(Failures.versionNotOffered(payload, lifecycle.context()));
        }
        return new Outcome.Agreed(
                response.keys(), response.remoteConnectionId(), payload, initiator.roundTripNs(nowNs));
    }

    /** A data packet before the keys: the response may be on its way. */
    void onEarly(byte[] datagram, int offset, int length) {
        if (!(handshake instanceof InitiatorHandshake initiator)
                || !DataHeader.isWellFormed(datagram, offset, length)) {
            counters.unauthenticated++;
        } else if (!initiator.early().offer(datagram, offset, length)) {
            counters.earlyDropped++;
        }
    }

    /** It is over; gives back what has come too early, in its order. */
    void end(Consumer<byte[]> early) {
        Handshake ended = handshake;
        handshake = null;
        if (ended instanceof InitiatorHandshake initiator) {
            initiator.early().drain(early);
        }
    }
}
