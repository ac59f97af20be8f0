package dev.tether.reactor;

import dev.tether.core.PeerAddress;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.error.ConnectionLostException;
import io.netty.buffer.ByteBuf;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;

/**
 * Keeps a connection with a peer: connects again whenever there is none, until it is closed or gives up. What was sent
 * through it is delivered once and in order, over however many connections, or its send errors.
 *
 * <p>It uses the connection that there is, whoever made it, and connects again if there is none; while it waits before it
 * tries again, a connection made by the peer ends the waiting. Other users of the same connection are not disturbed.
 *
 * <p>All methods may be called from any thread. Signals are delivered on the event loop of the node; do not block there.
 */
public interface PeerLink {

    /** Whom the link is to. Its host is looked up again for each attempt. */
    PeerAddress remoteAddress();

    /**
     * The states of the link: the latest at once, then each change, with the states of each connection among them.
     * Completes after {@link #close}; errors with the last cause when the retry gives up, or when the node is closed. Hot;
     * any number of subscribers.
     */
    Flux<LinkState> states();

    /** The latest state; after the end, the last one before it. */
    LinkState state();

    /** The connection that there is, or the next one. Errors with the link's cause when the link ends before. */
    Mono<PeerConnection> connection();

    /**
     * Sends each buffer as one message. Cold: subscribing sends. Completes when the peer's application has got every
     * message, each exactly once, and in order.
     *
     * <p>Without a connection it waits for the next one, and after a loss of the connection it sends again what the peer's
     * application has not got. It errors, and then a message that was under way may or may not have arrived, and will not
     * arrive later than those of later sends,
     *
     * <ul>
     *   <li>with {@link ConnectionEstablishmentException}, {@code TIMED_OUT}, when there is no connection for as long as
     *       {@link dev.tether.core.TransportSettings#linkTimeout()}, with the last failure as its cause;
     *   <li>with {@link ConnectionLostException}, {@code PEER_RESTARTED}, when the peer has forgotten what it has got, and
     *       something of this send was under way;
     *   <li>as {@link PeerConnection#send} does, apart from the loss of a connection;
     *   <li>with the cause of the link when that ends.
     * </ul>
     *
     * <p>Demand on {@code messages} follows a buffer of the size of a connection's send buffer. Every buffer that the publisher
     * gives is released, whatever happens. Messages of several concurrent sends are interleaved whole. Cancelling stops taking from the
     * publisher; what was taken is still delivered.
     */
    Mono<Void> send(Publisher<? extends ByteBuf> messages);

    /** Like {@link #send(Publisher)}, each string as one message in UTF-8. */
    Mono<Void> sendString(Publisher<String> messages);

    /**
     * What the peer sends, over one connection after another: all that has arrived on one comes before what comes on the
     * next. It is up to the peer whether it sends again what it could not deliver; a link at the peer's side does.
     *
     * <p>Buffers, demand and subscribers are as with {@link PeerConnection#receive()}. A connection whose messages somebody
     * else takes is passed over. Of the connections that have ended with messages which nobody has taken, the latest
     * {@value #MAX_UNREAD_CONNECTIONS} are kept. Ends as {@link #states()} does.
     */
    ByteBufFlux receive();

    /** Ends the waiting before the next attempt, which begins 10 ms after the last one at the earliest. Without effect if there is a connection, or an attempt runs. */
    void retryNow();

    /** Closes with code 0 and no reason: {@link #close(long, String)}. */
    default Mono<Void> close() {
        return close(0, "");
    }

    /**
     * Ends the link, and its connection unless another link keeps that. Sends that have not completed error with {@link
     * dev.tether.core.error.ConnectionClosedException}; wait for them first if they matter. Completes when the connection
     * has ended. Closing again is harmless. The close happens on subscription.
     *
     * @param code the application's own, 0 to 2^62 - 1; 0 stands for an orderly end
     * @param reason for a human at the other side
     */
    Mono<Void> close(long code, String reason);

    /** Completes when the link was closed, or errors with what {@link #states()} errors with. */
    Mono<Void> onClose();

    /** How many links a node may have to one peer at a time: as many as every peer remembers. */
    int MAX_LINKS_OF_PEER = 16;

    /** How many connections that have ended are kept for the messages that nobody has taken. */
    int MAX_UNREAD_CONNECTIONS = 16;
}
