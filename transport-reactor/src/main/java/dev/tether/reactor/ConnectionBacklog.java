package dev.tether.reactor;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.publisher.Operators;

/**
 * Accepted connections that wait for the subscriber of {@code connections()}. There is one subscriber at a time; what it
 * has not requested when it cancels waits for the next one. Subscribing, requesting and cancelling come from any thread;
 * all else runs on the event loop, to which they are handed over.
 */
final class ConnectionBacklog {

    private final ReactorNode node;
    private final ArrayDeque<PeerConnection> waiting = new ArrayDeque<>();
    private @Nullable FluxSink<PeerConnection> subscriber;
    private long requested;
    private boolean ended;
    private volatile @Nullable Throwable failure;

    ConnectionBacklog(ReactorNode node) {
        this.node = node;
    }

    /** For one subscriber at a time; errors with an {@link IllegalStateException} for another one. */
    Flux<PeerConnection> flux() {
        return Flux.create(sink -> {
            if (!node.execute(() -> onSubscribe(sink))) {
                end(sink);
                return;
            }
            sink.onRequest(n -> node.execute(() -> onRequest(sink, n)));
            sink.onDispose(() -> node.execute(() -> onDispose(sink)));
        });
    }

    int size() {
        return waiting.size();
    }

    boolean hasSubscriber() {
        return subscriber != null && !subscriber.isCancelled();
    }

    void add(PeerConnection connection) {
        waiting.add(connection);
        drain();
    }

    /** No more will come. What waits is left to the subscriber that there is, or comes. */
    void end(@Nullable Throwable cause) {
        ended = true;
        failure = cause;
        drain();
    }

    private void onSubscribe(FluxSink<PeerConnection> sink) {
        if (hasSubscriber()) {
            sink.error(new IllegalStateException(
                    "connections() has a subscriber already; share() it, or cancel it before the next one subscribes"));
            return;
        }
        subscriber = sink;
        requested = 0;
        drain();
    }

    private void onRequest(FluxSink<PeerConnection> sink, long n) {
        if (subscriber == sink) {
            requested = Operators.addCap(requested, n);
            drain();
        }
    }

    private void onDispose(FluxSink<PeerConnection> sink) {
        if (subscriber == sink) {
            subscriber = null;
        }
    }

    /** Gives out what was requested, and at the end all, which the sink then keeps until it is requested. */
    private void drain() {
        FluxSink<PeerConnection> to = subscriber;
        while (to != null && !to.isCancelled() && !waiting.isEmpty() && (requested > 0 || ended)) {
            requested = requested == Long.MAX_VALUE ? requested : requested - 1;
            to.next(waiting.remove());
        }
        if (to != null && ended) {
            end(to);
        }
    }

    private void end(FluxSink<PeerConnection> sink) {
        Throwable cause = failure;
        if (cause == null) {
            sink.complete();
        } else {
            sink.error(cause);
        }
    }
}
