package dev.tether.reactor;

import dev.tether.core.PeerIdentity;
import dev.tether.core.frame.IntroductionFrame.Answer;
import dev.tether.core.frame.IntroductionFrame.Introduction;
import dev.tether.core.frame.PunchNonce;
import dev.tether.core.frame.PunchOffer;
import dev.tether.core.path.PunchSession;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this node answers gateways that introduce somebody to it: only those of its own may, and it consents if the application does and
 * not too many are being reached at once. On the event loop.
 */
final class Invitations {

    private static final Logger log = LoggerFactory.getLogger(Invitations.class);

    /** How many peers may be met at a time; each costs a few datagrams a second and some memory for ten seconds. */
    private static final int MAX = 256;

    private static final long LIFETIME_NS = PunchSession.TIMEOUT_NS + PunchSession.LINGER_NS;

    /** Somebody who is being met. */
    private record Invitation(PunchNonce requestersNonce, PunchOffer ownOffer, PunchSession session, long endNs) {}

    private final Rendezvous rendezvous;
    private final ReactorNode node;
    private final Predicate<? super PeerIdentity> consent;
    private final LogLimit failureLines = new LogLimit();
    private final Map<PeerIdentity, Invitation> byRequester = new HashMap<>(4);

    Invitations(Rendezvous rendezvous, ReactorNode node, Predicate<? super PeerIdentity> consent) {
        this.rendezvous = rendezvous;
        this.node = node;
        this.consent = consent;
    }

    /** The answer; the punching has begun if it is an acceptance. */
    Answer answer(PeerIdentity gateway, Introduction introduction) {
        PeerIdentity requester = introduction.requester();
        long nowNs = node.nowNs();
        byRequester.values().removeIf(invitation -> invitation.endNs <= nowNs);
        if (rendezvous.gateways().get(gateway) == null || node.refusal() != null || requester.equals(node.identity())) {
            return Answer.refusal(introduction.introductionId());
        }
        Invitation known = byRequester.get(requester);
        // The same attempt may come by several gateways, and by each more than once.
        if (known != null && known.requestersNonce.equals(introduction.offer().nonce())) {
            return new Answer(introduction.introductionId(), true, known.ownOffer);
        }
        if (known == null && byRequester.size() >= MAX || !consents(requester, nowNs)) {
            return Answer.refusal(introduction.introductionId());
        }
        if (known != null) {
            rendezvous.sessions().stop(known.session);
        }
        PunchOffer own = rendezvous.gateways().offer();
        PunchSession session = PunchSession.ofTarget(
                node.identity(), own, requester, introduction.offer(), rendezvous.random(), nowNs);
        byRequester.put(requester, new Invitation(introduction.offer().nonce(), own, session, nowNs + LIFETIME_NS));
        rendezvous.sessions().start(session, result -> log.debug("Introduced to {}: {}", requester, result));
        return new Answer(introduction.introductionId(), true, own);
    }

    private boolean consents(PeerIdentity requester, long nowNs) {
        try {
            return consent.test(requester);
        } catch (RuntimeException failure) {
            if (failureLines.add(1, nowNs) > 0) {
                log.warn("{} is refused an introduction, as the consent has thrown an exception", requester, failure);
            }
            return false;
        }
    }
}
