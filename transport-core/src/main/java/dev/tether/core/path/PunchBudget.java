package dev.tether.core.path;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * How many bytes each host may be sent before it has answered, so that an introduction aims no traffic at somebody who has no part
 * in it. Ports do not matter: one host is spared as a whole.
 */
final class PunchBudget {

    /** What one host gets at the most before it answers, in bytes of UDP payload. docs/PROTOCOL.md, section 12.2. */
    static final int MAX_BYTES = 4096;

    private static final int UNLIMITED = Integer.MIN_VALUE;

    private final Map<InetAddress, Integer> spent = new HashMap<>();

    /** Takes what a datagram needs; false if there is not as much left. */
    boolean tryTake(InetAddress host, int bytes) {
        int before = spent.getOrDefault(host, 0);
        if (before == UNLIMITED) {
            return true;
        }
        if (before + bytes > MAX_BYTES) {
            return false;
        }
        spent.put(host, before + bytes);
        return true;
    }

    /** The host has answered: the peer is there. */
    void lift(InetAddress host) {
        spent.put(host, UNLIMITED);
    }
}
