package dev.tether.reactor;

import dev.tether.core.endpoint.Endpoint;
import dev.tether.core.error.ChannelClosedException;
import java.util.function.Function;
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
    private final int limit;
    private final ConnectionBacklog backlog;

    AcceptedConnections(ReactorNode node, Endpoint endpoint, TransportConfig config) {
        this.endpoint = endpoint;
        Function<? super PeerConnection, ? extends Publisher<Void>> handler = config.handler();
        // A gateway has to be connected to its peers, and need not have anything else to do with them.
        this.handler = handler == null && config.rendezvous().gateway() ? PeerConnection::onClose : handler;
        this.hasCallback = config.hasConnectionCallback();
        this.limit = config.settings().acceptedQueue();
        this.backlog = new ConnectionBacklog(node);
    }

    /** The accepted ones, for one subscriber at a time. */
    Flux<PeerConnection> flux() {
        return backlog.flux();
    }

    /**
     * Tells the endpoint how many more can be taken, before it answers the initiations of a batch. Those that it has
     * answered are taken in any case.
     */
    void updateAcceptable() {
        endpoint.setAcceptable(isQueued() ? Math.max(0, limit - backlog.size()) : Integer.MAX_VALUE);
    }

    void onAccepted(PeerConnection peer) {
        if (handler != null) {
            handle(peer, handler);
        } else if (isQueued()) {
            backlog.add(peer);
        }
    }

    void onNodeClosed(@Nullable ChannelClosedException failure) {
        backlog.end(failure);
    }

    /** Without a subscriber they wait for one, unless the callback has seen them. */
    private boolean isQueued() {
        return handler == null && (!hasCallback || backlog.hasSubscriber());
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
