package dev.tether.reactor;

import dev.tether.core.connection.Connection;
import dev.tether.core.error.StreamLimitException;
import dev.tether.core.error.TransportException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import reactor.core.Disposable;
import reactor.core.publisher.MonoSink;

/** Those who wait until the peer allows one more stream, first come, first served. Everything here runs on the event loop. */
final class StreamOpenings {

    private final PeerStreams streams;
    private final ReactorNode node;
    private final Connection connection;

    /** Who waits, and the time limit of each. */
    private final Map<MonoSink<PeerStream>, Disposable> bidirectional = new LinkedHashMap<>(0);

    private final Map<MonoSink<PeerStream>, Disposable> unidirectional = new LinkedHashMap<>(0);

    StreamOpenings(PeerStreams streams, ReactorNode node, Connection connection) {
        this.streams = streams;
        this.node = node;
        this.connection = connection;
    }

    void open(boolean bidi, MonoSink<PeerStream> sink) {
        long id = waiting(bidi).isEmpty() ? connection.streams().openStream(bidi) : -1;
        if (id >= 0) {
            sink.success(streams.add(id));
            return;
        }
        Duration limit = node.settings().openStreamTimeout();
        Disposable timer = node.schedule(() -> onTimeout(bidi, sink, limit), limit);
        waiting(bidi).put(sink, timer);
        sink.onCancel(() -> node.execute(() -> forget(bidi, sink)));
    }

    /** The peer may have raised a limit. */
    void onEvents() {
        openWaiting(true);
        openWaiting(false);
    }

    /** No stream will be opened any more. */
    void fail(TransportException failure) {
        failAll(bidirectional, failure);
        failAll(unidirectional, failure);
    }

    private void openWaiting(boolean bidi) {
        if (!connection.streams().pollOpenable(bidi)) {
            return;
        }
        // The signals may come back with further openings, and with cancellations.
        while (!waiting(bidi).isEmpty()) {
            long id = connection.streams().openStream(bidi);
            if (id < 0) {
                return;
            }
            MonoSink<PeerStream> first = waiting(bidi).keySet().iterator().next();
            forget(bidi, first);
            first.success(streams.add(id));
        }
    }

    private void onTimeout(boolean bidi, MonoSink<PeerStream> sink, Duration limit) {
        if (waiting(bidi).remove(sink) != null) {
            sink.error(new StreamLimitException(bidi, limit, connection.context()));
        }
    }

    private void forget(boolean bidi, MonoSink<PeerStream> sink) {
        Disposable timer = waiting(bidi).remove(sink);
        if (timer != null) {
            timer.dispose();
        }
    }

    private void failAll(Map<MonoSink<PeerStream>, Disposable> waiting, TransportException failure) {
        List<MonoSink<PeerStream>> sinks = List.copyOf(waiting.keySet());
        waiting.values().forEach(Disposable::dispose);
        waiting.clear();
        sinks.forEach(sink -> streams.signal(() -> sink.error(failure)));
    }

    private Map<MonoSink<PeerStream>, Disposable> waiting(boolean bidi) {
        return bidi ? bidirectional : unidirectional;
    }
}
