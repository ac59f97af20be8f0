package dev.tether.reactor;

import dev.tether.core.PeerIdentity;
import dev.tether.core.endpoint.IntroductionBroker;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.error.ConnectionEstablishmentException.Reason;
import dev.tether.core.error.PeerContext;
import dev.tether.core.error.TransportException;
import dev.tether.core.frame.IntroductionFrame.Introduce;
import dev.tether.core.frame.IntroductionFrame.Introduced;
import dev.tether.core.frame.IntroductionStatus;
import dev.tether.core.frame.PunchOffer;
import dev.tether.core.frame.TransportErrorCode;
import dev.tether.core.path.PunchResult;
import dev.tether.core.path.PunchSession;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/**
 * The way to a peer that was introduced, or is to be: two gateways are asked, and the next one when they have refused or take their
 * time; then both peers punch. On the event loop.
 */
final class PeerSearch {

    /** How long the answer of one gateway is waited for before the next one is asked as well. */
    private static final long PATIENCE_NS = TimeUnit.MILLISECONDS.toNanos(500);

    /** How long gateways that are not connected are waited for when those that are do not know the peer. */
    private static final long GRACE_NS = TimeUnit.SECONDS.toNanos(2);

    /** How long a gateway that has had too many requests is left alone. */
    private static final long RATE_PAUSE_NS = TimeUnit.SECONDS.toNanos(1);

    /** How long to wait when this node itself has asked a gateway as often as it may. */
    private static final long OWN_RATE_PAUSE_NS = TimeUnit.SECONDS.toNanos(1) / IntroductionBroker.REQUESTS_PER_SECOND;

    /** One request. What has become of it, or null. */
    private static final class Request {

        private final ReactivePeerConnection connection;
        private final long id;
        private @Nullable IntroductionStatus status;
        private long againNs = Long.MAX_VALUE;

        Request(ReactivePeerConnection connection, long id) {
            this.connection = connection;
            this.id = id;
        }
    }

    private final Rendezvous rendezvous;
    private final ReactorNode node;
    private final PeerIdentity target;
    private final long startNs;
    private final long deadlineNs;
    private final Map<OwnGateways.Gateway, Request> requests = new LinkedHashMap<>(2);

    /** Drawn with the first request: until then, no gateway may have told where it sees this node. */
    private @Nullable PunchOffer ownOffer;

    private long lastRequestNs = Long.MIN_VALUE / 2;
    private @Nullable PunchSession session;
    private @Nullable Disposable timer;

    /** Whether some gateway was asked too often, or was not asked lest it be. */
    private boolean limited;

    /** When a gateway may be asked that was not asked lest it be asked too often. */
    private long throttledUntilNs = Long.MIN_VALUE;

    private boolean over;

    PeerSearch(Rendezvous rendezvous, ReactorNode node, PeerIdentity target, long limitNs) {
        this.rendezvous = rendezvous;
        this.node = node;
        this.target = target;
        this.startNs = node.nowNs();
        this.deadlineNs = startNs + limitNs;
    }

    /** Asks whom there is to ask, or ends. Called whenever something has changed that may matter. */
    void advance() {
        if (over || session != null) {
            return;
        }
        long nowNs = node.nowNs();
        forgetLostRequests();
        boolean waiting = requests.values().stream().anyMatch(request -> request.status == null);
        if (requests.isEmpty()) {
            // Two at once, as one that has just died looks like the others.
            waiting = askNext(nowNs);
            waiting |= askNext(nowNs);
        } else if (!waiting || nowNs >= lastRequestNs + PATIENCE_NS) {
            waiting |= askNext(nowNs);
        }
        long untilNs = waiting ? deadlineNs : Math.min(deadlineNs, patienceEndsNs());
        if (nowNs >= untilNs) {
            fail(failure());
            return;
        }
        long nextNs = untilNs;
        if (lastRequestNs + PATIENCE_NS > nowNs) {
            nextNs = Math.min(nextNs, lastRequestNs + PATIENCE_NS);
        }
        if (throttledUntilNs > nowNs) {
            nextNs = Math.min(nextNs, throttledUntilNs);
        }
        for (Request request : requests.values()) {
            if (request.againNs > nowNs) {
                nextNs = Math.min(nextNs, request.againNs);
            }
        }
        cancelTimer();
        timer = node.runAfter(nextNs - nowNs, this::advance);
    }

    /** A gateway has answered. */
    void onIntroduced(ReactivePeerConnection connection, Introduced answer) {
        for (Request request : requests.values()) {
            if (request.connection == connection && request.id == answer.requestId() && request.status == null) {
                request.status = answer.status();
                onAnswer(request, answer);
                return;
            }
        }
    }

    void stop() {
        over = true;
        cancelTimer();
        if (session != null) {
            rendezvous.sessions().stop(session);
        }
    }

    private void onAnswer(Request request, Introduced answer) {
        if (over || session != null) {
            return;
        }
        switch (answer.status()) {
            case ACCEPTED -> punch(answer.offer());
            case RATE_LIMITED -> {
                limited = true;
                request.againNs = node.nowNs() + RATE_PAUSE_NS;
                advance();
            }
            default -> advance();
        }
    }

