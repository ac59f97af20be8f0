package dev.tether.core.endpoint;

import dev.tether.core.connection.Connection;
import dev.tether.core.wire.InitiationDatagram;
import io.netty.util.collection.LongObjectHashMap;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The initiations that were answered and not confirmed, so that a copy of one gets the same response without another key
 * agreement.
 */
final class AnsweredInitiations {

    private final LongObjectHashMap<Answered> bySenderId = new LongObjectHashMap<>(4);
    private final IdentityHashMap<Connection, Answered> byConnection = new IdentityHashMap<>(4);

    int size() {
        return byConnection.size();
    }

    void add(Connection connection, Initiation initiation) {
        Answered answered = new Answered(initiation, connection);
        bySenderId.put(initiation.senderId(), answered);
        byConnection.put(connection, answered);
    }

    /** The connection that answers the very same initiation, from wherever it comes this time; null if there is none. */
    @Nullable
    Connection find(byte[] datagram, int offset) {
        Answered answered = bySenderId.get(InitiationDatagram.senderConnectionId(datagram, offset));
        return answered != null && answered.initiation.isSame(datagram, offset) ? answered.connection : null;
    }

    void remove(Connection connection) {
        Answered answered = byConnection.remove(connection);
        if (answered != null && answered.equals(bySenderId.get(answered.initiation.senderId()))) {
            bySenderId.remove(answered.initiation.senderId());
        }
    }

    private record Answered(Initiation initiation, Connection connection) {}
}
