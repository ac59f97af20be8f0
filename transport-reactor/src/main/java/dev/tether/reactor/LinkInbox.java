package dev.tether.reactor;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Sinks;

/** The messages of a link's connections, one connection after another. State is confined to the event loop. */
final class LinkInbox {

    private static final Logger log = LoggerFactory.getLogger(LinkInbox.class);

    private final ReactorNode node;
    private final AtomicBoolean subscribed = new AtomicBoolean();
    private final Sinks.Empty<Void> abandoned = Sinks.empty();

    /** The connections of which messages may still come, from the oldest. */
    private final ArrayDeque<ReactivePeerConnection> sources = new ArrayDeque<>(1);

    private @Nullable ReactivePeerConnection current;
    private @Nullable MonoSink<ReactivePeerConnection> waiting;
    private boolean ended;
    private @Nullable Throwable failure;

    /** Nothing will come any more. */
    private volatile boolean over;

    LinkInbox(ReactorNode node) {
        this.node = node;
    }

    Flux<ByteBuf> messages() {
        return Flux.defer(() -> subscribed.compareAndSet(false, true)
                ? successive().doFinally(signal -> subscribed.set(false))
                : Flux.error(new IllegalStateException(
                        "receive() of the link has a subscriber already, and allows one at a time")));
    }

    void add(ReactivePeerConnection connection) {
        sources.removeIf(it -> it != current && it.isExhausted());
        sources.add(connection);
        if (sources.size() > PeerLink.MAX_UNREAD_CONNECTIONS + 1) {
            discardOldest();
        }
        serve();
    }

    /** After the messages that are there, the end. */
    void end(@Nullable Throwable failure) {
        this.failure = failure;
        ended = true;
        abandoned.tryEmitEmpty();
        sources.removeIf(it -> it != current && it.isExhausted());
        over = sources.isEmpty();
        serve();
    }

    private Flux<ByteBuf> successive() {
        return next().flatMapMany(source -> source.receive()
                        .takeUntilOther(abandoned.asMono().then(untilAbandoned(source)))
                        .onErrorComplete()
                        .concatWith(Mono.fromRunnable(() -> node.execute(() -> onExhausted(source)))))
                .repeat(() -> !over)
                .concatWith(Mono.defer(() -> failure == null ? Mono.empty() : Mono.error(failure)));
    }

    /** When the link ends: a connection that goes on without it is left to others, and of one that is over the rest is read. */
    private static Mono<Void> untilAbandoned(ReactivePeerConnection source) {
        return Mono.defer(() -> source.isOver() ? Mono.never() : Mono.empty());
    }

    /** The connection whose messages come next; empty when there will be none. */
    private Mono<ReactivePeerConnection> next() {
        return Mono.create(sink -> {
            // Told at once, as a later subscriber may come to the event loop before this one.
            AtomicBoolean cancelled = new AtomicBoolean();
            sink.onCancel(() -> {
                cancelled.set(true);
                node.execute(() -> waiting = waiting == sink ? null : waiting);
            });
            if (!node.execute(() -> {
                if (!cancelled.get()) {
                    waiting = sink;
                    serve();
                }
            })) {
                sink.error(node.closedFailure());
            }
        });
    }

    private void serve() {
        MonoSink<ReactivePeerConnection> sink = waiting;
        if (sink == null) {
            return;
        }
        ReactivePeerConnection first = sources.peek();
        if (first != null) {
            waiting = null;
            current = first;
            sink.success(first);
        } else if (ended) {
            waiting = null;
            sink.success();
        }
    }

    private void onExhausted(ReactivePeerConnection source) {
        sources.remove(source);
        current = current == source ? null : current;
        over = ended && sources.isEmpty();
    }

    private void discardOldest() {
        for (ReactivePeerConnection source : sources) {
            if (source != current) {
                sources.remove(source);
                if (source.discardUnread()) {
                    log.warn(
                            "messages of {} are discarded: nobody takes the messages of the link; subscribe to its receive()",
                            source);
                }
                return;
            }
        }
    }
}
