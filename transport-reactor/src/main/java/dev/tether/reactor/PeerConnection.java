package dev.tether.reactor;

import dev.tether.core.ConnectionState;
import dev.tether.core.PeerIdentity;
import dev.tether.core.error.ConnectionClosedException;
import dev.tether.core.error.DatagramsNotSupportedException;
import dev.tether.core.error.InternalErrorException;
import dev.tether.core.error.MessageTooLargeException;
import dev.tether.core.error.OutboundOverflowException;
import dev.tether.core.error.StreamLimitException;
import dev.tether.core.error.TransportException;
import dev.tether.reactor.codec.Codec;
import io.netty.buffer.ByteBuf;
import io.netty.util.IllegalReferenceCountException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;

/**
 * An encrypted, reliable connection to a peer. It never ends in silence: {@link #states()} completes after a close or
 * errors with a {@link TransportException}, and everything else that is pending ends with that same cause.
 *
 * <p>All methods may be called from any thread. Signals are delivered on the event loop of the node; do not block there. A
 * subscriber that throws out of a signal ends this connection, at both sides, with an {@link InternalErrorException}. Those
 * of Reactor do not: they catch what a consumer or an operator throws, cancel, and report it as an error.
 */
public interface PeerConnection {

    /** The largest code that a connection can be closed with. */
    long MAX_CLOSE_CODE = (1L << 62) - 1;

    /** The key that the peer has proven to hold. */
    PeerIdentity remoteIdentity();

    /** Where the peer is reached now. */
    InetSocketAddress remoteAddress();

    /**
     * At which address the peer sees this node, as it says: behind a NAT another one than the node is bound to. Empty as long
     * as the peer has not said so, which the side that dialed learns in the handshake, and either side after its address has
     * changed.
     */
    Optional<InetSocketAddress> ownAddress();

    /**
     * The states of this connection: the latest at once, then each change. Completes after a close that either side asked
     * for, otherwise errors with the typed cause. Hot; any number of subscribers.
     */
    Flux<ConnectionState> states();

    /** The latest state; after the end, the last one before it. */
    ConnectionState state();

    /**
     * The messages of the peer, in order, each exactly once. {@code request(n)} is what lets the peer send more: a
     * subscriber that asks for nothing stops the remote publisher once the window is full.
     *
     * <p>Each buffer is released after {@code onNext} returns; {@code retain()} what is to be kept. One subscriber at a
     * time: another one errors with {@link IllegalStateException}. Some operators, {@code merge} among them, cancel their
     * source a little later than they complete; a subscription that follows such a one has to wait for that.
     *
     * <p>What had arrived before the end of the connection is delivered first; then the flux completes after a close with
     * code 0, and errors with the cause otherwise. Cancelling leaves the connection open and the messages that were not
     * delivered in place for the next subscriber.
     */
    ByteBufFlux receive();

    /**
     * Sends each buffer as one message, of 0 bytes up to the limit of the peer. Cold: subscribing sends. Completes when
     * the peer has acknowledged every byte of every message.
     *
     * <p>Demand on {@code messages} follows the send buffer. Every buffer that the publisher gives is released, whatever
     * happens; large ones are sent from where they are, and must not be changed before they are released. One that somebody
     * else has released before it is sent is an {@link IllegalReferenceCountException} of this send. Messages of
     * several concurrent sends are interleaved whole. Errors with the connection's cause, with the publisher's error
     * after what it gave before was handed to the transport, with {@link MessageTooLargeException} for a message over the
     * limit, with {@link ConnectionClosedException} after a close, and with {@link OutboundOverflowException} when more
     * commands than the limit are waiting for the event loop. A {@link TransportException} names the first message that the
     * peer has not acknowledged ({@link TransportException#firstUndelivered()}). Cancelling stops taking from the publisher; what was taken
     * is still delivered whole.
     */
    Mono<Void> send(Publisher<? extends ByteBuf> messages);

    /** Like {@link #send(Publisher)}, each string as one message in UTF-8. */
    Mono<Void> sendString(Publisher<String> messages);

    /**
     * This connection with values in the place of messages: each is encoded as one message, and decoded from one, by
     * {@code codec}. The connection itself can still be used as before.
     */
    default TypedConnection as(Codec codec) {
        return new TypedConnection(this, codec);
    }