    private void punch(PunchOffer targetsOffer) {
        cancelTimer();
        PunchSession punching = PunchSession.ofRequester(
                node.identity(), ownOffer(), target, targetsOffer, rendezvous.random(), node.nowNs());
        session = punching;
        rendezvous.sessions().start(punching, this::onResult);
    }

    private void onResult(PunchResult result) {
        if (over) {
            return;
        }
        if (result instanceof PunchResult.Reached reached) {
            over = true;
            rendezvous.onFound(target, reached.address());
        } else if (result instanceof PunchResult.NotReached failed) {
            // More may have been seen of this node since it made its offer.
            PunchResult.NotReached known = new PunchResult.NotReached(
                    rendezvous.gateways().natBehaviour(), failed.peers(), failed.probedAddresses(), failed.heard());
            fail(ConnectionEstablishmentException.noDirectPath(
                    known.own(), known.peers(), known.explanation(), context()));
        }
    }

    private void fail(TransportException failure) {
        over = true;
        cancelTimer();
        rendezvous.onNotFound(target, failure);
    }

    /** A request on a connection that is gone will not be answered, and its gateway may be asked again. */
    private void forgetLostRequests() {
        requests.entrySet()
                .removeIf(entry ->
                        entry.getValue().status == null && entry.getKey().connection() != entry.getValue().connection);
    }

    private boolean askNext(long nowNs) {
        for (OwnGateways.Gateway gateway : rendezvous.gateways().all()) {
            ReactivePeerConnection connection = gateway.connection();
            Request former = requests.get(gateway);
            boolean mayBeAsked = former == null || former.connection != connection || former.againNs <= nowNs;
            if (connection == null || !mayBeAsked) {
                continue;
            }
            long id = rendezvous.nextRequestId();
            if (gateway.tryRequest(nowNs) && connection.offerIntroduction(new Introduce(id, target, ownOffer()))) {
                requests.put(gateway, new Request(connection, id));
                lastRequestNs = nowNs;
                return true;
            }
            limited = true;
            throttledUntilNs = nowNs + OWN_RATE_PAUSE_NS;
        }
        return false;
    }

    private PunchOffer ownOffer() {
        PunchOffer offer = ownOffer;
        if (offer == null) {
            offer = rendezvous.gateways().offer();
            ownOffer = offer;
        }
        return offer;
    }

    /** Until when to wait for gateways that are not connected, or may be asked again, when nobody is being asked. */
    private long patienceEndsNs() {
        if (has(IntroductionStatus.REFUSED)) {
            return startNs;
        }
        boolean later = requests.values().stream().anyMatch(request -> request.againNs != Long.MAX_VALUE);
        if (later || requests.isEmpty() || throttledUntilNs > node.nowNs()) {
            return deadlineNs;
        }
        boolean allAnswered = rendezvous.gateways().all().stream().allMatch(requests::containsKey);
        return allAnswered ? startNs : startNs + GRACE_NS;
    }

    /** Of several answers, the one that says most counts. */
    private TransportException failure() {
        if (has(IntroductionStatus.REFUSED)) {
            return new ConnectionEstablishmentException(
                    Reason.REFUSED,
                    TransportErrorCode.CONNECTION_REFUSED,
                    "the peer does not want to be introduced to this node",
                    context());
        }
        if (has(IntroductionStatus.NO_ANSWER)) {
            return failure(Reason.TIMED_OUT, "the peer has not answered its gateway", null);
        }
        if (has(IntroductionStatus.UNKNOWN_PEER)) {
            return failure(
                    Reason.UNKNOWN_PEER,
                    "no gateway that answered is connected with the peer: it is offline, or has other gateways",
                    null);
        }
        if (limited) {
            return failure(
                    Reason.OVERLOADED,
                    "the gateways have too many requests by this node or for this peer: look for fewer peers at a time",
                    null);
        }
        if (rendezvous.gateways().isEmpty()) {
            return failure(
                    Reason.NO_GATEWAY,
                    "only the peer's key is known, and this node has no gateways: add '@host:port' to the address, or give"
                            + " the node a gateway that the peer has, too",
                    null);
        }
        if (has(IntroductionStatus.NOT_A_GATEWAY)) {
            return failure(
                    Reason.NO_GATEWAY,
                    "the nodes that were given as gateways introduce nobody: see gateway(true)",
                    null);
        }
        Throwable cause = rendezvous.gateways().all().stream()
                .map(OwnGateways.Gateway::failure)
                .filter(failure -> failure != null)
                .findFirst()
                .orElse(null);
        return failure(Reason.NO_GATEWAY, "no gateway has answered", cause);
    }

    private boolean has(IntroductionStatus status) {
        return requests.values().stream().anyMatch(request -> request.status == status);
    }

    private TransportException failure(Reason reason, String message, @Nullable Throwable cause) {
        return new ConnectionEstablishmentException(reason, 0, message, context(), cause);
    }

    private PeerContext context() {
        return new PeerContext(target, null, null);
    }

    private void cancelTimer() {
        if (timer != null) {
            timer.dispose();
            timer = null;
        }
    }
}
