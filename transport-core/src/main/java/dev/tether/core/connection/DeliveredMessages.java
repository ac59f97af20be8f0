package dev.tether.core.connection;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
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

    /** The links that were used on this connection, seldom more than one. */
    private final List<Link> links = new ArrayList<>(1);

    private final ArrayDeque<Link> changed = new ArrayDeque<>(1);

    /** A message of a link is sent. */
    void onSent(long linkId) {
        if (find(linkId) == null) {
            links.add(new Link(linkId));
        }
    }

    /** The peer reports; what it says of links that it can't know of is ignored. */
    void onReported(long linkId, long number) {
        Link link = find(linkId);
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

    private @Nullable Link find(long linkId) {
        for (int i = 0; i < links.size(); i++) {
            if (links.get(i).id == linkId) {
                return links.get(i);
            }
        }
        return null;
    }
}
