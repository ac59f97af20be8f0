package dev.tether.core.error;

import dev.tether.core.ConnectionState;
import dev.tether.core.PeerIdentity;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Which connection failed, and where it was in its life.
 *
 * @param identity the peer's key, if it is known
 * @param address where the peer was reached, if it is known
 * @param state the last state before the failure, if there was one
 */
public record PeerContext(
        @Nullable PeerIdentity identity,
        @Nullable InetSocketAddress address,
        @Nullable ConnectionState state) {

    /** For a failure that concerns no peer. */
    public static final PeerContext NONE = new PeerContext(null, null, null);

    @Override
    public String toString() {
        return (identity == null ? "unknown peer" : "peer " + identity.shortName())
                + (address == null ? "" : " at " + text(address))
                + (state == null ? "" : " (" + state.getClass().getSimpleName() + ")");
    }

    private static String text(InetSocketAddress address) {
        String host = address.isUnresolved()
                ? address.getHostString()
                : address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }
}
