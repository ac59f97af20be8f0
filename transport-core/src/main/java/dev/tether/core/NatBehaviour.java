package dev.tether.core;

import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What stands between a peer and the network, as far as that decides whether another peer can reach it directly: how a network
 * address translator maps the peer's address (RFC 4787 §4.1).
 */
public enum NatBehaviour {

    /** Not enough is known: nobody, or one peer behind a translator only, has told where it sees this one. */
    UNKNOWN(0),

    /** Nobody sees the peer at another address than its own. */
    NONE(1),

    /** All see the peer at the same address; whom that lets in is another matter. */
    ENDPOINT_INDEPENDENT(2),

    /** Each destination sees the peer at an address of its own, also called a symmetric NAT. */
    ENDPOINT_DEPENDENT(3);

    /**
     * One peer's word on where it sees this one.
     *
     * @param observer where that peer is; resolved
     * @param observed where it sees this one; resolved
     */
    public record Observation(InetSocketAddress observer, InetSocketAddress observed) {}

    private static final NatBehaviour[] BY_CODE = values();

    private final int code;

    NatBehaviour(int code) {
        this.code = code;
    }

    /** The number that stands for it on the wire. docs/PROTOCOL.md, section 8.13. */
    public int code() {
        return code;
    }

    /** What a number on the wire stands for; {@link #UNKNOWN} for one that a later version may have. */
    public static NatBehaviour ofCode(long code) {
        return code >= 0 && code < BY_CODE.length ? BY_CODE[(int) code] : UNKNOWN;
    }

    /**
     * Infers the behaviour from what others have observed. docs/PROTOCOL.md, section 12.1:
     *
     * <ul>
     *   <li>An observation in the other address family than {@code local} is passed over, and of several by one observer only
     *       the last one counts.
     *   <li>Those that show {@code local} itself came through no translator. If all do, there is none; if only some do, they are
     *       from within its network, and the others count. In the same way, an address of a private network was seen from
     *       between two translators, and counts only if no other was seen.
     *   <li>Two addresses show a mapping that depends on the destination.
     *   <li>One address shows one that does not, if it was seen from two hosts: two ports of one host may share a mapping
     *       that another host does not.
     * </ul>
     *
     * @param local the address of this peer's socket as its host knows it, not the wildcard address
     * @param observations in the order in which they were made
     */
    public static NatBehaviour infer(InetSocketAddress local, List<Observation> observations) {
        Map<InetSocketAddress, InetSocketAddress> latest = new LinkedHashMap<>();
        for (Observation observation : observations) {
            if (isSameFamily(local, observation.observed())) {
                latest.put(observation.observer(), observation.observed());
            }
        }
        if (latest.isEmpty()) {
            return UNKNOWN;
        }
        latest.values().removeIf(local::equals);
        if (latest.isEmpty()) {
            return NONE;
        }
        if (latest.values().stream().anyMatch(observed -> !isPrivate(observed))) {
            latest.values().removeIf(NatBehaviour::isPrivate);
        }
        if (latest.values().stream().distinct().count() > 1) {
            return ENDPOINT_DEPENDENT;
        }
        long hosts = latest.keySet().stream()
                .map(InetSocketAddress::getAddress)
                .distinct()
                .count();
        return hosts > 1 ? ENDPOINT_INDEPENDENT : UNKNOWN;
    }

    private static boolean isSameFamily(InetSocketAddress a, InetSocketAddress b) {
        return a.getAddress().getClass() == b.getAddress().getClass();
    }

    private static boolean isPrivate(InetSocketAddress observed) {
        return CandidateAddress.isPrivate(observed.getAddress());
    }
}
