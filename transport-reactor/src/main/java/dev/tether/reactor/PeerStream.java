package dev.tether.reactor;

import dev.tether.core.error.StreamResetException;
import dev.tether.core.error.TransportException;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.CancellationException;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;

/**
 * A stream of bytes in one or both directions, beside the messages of its connection and independent of all other streams:
 * what is lost on one delays no other. A direction ends in one of three ways, and the other side learns which: it was
 * finished, {@link #reset}, or {@linkplain #cancel cancelled}; otherwise it ends with the connection, in the connection's
 * cause.
 *
 * <p>The peer learns of an opened stream by the first thing that is sent on it. A stream is over, and makes room for another
 * one, when both directions are: let each be sent and received to its end, or reset and cancel what is not wanted.
 *
 * <p>All methods may be called from any thread. Signals are delivered on the event loop of the node; do not block there.
 * Source: RFC 9000 §2, §3.
 */
public interface PeerStream {

    /** The code of a direction that ended because a subscription was cancelled. */
    long CANCELLED = 0;

    /** The code of a direction that was reset because the publisher of {@link #send} failed. */
    long FAILED = 1;

    /** The largest code. */
    long MAX_CODE = (1L << 62) - 1;

    /** Which stream it is: the same number at both sides, and used once in the life of a connection. RFC 9000 §2.1. */
    long id();

    /** Whether bytes flow in both directions. */
    boolean isBidirectional();

    /** Whether the peer has opened it. */
    boolean isOpenedByPeer();

    /** The connection that it belongs to. */
    PeerConnection connection();

    /**
     * The bytes of the peer, in order, as they arrive, in buffers of at most 64 KiB; their bounds mean nothing. {@code
     * request(n)} is what lets the peer send more: a subscriber that asks for nothing stops the remote publisher once the
     * stream's window is full, and all other streams go on.
     *
     * <p>Completes when the peer has finished its direction and all its bytes were taken. Errors with {@link
     * StreamResetException} when the peer has reset it, which drops what was not taken, with {@link CancellationException}
     * after {@link #cancel} at this side, and with the cause of the connection's end, which also an orderly close is, when
     * the bytes had not come to their end by then; what had arrived is delivered first. Errors with {@link
     * IllegalStateException} for a unidirectional stream of this side, and for a second subscriber.
     *
     * <p>Each buffer is released after {@code onNext} returns; {@code retain()} what is to be kept. Cancelling the
     * subscription is {@code cancel(CANCELLED)}: there is no second one.
     */
    ByteBufFlux receive();

    /**
     * Sends the bytes of a publisher and finishes this side's direction when it completes. Cold: subscribing sends. A stream
     * is sent once; join publishers with {@code concat}. Completes when the peer's transport has acknowledged every byte and
     * the end.
     *
     * <p>Demand on {@code bytes} follows the send buffer and the peer's window. Every buffer that is given is released, whatever happens;
     * its content must not be changed after it was given. When the publisher errors, the direction is reset with {@link
     * #FAILED}, or with the code of a {@link StreamResetException}, which a relay hands on that way; this errors with the
     * same error. Errors with {@link StreamResetException} when the peer wants no more, with {@link CancellationException}
     * after {@link #reset} at this side, with the connection's cause, and with {@link IllegalStateException} for a
     * unidirectional stream of the peer, and when the stream is sent a second time. A {@link TransportException} names the
     * first buffer that the peer has not acknowledged whole ({@link TransportException#firstUndelivered()}). Cancelling before
     * the publisher has completed is {@code reset(CANCELLED)}; after that, what was taken is still delivered.
     */
    Mono<Void> send(Publisher<? extends ByteBuf> bytes);

    /**
     * Says how urgent what this side sends on the stream is: 0 is the most urgent, 7 the least, and 3 that of a stream for which
     * none was set, and of the messages. A stream sends nothing while a more urgent one has something to send; those of one
     * urgency share the path in equal parts. It concerns this side alone. RFC 9218 §4.1.
     *
     * @return this
     * @throws IllegalArgumentException if it is not from 0 to 7
     */
    PeerStream priority(int urgency);

    /**
     * Tells the peer that no more of its bytes are wanted; what was not taken is dropped. The peer's {@code send} errors with
     * {@link StreamResetException}. Without effect when all was received, or there is nothing to receive.
     *
     * @param code for the peer's application, 0 to 2^62 - 1
     * @throws IllegalArgumentException if the code is not in that range
     */
    void cancel(long code);

    /**
     * Abandons this side's direction: what the peer does not have is dropped. The peer's {@code receive()} errors with {@link
     * StreamResetException}. Without effect when all was acknowledged, or nothing can be sent.
     *
     * @param code for the peer's application, 0 to 2^62 - 1
     * @throws IllegalArgumentException if the code is not in that range
     */
    void reset(long code);
}
