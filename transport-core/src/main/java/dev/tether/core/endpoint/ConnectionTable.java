package dev.tether.core.endpoint;

import dev.tether.core.ConnectionState;
import dev.tether.core.PeerIdentity;
import dev.tether.core.RandomSource;
import dev.tether.core.connection.Connection;
import io.netty.util.collection.LongObjectHashMap;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The connections of an endpoint by id, by peer and by address, and those that their drivers have to be told of. */
final class ConnectionTable {

    /** What there is with one peer. Each field is a connection that has not ended. */
    static final class Peer {
        /** The own attempt. */
        @Nullable
        Connection dialing;

        /** The answer to the peer's attempt, not confirmed. */
        @Nullable
        Connection answering;

        /** The latest confirmed one, closing ones included. */
        @Nullable
        Connection confirmed;

        /** The greatest timestamp of the peer's initiations; meaningless without {@link #hasTimestamp}. */
        long timestampNs;

        boolean hasTimestamp;

        Relation relation(long nowNs) {
            if (confirmed != null) {
                if (confirmed.isUnproven(nowNs)) {
                    return Relation.UNPROVEN;
                }
                ConnectionState state = confirmed.state();
                if (state instanceof ConnectionState.Established) {
                    return Relation.ESTABLISHED;
                }
                return state instanceof ConnectionState.Unresponsive ? Relation.UNRESPONSIVE : Relation.CLOSING;
            }
            if (dialing != null) {
                return Relation.DIALING;
            }
            return answering != null ? Relation.ANSWERING : Relation.NOTHING;
        }

        /** Whether an initiation made at {@code timestampNs} is newer than all before it. */
        boolean isNewer(long timestampNs) {
            return !hasTimestamp || Long.compareUnsigned(timestampNs, this.timestampNs) > 0;
        }
    }

    private final LongObjectHashMap<Connection> byId = new LongObjectHashMap<>();
    private final Map<PeerIdentity, Peer> byPeer = new HashMap<>();
    private final Map<InetSocketAddress, List<Connection>> byAddress = new HashMap<>();

    private final ArrayDeque<Connection> created = new ArrayDeque<>();
    private final ArrayDeque<Connection> touched = new ArrayDeque<>();

    @Nullable
    Connection byId(long id) {
        return byId.get(id);
    }

    Collection<Connection> all() {
        return byId.values();
    }

    int size() {
        return byId.size();
    }

    boolean isKnown(InetSocketAddress address) {
        return byAddress.containsKey(address);
    }

    List<Connection> at(InetSocketAddress address) {
        return byAddress.getOrDefault(address, List.of());
    }

    /** What there is with a peer; null for nothing. */
    @Nullable
    Peer peer(PeerIdentity identity) {
        return byPeer.get(identity);
    }

    /** Adds a connection; the caller sets it in the returned entry. */
    Peer add(Connection connection) {
        created.add(connection);
        byId.put(connection.localConnectionId(), connection);
        addAt(connection.remoteAddress(), connection);
        return byPeer.computeIfAbsent(connection.remoteIdentity(), identity -> new Peer());
    }

    /** An id that no connection has; never 0. */
    long newId(RandomSource random) {
        long id = random.nextLong();
        while (id == 0 || byId.get(id) != null) {
            id = random.nextLong();
        }
        return id;
    }

    /** Something has happened to a connection through another one. */
    void touch(Connection connection) {
        touched.add(connection);
    }

    @Nullable
    Connection pollCreated() {
        return created.poll();
    }

    @Nullable
    Connection pollTouched() {
        return touched.poll();
    }

    /** The address of a connection has changed. */
    void move(Connection connection, InetSocketAddress before) {
        removeAt(before, connection);
        addAt(connection.remoteAddress(), connection);
    }

    private void addAt(InetSocketAddress address, Connection connection) {
        byAddress.computeIfAbsent(address, key -> new ArrayList<>(1)).add(connection);
    }

    private void removeAt(InetSocketAddress address, Connection connection) {
        List<Connection> atAddress = byAddress.get(address);
        if (atAddress != null && atAddress.remove(connection) && atAddress.isEmpty()) {
            byAddress.remove(address);
        }
    }

    void remove(Connection connection) {
        touched.add(connection);
        byId.remove(connection.localConnectionId());
        removeAt(connection.remoteAddress(), connection);
        Peer peer = byPeer.get(connection.remoteIdentity());
        if (peer == null) {
            return;
        }
        peer.dialing = peer.dialing == connection ? null : peer.dialing;
        peer.answering = peer.answering == connection ? null : peer.answering;
        peer.confirmed = peer.confirmed == connection ? null : peer.confirmed;
        if (peer.dialing == null && peer.answering == null && peer.confirmed == null) {
            byPeer.remove(connection.remoteIdentity());
        }
    }
}
