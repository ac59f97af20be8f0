package dev.tether.reactor.tck;

import static java.util.Objects.requireNonNull;

import dev.tether.core.noise.KeyPair;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Nodes on loopback that are disposed of together. */
final class Loopback implements AutoCloseable {

    static final Duration LIMIT = Duration.ofSeconds(20);

    private final List<TransportNode> nodes = new CopyOnWriteArrayList<>();

    /** Both ends of a connection of their own. */
    record Pair(PeerConnection dialing, PeerConnection accepting) {}

    TransportNode node() {
        return bind(ReactiveTransport.create());
    }

    Pair connect() {
        BlockingQueue<PeerConnection> accepted = new LinkedBlockingQueue<>();
        TransportNode server = bind(ReactiveTransport.create().doOnConnection(accepted::add));
        PeerConnection dialing = connect(node(), server);
        try {
            return new Pair(
                    dialing, requireNonNull(accepted.poll(LIMIT.toSeconds(), TimeUnit.SECONDS), "nothing accepted"));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static PeerConnection connect(TransportNode from, TransportNode to) {
        return requireNonNull(from.connect(to.addressAs("127.0.0.1")).block(LIMIT));
    }

    static ByteBuf bytes(int i) {
        return Unpooled.copyInt(i);
    }

    private TransportNode bind(ReactiveTransport transport) {
        TransportNode node =
                transport.identity(KeyPair.generate()).host("127.0.0.1").port(0).bindNow();
        nodes.add(node);
        return node;
    }

    @Override
    public void close() {
        nodes.forEach(TransportNode::dispose);
        // What their ends tell the subscribers of a test must not reach the next one.
        nodes.forEach(node -> node.onDispose().block(LIMIT));
    }
}
