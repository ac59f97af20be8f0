package dev.tether.core.simulation;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/** The outside port of an inside address, and whom it has sent to. */
final class NatMapping {

    private final InetSocketAddress inside;
    private final InetSocketAddress outside;
    private final RecentContacts<InetAddress> addresses = new RecentContacts<>();
    private final RecentContacts<InetSocketAddress> endpoints = new RecentContacts<>();
    private long lastOutboundNs;

    NatMapping(InetSocketAddress inside, InetSocketAddress outside) {
        this.inside = inside;
        this.outside = outside;
    }

    InetSocketAddress inside() {
        return inside;
    }

    InetSocketAddress outside() {
        return outside;
    }

    /** RFC 4787, REQ-6: outbound traffic refreshes a mapping. */
    void onOutbound(InetSocketAddress remote, long nowNs, long timeoutNs) {
        lastOutboundNs = nowNs;
        addresses.add(remote.getAddress(), nowNs, timeoutNs);
        endpoints.add(remote, nowNs, timeoutNs);
    }

    boolean isExpired(long nowNs, long timeoutNs) {
        return nowNs - lastOutboundNs >= timeoutNs;
    }

    /** RFC 4787, section 5. */
    boolean letsIn(InetSocketAddress remote, NatSettings.Filtering filtering, long nowNs, long timeoutNs) {
        return switch (filtering) {
            case ENDPOINT_INDEPENDENT -> true;
            case ADDRESS_DEPENDENT -> addresses.contains(remote.getAddress(), nowNs, timeoutNs);
            case ADDRESS_AND_PORT_DEPENDENT -> endpoints.contains(remote, nowNs, timeoutNs);
        };
    }
}
