package dev.tether.core.endpoint;

import dev.tether.core.PeerIdentity;
import java.net.InetSocketAddress;

/**
 * An authentic attempt of a peer that waits for a decision. It may be a replay of an earlier one: nobody is known to be at
 * the address until a connection is confirmed.
 *
 * @param id what {@link Endpoint#accept} and {@link Endpoint#refuse} name it by; never used twice
 * @param remoteIdentity who has made the initiation, now or earlier
 * @param remoteAddress where it came from
 */
public record AdmissionRequest(long id, PeerIdentity remoteIdentity, InetSocketAddress remoteAddress) {}
