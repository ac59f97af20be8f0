package dev.tether.core.endpoint;

import dev.tether.core.PeerIdentity;
import dev.tether.core.connection.Connection;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.error.ConnectionEstablishmentException.Reason;
import dev.tether.core.error.ConnectionLostException;
import dev.tether.core.error.PeerContext;
import dev.tether.core.error.TransportException;

/** What attempts and connections end with on account of others, one place for one cause. */
final class Failures {

    private Failures() {}

    static TransportException ownKey(PeerContext context) {
        return new ConnectionEstablishmentException(Reason.REFUSED, 0, "this key is the node's own", context);
    }

    static TransportException full(int connections, PeerContext context) {
        return new ConnectionEstablishmentException(
                Reason.OVERLOADED, 0, "this node has " + connections + " connections, which is its limit", context);
    }

    static TransportException impossibleKey(PeerContext context, Throwable cause) {
        return new ConnectionEstablishmentException(
                Reason.UNREACHABLE, 0, "nobody can hold this key: " + cause.getMessage(), context, cause);
    }

    static TransportException alreadyExists(PeerContext existing) {
        return new ConnectionEstablishmentException(
                Reason.ALREADY_EXISTS, 0, "there is a connection already, and only a new one was wanted", existing);
    }

    static TransportException superseded(Connection attempt) {
        return new ConnectionEstablishmentException(
                Reason.ALREADY_EXISTS,
                0,
                "another attempt with this peer has taken the place of this one",
                attempt.context());
    }

    static TransportException peerRestarted(Connection old) {
        return new ConnectionLostException(
                ConnectionLostException.Reason.PEER_RESTARTED, "the peer has started over", old.context());
    }

    static TransportException identityChanged(Connection old, PeerIdentity other) {
        return new ConnectionLostException(
                ConnectionLostException.Reason.IDENTITY_CHANGED,
                "peer " + other.shortName() + " has taken over the address",
                old.context());
    }
}
