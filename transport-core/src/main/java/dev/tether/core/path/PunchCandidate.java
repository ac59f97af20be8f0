package dev.tether.core.path;

import java.net.InetSocketAddress;

/** One address at which the peer may be reached, and what is known of it. */
final class PunchCandidate {

    final InetSocketAddress address;

    /** Whether it is in the private network of this side. */
    final boolean near;

    int probes;
    long nextProbeNs;
    long pauseNs = PunchSession.FIRST_PAUSE_NS;

    /** Whether a reply has come from there. */
    boolean good;

    /** The least time that a reply took; valid if good. */
    long roundTripNs = Long.MAX_VALUE;

    PunchCandidate(InetSocketAddress address, boolean near, long nowNs) {
        this.address = address;
        this.near = near;
        this.nextProbeNs = nowNs;
    }

    boolean mayBeProbed() {
        return !good && probes < PunchSession.MAX_PROBES;
    }

    boolean isBetterThan(PunchCandidate other) {
        return near != other.near ? near : roundTripNs < other.roundTripNs;
    }
}
