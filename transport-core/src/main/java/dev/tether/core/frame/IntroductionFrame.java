package dev.tether.core.frame;

import dev.tether.core.PeerIdentity;
import dev.tether.core.wire.SocketAddressCodec;

/**
 * The frames by which a gateway brings two peers together that are both connected to it: the requester asks with
 * {@link Introduce}, the gateway asks the target with {@link Introduction}, which answers with {@link Answer}, and the requester
 * learns the outcome by {@link Introduced}. Each is idempotent by its id, and sent again when it was lost. Immutable.
 * docs/PROTOCOL.md, sections 8.13 to 8.16 and 12.1.
 */
public sealed interface IntroductionFrame {

    /** The size of the longest one, in bytes: type, id, key, offer of 8 IPv6 addresses. It fits each packet. */
    int MAX_SIZE = 2
            + Long.BYTES
            + PeerIdentity.LENGTH
            + PunchNonce.LENGTH
            + 1
            + 1
            + PunchOffer.MAX_CANDIDATES * (1 + SocketAddressCodec.MAX_LENGTH);

    /** What the sender of the frame, or the one that it speaks for, offers. */
    PunchOffer offer();

    /**
     * Requester to gateway: introduce me.
     *
     * @param requestId the requester's, 0 to 2^62 - 1; another one in each request of a connection
     * @param target who is to be reached
     */
    record Introduce(long requestId, PeerIdentity target, PunchOffer offer) implements IntroductionFrame {}

    /**
     * Gateway to target: somebody wants to reach you.
     *
     * @param introductionId the gateway's, 0 to 2^62 - 1
     * @param requester who wants that
     */
    record Introduction(long introductionId, PeerIdentity requester, PunchOffer offer) implements IntroductionFrame {}

    /**
     * Target to gateway: the answer to an {@link Introduction}.
     *
     * @param accepted whether the target starts to punch
     * @param offer {@link PunchOffer#NONE} unless accepted
     */
    record Answer(long introductionId, boolean accepted, PunchOffer offer) implements IntroductionFrame {

        /** The target does not want to be reached. */
        public static Answer refusal(long introductionId) {
            return new Answer(introductionId, false, PunchOffer.NONE);
        }
    }

    /**
     * Gateway to requester: the answer to an {@link Introduce}.
     *
     * @param offer the target's if {@link IntroductionStatus#ACCEPTED}, else {@link PunchOffer#NONE}
     */
    record Introduced(long requestId, IntroductionStatus status, PunchOffer offer) implements IntroductionFrame {

        /** The requester is not introduced. */
        public static Introduced refusal(long requestId, IntroductionStatus status) {
            return new Introduced(requestId, status, PunchOffer.NONE);
        }
    }
}
