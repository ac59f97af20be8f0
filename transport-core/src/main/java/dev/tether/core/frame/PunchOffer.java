package dev.tether.core.frame;

import dev.tether.core.NatBehaviour;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * What a peer contributes to an attempt to reach it: where that may succeed. Immutable.
 *
 * @param nonce the peer's part of the punch key
 * @param natBehaviour what it believes to be behind
 * @param candidates the addresses at which it may be reached, resolved, at most {@value #MAX_CANDIDATES}
 */
public record PunchOffer(PunchNonce nonce, NatBehaviour natBehaviour, List<InetSocketAddress> candidates) {

    /** How many candidates an offer has at the most. docs/PROTOCOL.md, section 8.13. */
    public static final int MAX_CANDIDATES = 8;

    /** The offer in an answer that brings nobody together. */
    public static final PunchOffer NONE = new PunchOffer(PunchNonce.ZERO, NatBehaviour.UNKNOWN, List.of());

    /** @throws IllegalArgumentException if there are too many candidates, or one is not resolved */
    public PunchOffer {
        candidates = List.copyOf(candidates);
        if (candidates.size() > MAX_CANDIDATES) {
            throw new IllegalArgumentException(candidates.size() + " candidates, at most " + MAX_CANDIDATES
                    + " fit: leave out those that are least likely to be reached");
        }
        for (InetSocketAddress candidate : candidates) {
            if (candidate.isUnresolved()) {
                throw new IllegalArgumentException(
                        "the candidate " + candidate + " is a name: resolve it, only addresses can be told");
            }
        }
    }

    /** The same with other candidates. */
    public PunchOffer withCandidates(List<InetSocketAddress> others) {
        return new PunchOffer(nonce, natBehaviour, others);
    }
}