    /**
     * Opens a stream in both directions. Cold: each subscription opens one, when the peer allows one more, which it does 256
     * at a time by default, as others end. Errors with {@link StreamLimitException} if it has not within the setting {@code
     * openStreamTimeout}, 10 s by default, with the connection's cause, and with {@link OutboundOverflowException} when more
     * commands than the limit are waiting for the event loop. The peer learns of the stream by what is sent on it.
     */
    Mono<PeerStream> openStream();

    /** Like {@link #openStream()}, for a stream on which this side sends and the peer receives. */
    Mono<PeerStream> openUniStream();

    /**
     * The streams that the peer opens, each exactly once, in the order of their opening. Ask for as many as you can handle:
     * the others wait, and the peer, at its limit, waits too. One subscriber at a time: another one errors with {@link
     * IllegalStateException}. Each has to be received, or cancelled, and, if it is bidirectional, sent or reset.
     *
     * <p>After the end of the connection, those that had been opened before are given out, for what they had received; then
     * the flux completes after a close with code 0, and errors with the cause otherwise. Cancelling leaves the streams that
     * were not given out to the next subscriber.
     */
    Flux<PeerStream> streams();

    /**
     * Sends each buffer as one unreliable datagram, of 0 bytes up to {@link #maxDatagramSize()}: encrypted, and once; one that
     * is lost is not sent again. Cold: subscribing sends. Completes when all were put into packets, which is no promise that
     * any arrives.
     *
     * <p>Demand on {@code datagrams} follows the path, so that this side drops none; a source that produces more than the path
     * carries has to choose, with {@code onBackpressureLatest()} before the buffers are made, for instance. A few wait here, up to the setting {@code
     * datagramQueue}, and as many are asked for ahead. Every buffer that the publisher gives is released, whatever happens. Concurrent calls take
     * turns datagram by datagram; datagrams and messages share the path, and neither holds the other up.
     *
     * <p>Errors with the connection's cause, with the publisher's error after what it gave before was handed to the
     * transport, with {@link MessageTooLargeException} for a datagram over the limit, when the ones before it were handed to
     * the transport, with {@link DatagramsNotSupportedException} if the peer takes none, with {@link
     * ConnectionClosedException} after a close, and with {@link OutboundOverflowException} when more commands than the limit
     * are waiting for the event loop. Cancelling stops taking from the publisher; what was taken may still be sent.
     */
    Mono<Void> sendDatagram(Publisher<? extends ByteBuf> datagrams);

    /**
     * The datagrams of the peer, each at most once, and in the order of their arrival, which need not be that of their
     * sending. Nobody waits for the subscriber: of those that it does not ask for in time, or that come while there is none,
     * the latest are kept, up to the setting {@code datagramQueue}, and the oldest dropped, which {@link
     * ConnectionStatistics#datagramsDropped()} counts.
     *
     * <p>Each buffer is released after {@code onNext} returns; {@code retain()} what is to be kept. One subscriber at a
     * time, as with {@link #receive()}. At the end of the connection, its subscriber gets what had arrived before; then the
     * flux completes after a close with code 0, and errors with the cause otherwise. Without a subscriber at that time, what
     * is left is dropped.
     */
    ByteBufFlux receiveDatagrams();

    /**
     * The longest datagram that can be sent now, in bytes: what fits a packet of the path's size, and what the peer takes. 0
     * if none can: the peer takes none, or the setting {@code datagramQueue} is 0.
     */
    int maxDatagramSize();

    /** Asks the peer's transport for a sign of life and measures the round trip. Cold. */
    Mono<Duration> ping();

    /** A consistent reading of the counters, taken on the event loop; after the end, the last one. Cold. */
    Mono<ConnectionStatistics> statistics();

    /** Closes with code 0 and no reason: {@link #close(long, String)}. */
    default Mono<Void> close() {
        return close(0, "");
    }

    /**
     * Closes at once, and tells the peer why. Pending sends and pings error with {@link ConnectionClosedException}; wait
     * for them first if they matter. Completes when the connection has ended at this side, with or without the peer's
     * confirmation. Closing again is harmless. The close happens on subscription.
     *
     * @param code the application's own, 0 to 2^62 - 1; 0 stands for an orderly end
     * @param reason for a human at the other side, in UTF-8; cut to what fits a datagram
     */
    Mono<Void> close(long code, String reason);

    /** Completes when the connection ended after a close, or errors with the typed cause. */
    Mono<Void> onClose();
}
