package dev.tether.core.simulation;

import java.time.Duration;

/**
 * How a network address translator behaves, in the terms of RFC 4787. Immutable. The constants bear the names that RFC 3489
 * gave to the usual combinations; their mappings time out after 2 minutes, the least that RFC 4787, REQ-5, allows.
 *
 * @param mapping when an inside address keeps its outside port towards another remote address
 * @param filtering from whom a mapping lets datagrams in
 * @param mappingTimeout how long a mapping lives, and lets a remote address in, after the last datagram to the outside;
 *     above 0, up to one day
 * @param hairpin whether hosts behind the translator reach one another by their outside addresses (RFC 4787, section 6)
 */
public record NatSettings(Mapping mapping, Filtering filtering, Duration mappingTimeout, boolean hairpin) {

    /** The mapping behaviours (RFC 4787, section 4.1). */
    public enum Mapping {

        /** One outside port for an inside address, whatever the remote address. */
        ENDPOINT_INDEPENDENT,

        /** An outside port of its own for each remote address and port. */
        ADDRESS_AND_PORT_DEPENDENT
    }

    /** The filtering behaviours (RFC 4787, section 5). */
    public enum Filtering {

        /** Everybody is let in. */
        ENDPOINT_INDEPENDENT,

        /** A remote address is let in after a datagram was sent to it, from any of its ports. */
        ADDRESS_DEPENDENT,

        /** A remote address and port is let in after a datagram was sent to it. */
        ADDRESS_AND_PORT_DEPENDENT
    }

    private static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(2);

    /** One port for all, and everybody is let in. */
    public static final NatSettings FULL_CONE =
            new NatSettings(Mapping.ENDPOINT_INDEPENDENT, Filtering.ENDPOINT_INDEPENDENT, DEFAULT_TIMEOUT, false);

    /** One port for all, and the addresses that were sent to are let in. */
    public static final NatSettings ADDRESS_RESTRICTED =
            new NatSettings(Mapping.ENDPOINT_INDEPENDENT, Filtering.ADDRESS_DEPENDENT, DEFAULT_TIMEOUT, false);

    /** One port for all, and the addresses and ports that were sent to are let in. */
    public static final NatSettings PORT_RESTRICTED =
            new NatSettings(Mapping.ENDPOINT_INDEPENDENT, Filtering.ADDRESS_AND_PORT_DEPENDENT, DEFAULT_TIMEOUT, false);

    /** A port of its own for each remote address and port, and only that one is let in. */
    public static final NatSettings SYMMETRIC = new NatSettings(
            Mapping.ADDRESS_AND_PORT_DEPENDENT, Filtering.ADDRESS_AND_PORT_DEPENDENT, DEFAULT_TIMEOUT, false);

    /** @throws IllegalArgumentException naming the timeout and its range */
    public NatSettings {
        if (mappingTimeout.isNegative()
                || mappingTimeout.isZero()
                || mappingTimeout.compareTo(Ranges.MAX_DURATION) > 0) {
            throw new IllegalArgumentException(
                    "mappingTimeout is " + mappingTimeout + ", it must be above 0 and up to " + Ranges.MAX_DURATION);
        }
    }

    /** A copy with this timeout, above 0 and up to one day. */
    public NatSettings mappingTimeout(Duration mappingTimeout) {
        return new NatSettings(mapping, filtering, mappingTimeout, hairpin);
    }

    /** A copy with hairpinning or without. */
    public NatSettings hairpin(boolean hairpin) {
        return new NatSettings(mapping, filtering, mappingTimeout, hairpin);
    }
}
