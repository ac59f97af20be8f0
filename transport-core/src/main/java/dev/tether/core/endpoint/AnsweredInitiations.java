package dev.tether.core.endpoint;

import dev.tether.core.connection.Connection;
import dev.tether.core.wire.InitiationDatagram;
import io.netty.util.collection.LongObjectHashMap;
import java.net.InetSocketAddress;
import java.util.Arrays;
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

    void add(Connection connection, byte[] datagram, int offset) {
        long senderId = InitiationDatagram.senderConnectionId(datagram, offset);
        Answered answered = new Answered(senderId, ephemeral(datagram, offset), connection);
        bySenderId.put(senderId, answered);
        byConnection.put(connection, answered);
    }

    /** The connection that answers the very same initiation from the same address; null if there is none. */
    @Nullable
    Connection find(byte[] datagram, int offset, InetSocketAddress from) {
        Answered answered = bySenderId.get(InitiationDatagram.senderConnectionId(datagram, offset));
        if (answered == null
                || !answered.connection.remoteAddress().equals(from)
                || !Arrays.equals(answered.ephemeral, ephemeral(datagram, offset))) {
            return null;
        }
        return answered.connection;
    }

    void remove(Connection connection) {
        Answered answered = byConnection.remove(connection);
        if (answered != null && answered.equals(bySenderId.get(answered.senderId))) {
            bySenderId.remove(answered.senderId);
        }
    }

    private static byte[] ephemeral(byte[] datagram, int offset) {
        int from = InitiationDatagram.noiseOffset(offset);
        return Arrays.copyOfRange(datagram, from, from + InitiationDatagram.EPHEMERAL_LENGTH);
    }

    private record Answered(long senderId, byte[] ephemeral, Connection connection) {}
}
