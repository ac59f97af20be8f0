package dev.tether.reactor;

import dev.tether.core.PeerAddress;
import dev.tether.core.PeerIdentity;
import dev.tether.core.RandomSource;
import dev.tether.core.connection.DeliveredUpTo;
import dev.tether.core.error.ChannelClosedException;
import io.netty.util.collection.LongObjectHashMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.scheduler.Scheduler;
import reactor.util.retry.Retry;
import reactor.util.retry.RetryBackoffSpec;

/** The links of a node. Everything but their creation runs on the event loop. */
final class Links {

    private final ReactorNode node;
    private final Scheduler scheduler;
    private final Retry backoff;

    /** Links are numbered from a random one on, so that no later node with the same key uses these numbers again. */
    private final AtomicLong nextId;

    private final Map<PeerIdentity, List<ReactivePeerLink>> byPeer = new HashMap<>(4);
    private final LongObjectHashMap<ReactivePeerLink> byId = new LongObjectHashMap<>(4);

    Links(ReactorNode node, Scheduler scheduler, RandomSource random) {
        this.node = node;
        this.scheduler = scheduler;
        this.backoff = new LinkBackoff(scheduler, random);
        this.nextId = new AtomicLong(1 + (random.nextLong() >>> 3));
    }

    /** A new link, which starts on the event loop. From any thread. */
    PeerLink link(PeerAddress peer) {
        return link(peer, backoff);
    }

    /** Like {@link #link(PeerAddress)}; the delays of {@code retry} follow the node's clock. */
    PeerLink link(PeerAddress peer, Retry retry) {
        ReactivePeerLink link = new ReactivePeerLink(
                node,
                peer,
                nextId.getAndIncrement(),
                scheduler,
                retry instanceof RetryBackoffSpec spec ? spec.scheduler(scheduler) : retry);
        if (!node.execute(() -> start(link))) {
            link.end(node.closedFailure());
        }
        return link;
    }

    private void start(ReactivePeerLink link) {
        ChannelClosedException refusal = node.refusal();
        if (refusal != null) {
            link.end(refusal);
        } else if (add(link)) {
            link.start();
        } else {
            link.end(new IllegalStateException("there are " + PeerLink.MAX_LINKS_OF_PEER + " links to "
                    + link.remoteAddress() + " already, which is as many as it remembers; close one, or share one"));
        }
    }

    /** Adds a link; false if there are as many to its peer as that is bound to remember. */
    private boolean add(ReactivePeerLink link) {
        List<ReactivePeerLink> links = byPeer.computeIfAbsent(link.remoteIdentity(), identity -> new ArrayList<>(1));
        if (links.size() == PeerLink.MAX_LINKS_OF_PEER) {
            return false;
        }
        links.add(link);
        byId.put(link.id(), link);
        return true;
    }

    void remove(ReactivePeerLink link) {
        byId.remove(link.id());
        List<ReactivePeerLink> links = byPeer.get(link.remoteIdentity());
        if (links != null && links.remove(link) && links.isEmpty()) {
            byPeer.remove(link.remoteIdentity());
        }
    }

    boolean hasAny() {
        return !byId.isEmpty();
    }

    /** What has failed before may succeed now. */
    void retryAll() {
        List.copyOf(byId.values()).forEach(ReactivePeerLink::retryNow);
    }

    boolean isLinked(PeerIdentity identity) {
        return byPeer.containsKey(identity);
    }

    /** A connection has come to be, whoever made it; returns whether any link wants it. */
    boolean onEstablished(ReactivePeerConnection connection) {
        List<ReactivePeerLink> links = List.copyOf(byPeer.getOrDefault(connection.remoteIdentity(), List.of()));
        links.forEach(link -> link.onEstablished(connection));
        return !links.isEmpty();
    }

    /** A peer reports what its application has got of a link. */
    void onDelivered(PeerIdentity identity, DeliveredUpTo delivered) {
        ReactivePeerLink link = byId.get(delivered.linkId());
        if (link != null && link.remoteIdentity().equals(identity)) {
            link.onDelivered(delivered.number());
        }
    }

    /** The node closes in order: nothing further is taken from publishers, and no connection will come. */
    void stop() {
        List.copyOf(byId.values()).forEach(ReactivePeerLink::stop);
    }

    void endAll(Throwable failure) {
        List.copyOf(byId.values()).forEach(link -> link.end(failure));
    }
}
