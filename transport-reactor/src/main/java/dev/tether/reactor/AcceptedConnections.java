package dev.tether.reactor;

import dev.tether.core.connection.Connection;
import dev.tether.core.endpoint.Endpoint;
import dev.tether.core.error.ChannelClosedException;
import dev.tether.core.frame.TransportErrorCode;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

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
    private final ArrayBlockingQueue<PeerConnection> waiting;
    private final Sinks.Many<PeerConnection> accepted;
    private boolean stopped;

    AcceptedConnections(Endpoint endpoint, TransportConfig config) {
        this.endpoint = endpoint;
        this.handler = config.handler();
        this.hasCallback = config.hasConnectionCallback();
        this.waiting = new ArrayBlockingQueue<>(config.settings().acceptedQueue());
        this.accepted = Sinks.many().unicast().onBackpressureBuffer(waiting);
    }

    /** The accepted ones, for one subscriber. */
    Flux<PeerConnection> flux() {
        return accepted.asFlux();
    }

    /** Tells the endpoint how many more can be taken, before it answers the initiations of a batch. */
    void updateAcceptable() {
        int room = isQueued() ? waiting.remainingCapacity() : Integer.MAX_VALUE;
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
        } else if (isQueued()) {
            Sinks.EmitResult result = accepted.tryEmitNext(peer);
            if (result.isFailure()) {
                connection.close(TransportErrorCode.OVERLOADED, "no more connections are accepted for now", nowNs);
            }
        }
    }

    void onNodeClosed(@Nullable ChannelClosedException failure) {
        if (failure == null) {
            accepted.tryEmitComplete();
        } else {
            accepted.tryEmitError(failure);
        }
    }

    /** Without a subscriber they wait for one, unless the callback has seen them and nobody has subscribed so far. */
    private boolean isQueued() {
        return handler == null && (!hasCallback || accepted.currentSubscriberCount() > 0);
    }

    private static void handle(
            PeerConnection peer, Function<? super PeerConnection, ? extends Publisher<Void>> handler) {
        Flux.defer(() -> handler.apply(peer))
                .subscribe(
                        nothing -> {},
                        failure -> peer.close(HANDLER_FAILED, String.valueOf(failure.getMessage()))
                                .subscribe(),
                        () -> peer.close().subscribe());
    }
}
