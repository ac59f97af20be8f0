package dev.tether.reactor.simulation.swarm;

import dev.tether.core.error.PeerContext;
import dev.tether.core.error.StreamResetException;
import dev.tether.core.error.TransportException;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.core.stream.Urgency;
import dev.tether.reactor.PeerStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** One direction of a stream at the end that sends it: what its publisher gives, and how its {@code send} ends. */
final class StreamSender {

    private final Streamer streamer;
    private final PeerStream stream;
    private final SendingPlan plan;
    private final byte[] bytes;
    private final SeededRandom random;
    private Pieces source;

    /** The codes with which this end may have given it up. */
    private final Set<Long> codes = new HashSet<>();

    private @Nullable Disposable sending;
    private boolean begun;
    private boolean wasReset;
    private boolean cancelled;
    private boolean completed;
    private @Nullable Throwable failure;

    /** The number of the first buffer that the failure does not know to have arrived. */
    private OptionalLong undelivered = OptionalLong.empty();

    StreamSender(Streamer streamer, PeerStream stream, SendingPlan plan, SeededRandom random) {
        this.streamer = streamer;
        this.stream = stream;
        this.plan = plan;
        this.random = random;
        this.bytes = Payload.stream(streamer.seed(), streamer.serial(), stream.id(), plan.size());
        stream.priority(random.chance(0.5) ? Urgency.DEFAULT : random.nextInt(Urgency.MOST, Urgency.LEAST));
        this.source = new Pieces(plannedFailure(), plan.ending() == SendingPlan.Ending.ALL_IN_THE_END);
    }

    private @Nullable Throwable plannedFailure() {
        return switch (plan.ending()) {
            case FAIL -> new IllegalStateException("the publisher of " + stream + " fails");
            case RELAY -> StreamResetException.reset(stream.id(), plan.code(), PeerContext.NONE);
            default -> null;
        };
    }

    // What it does

    /** Sends, as planned. */
    void begin() {
        if (plan.ending() == SendingPlan.Ending.RESET_FIRST) {
            streamer.whenDue(this::resetFirst, plan.delay());
            return;
        }
        send();
        if (plan.ending() == SendingPlan.Ending.RESET) {
            streamer.whenDue(this::reset, plan.delay());
        } else if (plan.ending() == SendingPlan.Ending.CANCEL) {
            streamer.whenDue(this::cancel, plan.delay());
        }
    }

    /** Sends, instead of what was planned, what fails as the stream did that this one was to be the answer to. */
    void relay(Throwable cause) {
        source = new Pieces(cause, false);
        send();
    }

    /** The calm phase has begun, or the connection has ended: the publisher waits no more. */
    void hasten() {
        source.hasten();
    }

    private void send() {
        begun = true;
        boolean single =
                bytes.length > 0 && plan.largestPiece() >= bytes.length && source.failure() == null && !source.waits();
        Publisher<ByteBuf> publisher = single && random.chance(0.5) ? Mono.fromDirect(source) : source;
        sending = stream.send(publisher).subscribe(nothing -> {}, this::onFailed, this::onCompleted);
    }

    private void resetFirst() {
        reset();
        if (!begun) {
            send();
        }
    }

    private void reset() {
        if (!isOver()) {
            wasReset = true;
            codes.add(plan.code());
            stream.reset(plan.code());
        }
    }

    private void cancel() {
        if (!isOver() && sending != null) {
            cancelled = true;
            codes.add(PeerStream.CANCELLED);
            sending.dispose();
            streamer.onDirectionOver();
        }
    }

    private void onCompleted() {
        completed = true;
        if (!source.hasCompleted() || source.given < bytes.length) {
            violation("its send has completed, but its publisher has given " + source.given + " of " + bytes.length
                    + " bytes, and " + (source.hasCompleted() ? "its end" : "no end"));
        }
        streamer.onDirectionOver();
    }

    private void onFailed(Throwable cause) {
        failure = cause instanceof TransportException known ? known.ofConnection() : cause;
        undelivered = cause instanceof TransportException known ? known.firstUndelivered() : OptionalLong.empty();
        if (cause instanceof CancellationException && !wasReset) {
            violation("its send fails, and nobody has reset it: " + cause);
        }
        streamer.onDirectionOver();
    }

