package dev.tether.core.connection;

import dev.tether.core.PeerIdentity;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap.PrimitiveEntry;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How far the numbered messages of each link of each peer were handed to the application. It outlives connections, so that
 * what is sent again over a later one is handed out once only. docs/PROTOCOL.md, "Links".
 *
 * <p>Bounded: the links that were used least recently are forgotten, of one peer and in all.
 */
final class LinkLedger {

    /** How many links of one peer are remembered. */
    static final int MAX_LINKS_OF_PEER = 16;

    private static final class Link {
        private long delivered;
        private long lastUse;
    }

    private final int maxPeers;
    private final Map<PeerIdentity, LongObjectHashMap<Link>> byPeer = new LinkedHashMap<>(16, 0.75f, true);
    private long uses;

    /** @param maxPeers how many peers are remembered */
    LinkLedger(int maxPeers) {
        this.maxPeers = maxPeers;
    }

    /** The number up to which messages of a link were handed out; 0 for none. */
    long delivered(PeerIdentity peer, long linkId) {
        LongObjectHashMap<Link> links = byPeer.get(peer);
        Link link = links == null ? null : links.get(linkId);
        return link == null ? 0 : link.delivered;
    }

    /** The messages of a link up to {@code number} were handed out, or will never be. */
    void onDelivered(PeerIdentity peer, long linkId, long number) {
        LongObjectHashMap<Link> links = byPeer.get(peer);
        if (links == null) {
            links = new LongObjectHashMap<>(2);
            byPeer.put(peer, links);
            if (byPeer.size() > maxPeers) {
                byPeer.remove(byPeer.keySet().iterator().next());
            }
        }
        Link link = links.get(linkId);
        if (link == null) {
            if (links.size() == MAX_LINKS_OF_PEER) {
                removeEldest(links);
            }
            link = new Link();
            links.put(linkId, link);
        }
        link.delivered = number;
        link.lastUse = ++uses;
    }

    private static void removeEldest(LongObjectHashMap<Link> links) {
        long eldestId = 0;
        long eldestUse = Long.MAX_VALUE;
        for (PrimitiveEntry<Link> entry : links.entries()) {
            if (entry.value().lastUse < eldestUse) {
                eldestId = entry.key();
                eldestUse = entry.value().lastUse;
            }
        }
        links.remove(eldestId);
    }
}
