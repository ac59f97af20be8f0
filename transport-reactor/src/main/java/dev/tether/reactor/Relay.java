package dev.tether.reactor;

import dev.tether.core.error.StreamResetException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;

/**
 * Hands on what arrives from one peer to another one, as it arrives: nothing is reassembled, and nothing copied on the way from
 * the receive window to the send buffer. Backpressure goes through: a receiver that asks for nothing stops the origin, over
 * any number of relays.
 *
 * <p><b>Memory.</b> For each direction of a stream, and for the messages of each direction of a connection, a relay holds no
 * more than what the peer of the one side may send ahead ({@code maxStreamWindow}, and {@code maxConnectionWindow} for all
 * together), 256 KiB and one buffer of at most 64 KiB, or one message, between the two, and what the other side is to
 * acknowledge ({@code sendBuffer}, for all together). An origin whose receiver asks for nothing is stopped after what the
 * receiver's own window, those of the relays in between, and these 256 KiB with each of them hold, and what {@code send} asks
 * of its publisher ahead: up to 256 buffers.
 *
 * <p>The connections may be those of one node or of two. Everything here is cold, and may be subscribed to on any thread;
 * ends are signalled on an event loop, which must not be blocked.
 */
public final class Relay {

    /** The code that the other side of a relay gets when one side is lost: of a stream as of a connection. */
    public static final long FAILED = PeerStream.FAILED;

    /** How long {@link #connections} goes on to deliver what was received before a connection ended. */
    public static final Duration DELIVERY_LIMIT = Duration.ofSeconds(30);

    private Relay() {}

    /**
     * Sends what arrives on one stream on another one, until its end, which becomes the end. Completes when the peer of
     * {@code to} has acknowledged all. The other direction of either stream is not touched.
     *
     * <ul>
     *   <li>When the peer of {@code from} resets it, {@code to} is reset with the same code, and this errors with that {@link
     *       StreamResetException}.
     *   <li>When the peer of {@code to} cancels it, {@code from} is cancelled with the same code, and this errors with that
     *       {@link StreamResetException}, of which {@code isStopped()} is true.
     *   <li>When one connection ends, or anything else fails, the other stream is reset or cancelled with {@link #FAILED},
     *       and this errors with the cause.
     *   <li>Cancelling this resets and cancels them with {@link PeerStream#CANCELLED}.
     * </ul>
     *
     * <p>Errors with {@link IllegalStateException} if {@code from} has been received or {@code to} sent before, or cannot be.
     *
     * @param from a stream that this side receives
     * @param to a stream that this side sends
     */
    public static Mono<Void> pipe(PeerStream from, PeerStream to) {
        Mono<Void> pipe = Mono.defer(() -> {
            RelayedBytes bytes = RelayedBytes.of(from);
            return to.send(bytes).doOnError(failure -> cancel(from, bytes, failure));
        });
        // After the cancellation of the send, which would otherwise take that of the source for a failure.
        return onLoopOf(to.connection(), pipe).doFinally(signal -> {
            if (signal == SignalType.CANCEL) {
                abandon(from, to);
            }
        });
    }

    private static void abandon(PeerStream from, PeerStream to) {
        from.cancel(PeerStream.CANCELLED);
        to.reset(PeerStream.CANCELLED);
    }

    private static void cancel(PeerStream from, RelayedBytes bytes, Throwable failure) {
        if (bytes.hasEnded()) {
            return;
        }
        if (failure instanceof StreamResetException reset && reset.isStopped()) {
            from.cancel(reset.code());
        } else {
            from.cancel(failure instanceof CancellationException ? PeerStream.CANCELLED : FAILED);
        }
    }

    /**
     * Both directions of two bidirectional streams, as {@link #pipe} does each; one of them goes on when the other has ended.
     * Completes when both have; if one of them has failed, errors when both have ended, with what came first. Cancelling this
     * ends both.
     */
    public static Mono<Void> join(PeerStream a, PeerStream b) {
        return Mono.defer(() -> {
            AtomicReference<Throwable> failure = new AtomicReference<>();
            return Mono.when(noting(failure, pipe(a, b)), noting(failure, pipe(b, a)))
                    .then(Mono.defer(() -> {
                        Throwable first = failure.get();
                        return first == null ? Mono.empty() : Mono.error(first);
                    }));
        });
    }

    private static Mono<Void> noting(AtomicReference<Throwable> failure, Mono<Void> direction) {
        return direction.onErrorResume(cause -> {
            failure.compareAndSet(null, cause);
            return Mono.empty();
        });
    }

    /**
     * Everything between two connections, both ways: messages, datagrams, and the streams that either peer opens. For each of
     * these one of the same kind is opened at the other side, when that peer allows it, and joined with it; no stream waits
     * for another one, nor for messages. A datagram that is too long for the other side is dropped, as are those that come
     * faster than it takes them. Takes the place of the only subscriber that {@code receive()}, {@code streams()} and {@code
     * receiveDatagrams()} of both may have.
     *
     * <p>When one connection ends, what had been received from it is still delivered to the other peer, for up to {@link
     * #DELIVERY_LIMIT}; streams that had not come to their end are reset with {@link #FAILED}. Then the other connection is
     * closed:
     *
     * <ul>
     *   <li>after a close, with the same code and reason, and this completes; if not all could be delivered, with {@link
     *       #FAILED} in the place of code 0, which would tell the peer that it has everything;
     *   <li>after a failure, with {@link #FAILED}, and this errors with the cause.
     * </ul>
     *
     * <p>When a message is larger than the other peer accepts, both are closed with {@link #FAILED}, and this errors with the
     * cause. Cancelling this closes both with {@link #FAILED}. Errors with {@link IllegalStateException}, and closes neither,
     * if somebody else receives from one of them: between two keys there is one connection at a time, so that several peers
     * that are to be relayed to the same one need a node, with a key of its own, for each; or {@link #join} their streams.
     *
     * <p>What is acknowledged to a peer has reached the relay, and not yet the other peer; wait for an answer of that one if
     * it matters. The same holds for what a {@link PeerLink} delivers.
     */
    public static Mono<Void> connections(PeerConnection a, PeerConnection b) {
        return Mono.defer(() -> new RelayedConnections(a, b).run());
    }

    /** Subscribes where the commands that come of it run at once, however many there are. */
    static <T> Mono<T> onLoopOf(PeerConnection connection, Mono<T> mono) {
        return connection instanceof ReactivePeerConnection reactive ? reactive.onLoop(mono) : mono;
    }
}