    // What is known of it

    Streamer streamer() {
        return streamer;
    }

    boolean isOver() {
        return completed || cancelled || failure != null;
    }

    boolean hasCompleted() {
        return completed;
    }

    /** Whether this is what is sent from {@code offset} on. */
    boolean hasBytes(int offset, byte[] some) {
        return offset + some.length <= source.given
                && Arrays.equals(bytes, offset, offset + some.length, some, 0, some.length);
    }

    /** Whether all has been given, and the end, and it is this many bytes. */
    boolean isWhole(int length) {
        return source.hasCompleted() && bytes.length == length;
    }

    boolean mayHaveReset(long code) {
        long failed = source.failure() instanceof StreamResetException it ? it.code() : PeerStream.FAILED;
        return codes.contains(code) || source.hasFailed() && code == failed;
    }

    /** What must hold when the connection is over. */
    void checkEnd() {
        if (!isOver()) {
            if (begun || !streamer.isKilled()) {
                violation("the connection has ended, but not its send: " + plan);
            }
        } else if (failure != null && !isExplained(failure)) {
            violation("its send has ended with " + failure);
        }
        if (source.holdsBuffers()) {
            violation("a buffer of its publisher was not released");
        }
    }

    private boolean isExplained(Throwable cause) {
        return cause == source.failure() && source.hasFailed()
                || cause instanceof CancellationException && wasReset
                || cause instanceof StreamResetException it && it.isStopped() && it.streamId() == stream.id()
                || streamer.isEnding(cause);
    }

    /** What must hold in the light of the other end; {@code receiver} is null if that has never seen the stream. */
    void checkAgainst(@Nullable StreamReceiver receiver, Streamer other) {
        if (completed && receiver == null) {
            violation("its send has completed, but the peer's application has never got the stream");
        } else if (completed && receiver != null && !receiver.hasGivenUp() && !receiver.hasCompleted()) {
            violation("its send has completed, but its receiver " + receiver.ending());
        }
        if (receiver != null && !receiver.hasGivenUp() && !receiver.wasReset() && undelivered.isPresent()) {
            int delivered = source.bytesBefore(undelivered.getAsLong());
            if (receiver.received() < delivered) {
                violation("its send has delivered " + delivered + " bytes, says " + failure + ", and "
                        + receiver.received() + " were received by a receiver that " + receiver.ending());
            }
        }
        if (failure instanceof StreamResetException it && failure != source.failure()) {
            boolean asked = receiver == null
                    ? it.code() == PeerStream.CANCELLED && other.hasCancelledOpenings()
                    : receiver.mayHaveCancelled(it.code());
            if (!asked) {
                violation("nobody has asked for its end with " + failure);
            }
        }
    }

    @Override
    public String toString() {
        return (isOver() ? "" : begun ? "sending " + source.given + " of " : "to send ") + plan;
    }

    private void violation(String what) {
        streamer.violation(stream, what);
    }

    /** Gives the bytes in pieces. */
    private final class Pieces extends Source {

        /** How many bytes were given before each piece. */
        private final List<Integer> starts = new ArrayList<>();

        private int given;

        Pieces(@Nullable Throwable failure, boolean waits) {
            super(streamer::later, plan.pause(), failure, waits);
        }

        /** How many bytes it gives before something else happens. */
        private int limit() {
            return waits() || failure() != null ? Math.min(plan.before(), bytes.length) : bytes.length;
        }

        @Override
        boolean hasBuffer() {
            return given < limit();
        }

        @Override
        ByteBuf nextBuffer() {
            int length = random.chance(0.05) ? 0 : Math.min(limit() - given, plan.largestPiece());
            starts.add(given);
            given += length;
            return Unpooled.buffer(Math.max(1, length)).writeBytes(bytes, given - length, length);
        }

        /** How many bytes the pieces before this one have, by its number; all that were given if there is none. */
        int bytesBefore(long piece) {
            if (piece > starts.size()) {
                violation("its send has delivered " + piece + " buffers, and its publisher has given " + starts.size());
            }
            return piece < starts.size() ? starts.get((int) piece) : given;
        }
    }
}
