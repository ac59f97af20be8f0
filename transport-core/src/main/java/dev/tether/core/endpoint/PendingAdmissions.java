package dev.tether.core.endpoint;

import dev.tether.core.PeerIdentity;
import dev.tether.core.noise.HandshakeState;
import dev.tether.core.wire.InitiationDatagram;
import io.netty.util.collection.LongObjectHashMap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The initiations on which the application has not decided yet. A key has one at the most, its newest. A request goes out
 * once; what makes its decision needless before it is there, withdraws it.
 */
final class PendingAdmissions {

    /** An initiation that waits, with the handshake that has read it. */
    record Pending(AdmissionRequest request, HandshakeState noise, Initiation initiation) {}

    private final LongObjectHashMap<Pending> byId = new LongObjectHashMap<>(4);
    private final LongObjectHashMap<Pending> bySenderId = new LongObjectHashMap<>(4);
    private final Map<PeerIdentity, Pending> byPeer = new HashMap<>();
    private final ArrayDeque<AdmissionRequest> requests = new ArrayDeque<>();
    private final ArrayDeque<AdmissionRequest> withdrawn = new ArrayDeque<>();
    private long lastId;

    int size() {
        return byId.size();
    }

    /** How many are of other peers than this one. */
    int sizeWithout(PeerIdentity identity) {
        return byPeer.containsKey(identity) ? byId.size() - 1 : byId.size();
    }

    /** Whether the very same initiation, from the same address, waits already. */
    boolean contains(byte[] datagram, int offset) {
        Pending pending = bySenderId.get(InitiationDatagram.senderConnectionId(datagram, offset));
        return pending != null && pending.initiation.isSame(datagram, offset);
    }

    /** Whether no initiation of this peer waits that is as new as one made at {@code timestampNs}. */
    boolean isNewer(PeerIdentity identity, long timestampNs) {
        Pending pending = byPeer.get(identity);
        return pending == null || Long.compareUnsigned(timestampNs, pending.initiation.timestampNs()) > 0;
    }

    /** Has an initiation wait, in place of an older one of the same peer. */
    void add(HandshakeState noise, Initiation initiation) {
        PeerIdentity identity = noise.remoteStatic();
        withdraw(identity);
        AdmissionRequest request = new AdmissionRequest(++lastId, identity, initiation.from());
        Pending pending = new Pending(request, noise, initiation);
        byId.put(request.id(), pending);
        bySenderId.put(initiation.senderId(), pending);
        byPeer.put(identity, pending);
        requests.add(request);
    }

    /** The initiation that a decision is about, which waits no longer; null if it was withdrawn or decided before. */
    @Nullable
    Pending take(long id) {
        Pending pending = byId.get(id);
        if (pending != null) {
            remove(pending);
        }
        return pending;
    }

    /** No decision about this peer's initiation is needed any more, if one waits. */
    void withdraw(PeerIdentity identity) {
        Pending pending = byPeer.get(identity);
        if (pending != null) {
            withdraw(pending);
        }
    }

    /** Withdraws all, and returns them. */
    List<Pending> withdrawAll() {
        List<Pending> all = new ArrayList<>(byId.values());
        all.forEach(this::withdraw);
        return all;
    }

    @Nullable
    AdmissionRequest pollRequest() {
        return requests.poll();
    }

    @Nullable
    AdmissionRequest pollWithdrawn() {
        return withdrawn.poll();
    }

    private void withdraw(Pending pending) {
        remove(pending);
        if (!requests.remove(pending.request)) {
            withdrawn.add(pending.request);
        }
    }

    private void remove(Pending pending) {
        byId.remove(pending.request.id());
        byPeer.remove(pending.request.remoteIdentity());
        long senderId = pending.initiation.senderId();
        if (pending.equals(bySenderId.get(senderId))) {
            bySenderId.remove(senderId);
        }
    }
}
