package dev.tether.reactor;

import dev.tether.core.PeerIdentity;
import dev.tether.core.error.TransportException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A connection, or an attempt to have one, is over: see {@link TransportNode#ended()}.
 *
 * @param remoteIdentity the peer's key; that of an attempt which was never answered is the one that was asked for
 * @param remoteAddress where the peer was reached, or was to be
 * @param dialed whether this side has dialed
 * @param established whether the peer has ever confirmed it; an attempt otherwise
 * @param cause null after a close by either application, and for an attempt that nobody waited for any more
 */
public record EndedConnection(
        PeerIdentity remoteIdentity,
        InetSocketAddress remoteAddress,
        boolean dialed,
        boolean established,
        @Nullable TransportException cause) {}
