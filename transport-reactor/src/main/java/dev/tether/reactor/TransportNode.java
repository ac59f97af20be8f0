package dev.tether.reactor;

import dev.tether.core.PeerAddress;
import dev.tether.core.PeerIdentity;
import dev.tether.core.error.ChannelClosedException;
import dev.tether.core.error.ConnectionClosedException;
import dev.tether.core.error.ConnectionEstablishmentException;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableChannel;
import reactor.util.retry.Retry;

/**
 * A bound node: it accepts connections and dials peers over one UDP socket. All methods may be called from any thread.
 */
public interface TransportNode {

    /** Who this node is. */
    PeerIdentity identity();

    /** The address that the socket is bound to. */
    InetSocketAddress localAddress();

    /** How others reach this node if they see it as {@code host}: its identity, that host, and the bound port. */
    PeerAddress addressAs(String host);

    /**
     * Connects to a peer. Cold: subscribing dials, joins a running attempt to that peer, or gives the connection that is
     * there already. An unresponsive connection is asked for a sign of life first: it is given if the peer answers, and
     * otherwise fails and makes way for a new one. A closing one is waited for. Cancelling abandons the attempt unless
     * somebody else has joined it; if it has just succeeded, the connection is closed with code 0.
     *
     * <p>With {@linkplain ReactiveTransport#gateways gateways}, a peer that does not answer at its address at once, or of which only
     * the identity is known, is looked for: the gateways are asked, two at a time, to introduce it; both peers try each other's
     * addresses for a few seconds; and it is dialed at the best one that works. All calls for one peer share this, too.
     *
     * <p>Errors with {@link ConnectionEstablishmentException}, at the latest after the handshake timeout, which starts when
     * nothing is in the way, and once more with the time to find the peer, which takes a handshake timeout and 5 s at the most; or
     * with {@link ChannelClosedException} when the node is closed.
     */
    Mono<PeerConnection> connect(PeerAddress peer);

    /**
     * Like {@link #connect}, and errors with {@link ConnectionEstablishmentException.Reason#ALREADY_EXISTS} if there is a
     * living connection with that peer already. Joins an attempt that runs.
     */
    Mono<PeerConnection> connectNew(PeerAddress peer);

    /**
     * Sends messages to a peer: over the connection with it, or over a new one as {@link #connect} makes it. Cold. The
     * connection stays open for the next call. Errors like {@link #connect} and {@link PeerConnection#send}; every buffer is
     * released, whatever happens, as {@code messages} is subscribed to only once there is a connection.
     */
    default Mono<Void> send(PeerAddress peer, Publisher<? extends ByteBuf> messages) {
        return connect(peer).flatMap(connection -> connection.send(messages));
    }

    /**
     * Keeps a connection with a peer, from now on until the link is closed. After a failure it waits 200 ms, then twice as
     * long each time up to 10 s, each varied by up to half at random, and never gives up. The waiting follows the node's
     * clock and randomness.
     *
     * <p>A node has up to {@value PeerLink#MAX_LINKS_OF_PEER} links to one peer at a time; one beyond that errors with an
     * {@link IllegalStateException}.
     */
    PeerLink link(PeerAddress peer);

    /**
     * Like {@link #link(PeerAddress)}, with another way to wait and to give up, {@code Retry.backoff(…)} for example: its
     * attempts are counted anew after each connection, and its delays run on the node's event loop, whatever scheduler it
     * has. Its jitter is its own: where one seed has to give one history, set it to 0. An attempt begins 10 ms after the one
     * before it at the earliest, also without a delay. When the retry ends, so does the link, with the last failure.
     */
    PeerLink link(PeerAddress peer, Retry retry);

    /**
     * The connections that peers have opened, each once. Those accepted before the first subscriber wait for it, up to a
     * limit; a peer beyond that is refused. One subscriber at a time, another one errors with an
     * {@link IllegalStateException}; what a subscriber has not requested when it cancels waits for the next one. Completes
     * when the node closes, after those that wait. Not to be used together with {@link ReactiveTransport#handle}, which
     * takes them.
     */
    Flux<PeerConnection> connections();

    /**
     * The end of each connection, and of each attempt that did not become one, whoever has begun it: after all that the
     * node has ever tried, exactly one event for each. Hot: without a subscriber they are gone; any number of subscribers.
     * Nothing is kept for a subscriber that has not asked for enough: it misses what happens meanwhile, and
     * {@link NodeStatistics#endedEventsLost()} counts it. One with unbounded demand misses nothing. Signals come on the
     * event loop. Completes when the node is closed, after the last event.
     */
    Flux<EndedConnection> ended();

    /**
     * What the node knows of its place in the network: the latest, and each change from then on. Any number of subscribers. Signals come
     * on the event loop. Completes when the node is closed.
     */
    Flux<NetworkState> network();

    /** Counters of the node, over all its connections and over all datagrams that belong to none. Cold. */
    Mono<NodeStatistics> statistics();

    /** {@link #close(Duration)} with a limit of one second. */
    default Mono<Void> close() {
        return close(Duration.ofSeconds(1));
    }

    /**
     * Closes in order, on subscription. From then on {@code connect} errors with {@link ChannelClosedException}, a new
     * {@code send} with {@link ConnectionClosedException}, and peers that dial are refused. Each connection asks publishers
     * for nothing more, delivers what they have given it until the peer has acknowledged it, and closes with code 0 and the
     * reason "the node is closing". A {@code send} whose publisher had completed completes when all of it is acknowledged;
     * the others error with {@link ConnectionClosedException} when their connection closes. Then the socket closes.
     *
     * <p>All connections do so at the same time. Those that are not done at the limit are closed as they are, and their
     * peers are told once; what is left of their sends errors with {@link ConnectionClosedException}.
     *
     * <p>Completes when the socket is closed. Calls that come later join the first one, and shorten its limit if theirs
     * ends earlier. Cancelling stops the waiting, not the close. {@link #dispose()} ends it at once.
     *
     * @param limit how long it may take in all, zero or more; what the socket needs to send what it holds, which is half a
     *     second at the most, comes on top. Errors with {@link IllegalArgumentException} if it is negative
     */
    Mono<Void> close(Duration limit);

    /** Closes at once, without waiting: each connection errors with {@link ChannelClosedException}. */
    void dispose();

    /** Completes when the socket is closed, or errors with what closed it. */
    Mono<Void> onDispose();

    /** Like {@link DisposableChannel#disposeNow(Duration)}: {@link #close(Duration)}, blocking. Not on an event loop. */
    default void closeNow(Duration limit) {
        close(limit).block(limit.plusSeconds(1));
    }
}
