package dev.tether.reactor;

import dev.tether.core.PeerIdentity;
import dev.tether.core.connection.DeliveredUpTo;
import io.netty.util.collection.LongObjectHashMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The links of a node. Everything here runs on the event loop. */
final class Links {

    private final Map<PeerIdentity, List<ReactivePeerLink>> byPeer = new HashMap<>(4);
    private final LongObjectHashMap<ReactivePeerLink> byId = new LongObjectHashMap<>(4);

    /** Adds a link; false if there are as many to its peer as that is bound to remember. */
    boolean add(ReactivePeerLink link) {
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
