package dev.tether.core.connection;

import io.netty.util.collection.LongObjectHashMap;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** What the peer says of the numbered messages that it was sent on this connection. */
final class DeliveredMessages {

    private static final class Link {
        private final long id;
        private long delivered;
        private boolean unpolled;

        Link(long id) {
            this.id = id;
        }
    }

    /** The links that were used on this connection: seldom more than one, but of a long life, many. */
    private final LongObjectHashMap<Link> links = new LongObjectHashMap<>(2);

    private final ArrayDeque<Link> changed = new ArrayDeque<>(1);

    /** A message of a link is sent. */
    void onSent(long linkId) {
        if (!links.containsKey(linkId)) {
            links.put(linkId, new Link(linkId));
        }
    }

    /** The peer reports; what it says of links that it can't know of is ignored. */
    void onReported(long linkId, long number) {
        Link link = links.get(linkId);
        if (link != null && number > link.delivered) {
            link.delivered = number;
            if (!link.unpolled) {
                link.unpolled = true;
                changed.add(link);
            }
        }
    }

    boolean hasChanged() {
        return !changed.isEmpty();
    }

    /** The next link of which more is delivered, or null. */
    @Nullable
    DeliveredUpTo poll() {
        Link link = changed.poll();
        if (link == null) {
            return null;
        }
        link.unpolled = false;
        return new DeliveredUpTo(link.id, link.delivered);
    }
}
