package dev.tether.reactor;

import dev.tether.core.connection.Connection;
import dev.tether.core.endpoint.Endpoint;
import dev.tether.core.error.ChannelClosedException;
import dev.tether.core.frame.TransportErrorCode;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/**
 * The connections that peers have opened, on their way to the application: to the handler, or to the subscriber of
 * {@code connections()}, for which a limited number waits. Everything but the subscription runs on the event loop.
 */
final class AcceptedConnections {

    /** The code that a connection is closed with when the application's handler or callback fails. */
    static final long HANDLER_FAILED = 1;

    private final Endpoint endpoint;
    private final @Nullable Function<? super PeerConnection, ? extends Publisher<Void>> handler;
    private final boolean hasCallback;
    private final AcceptedQueue accepted;
    private boolean stopped;

    /** @param loop runs a task on the event loop; false if that is gone */
    AcceptedConnections(Endpoint endpoint, TransportConfig config, Predicate<Runnable> loop) {
        this.endpoint = endpoint;
        this.handler = config.handler();
        this.hasCallback = config.hasConnectionCallback();
        this.accepted = new AcceptedQueue(config.settings().acceptedQueue(), loop);
    }

    /** The accepted ones, for one subscriber at a time. */
    Flux<PeerConnection> flux() {
        return accepted;
    }

    /** Tells the endpoint how many more can be taken, before it answers the initiations of a batch. */
    void updateAcceptable() {
        int room = isQueued() ? accepted.room() : Integer.MAX_VALUE;
        endpoint.setAcceptable(stopped ? 0 : room);
    }

    /** No more are accepted. */
    void stop() {
        stopped = true;
        updateAcceptable();
    }

    void onAccepted(PeerConnection peer, Connection connection, long nowNs) {
        if (handler != null) {
            handle(peer, handler);
        } else if (isQueued() && !accepted.offer(peer)) {
            connection.close(TransportErrorCode.OVERLOADED, "no more connections are accepted for now", nowNs);
        }
    }

    void onNodeClosed(@Nullable ChannelClosedException failure) {
        accepted.close(failure);
    }

    /** Without a subscriber they wait for one, unless the callback has seen them. */
    private boolean isQueued() {
        return handler == null && (!hasCallback || accepted.hasSubscriber());
    }

    private static void handle(
            PeerConnection peer, Function<? super PeerConnection, ? extends Publisher<Void>> handler) {
        Flux.defer(() -> handler.apply(peer))
                .subscribe(
                        nothing -> {},
                        failure -> peer.close(HANDLER_FAILED, textOf(failure)).subscribe(),
                        () -> peer.close().subscribe());
    }

    /** What the peer is told of a failure of the handler or the callback. */
    static String textOf(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.toString() : message;
    }
}
