package dev.tether.core;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;

/** What is asked of an address at which a peer may be reached. docs/PROTOCOL.md, section 12.1. */
public final class CandidateAddress {

    /** How many bytes of two private addresses of one network are taken to be equal: /24 of IPv4, /64 of IPv6. */
    private static final int IPV4_PREFIX_BYTES = 3;

    private static final int IPV6_PREFIX_BYTES = 8;

    private CandidateAddress() {}

    /**
     * Whether datagrams to a candidate can reach one host, and can hit nothing else: it has a port, and its address is a unicast one
     * that means the same everywhere in its network. Multicast, broadcast and wildcard addresses, 0.0.0.0/8, 240.0.0.0/4 and
     * link-local addresses, which need a zone, are not.
     *
     * @param candidate resolved
     * @param loopback whether a loopback address will do: only if all concerned are on one host
     */
    public static boolean isUsable(InetSocketAddress candidate, boolean loopback) {
        InetAddress address = candidate.getAddress();
        if (candidate.getPort() == 0
                || address.isAnyLocalAddress()
                || address.isMulticastAddress()
                || address.isLinkLocalAddress()) {
            return false;
        }
        if (address instanceof Inet4Address) {
            int first = address.getAddress()[0] & 0xff;
            if (first == 0 || first >= 240) {
                return false;
            }
        }
        return loopback || !address.isLoopbackAddress();
    }

    /**
     * Whether an address is of a private network, so that other networks may have it, too: RFC 1918, the shared space of RFC
     * 6598 (100.64.0.0/10), unique local IPv6 addresses (RFC 4193), loopback and link-local addresses.
     */
    public static boolean isPrivate(InetAddress address) {
        byte[] bytes = address.getAddress();
        return address.isSiteLocalAddress()
                || address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || bytes.length == 4 && bytes[0] == 100 && (bytes[1] & 0xc0) == 64
                || bytes.length == 16 && (bytes[0] & 0xfe) == 0xfc;
    }

    /** Whether two addresses look like those of one private network, or of one host in it. */
    public static boolean areNear(InetAddress a, InetAddress b) {
        byte[] first = a.getAddress();
        byte[] second = b.getAddress();
        int prefix = first.length == 4 ? IPV4_PREFIX_BYTES : IPV6_PREFIX_BYTES;
        return first.length == second.length
                && isPrivate(a)
                && isPrivate(b)
                && Arrays.equals(first, 0, prefix, second, 0, prefix);
    }
}
