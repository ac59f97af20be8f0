package dev.tether.core.connection;

import java.util.EnumSet;
import org.jspecify.annotations.Nullable;

/** The events that wait to be polled, each at most once, in the order of their declaration. */
final class EventQueue {

    private static final ConnectionEvent[] EVENTS = ConnectionEvent.values();

    private final EnumSet<ConnectionEvent> pending = EnumSet.noneOf(ConnectionEvent.class);

    void add(ConnectionEvent event) {
        pending.add(event);
    }

    @Nullable
    ConnectionEvent poll() {
        if (pending.isEmpty()) {
            return null;
        }
        for (ConnectionEvent event : EVENTS) {
            if (pending.remove(event)) {
                return event;
            }
        }
        return null;
    }
}
