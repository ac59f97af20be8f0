package dev.tether.reactor;

import dev.tether.core.PeerIdentity;
import java.net.InetSocketAddress;

/**
 * An attempt of a peer to connect, on which {@link ReactiveTransport#admit} decides.
 *
 * <p>The key is authentic: nobody else can have made the attempt. But it may have been made earlier, and be sent again by
 * anybody, from anywhere. That the peer is there, at this address, is proven only when the connection is established.
 *
 * @param remoteIdentity who wants to connect
 * @param remoteAddress where the attempt came from
 */
public record ConnectionRequest(PeerIdentity remoteIdentity, InetSocketAddress remoteAddress) {}
