package dev.tether.reactor;

import dev.tether.core.ConnectionState;
import dev.tether.core.PeerIdentity;
import dev.tether.core.RandomSource;
import dev.tether.core.connection.Connection;
import dev.tether.core.endpoint.Endpoint;
import dev.tether.core.endpoint.IntroductionBroker;
import dev.tether.core.error.TransportException;
import dev.tether.core.frame.IntroductionFrame;
import dev.tether.core.frame.IntroductionFrame.Answer;
import dev.tether.core.frame.IntroductionFrame.Introduce;
import dev.tether.core.frame.IntroductionFrame.Introduced;
import dev.tether.core.frame.IntroductionFrame.Introduction;
import dev.tether.core.frame.IntroductionStatus;
import dev.tether.reactor.socket.DatagramSocket;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/**
 * A node's part in introductions, whichever it has: the peer that looks for another one, the one that is looked for, and the gateway
 * between them. docs/PROTOCOL.md, section 12.1. On the event loop.
 */
final class Rendezvous {

    /** How long a gateway's sign of life is waited for before a lost peer is looked for. */
    private static final long REFRESH_NS = TimeUnit.SECONDS.toNanos(1);

    /** How soon a peer is looked for again that was lost and not found. */
    private static final long AGAIN_NS = TimeUnit.SECONDS.toNanos(5);

    /** How much earlier an attempt at a known address begins than the search. RFC 8305 §8. */
    private static final long HEAD_START_NS = TimeUnit.MILLISECONDS.toNanos(250);

    private final ReactorNode node;
    private final RandomSource random;
    private final Endpoint endpoint;
    private final PendingConnects pending;
    private final @Nullable GatewayService service;
    private final OwnGateways gateways;
    private final Invitations invitations;
    private final PunchSessions sessions;
    private final Map<PeerIdentity, PeerSearch> searches = new HashMap<>(2);
    private final Map<PeerIdentity, Disposable> planned = new HashMap<>(2);
    private long lastRequestId;

    Rendezvous(
            ReactorNode node,
            Endpoint endpoint,
            PendingConnects pending,
            DatagramSocket socket,
            RandomSource random,
            RendezvousConfig config) {
        this.node = node;
        this.random = random;
        this.endpoint = endpoint;
        this.pending = pending;
        this.service = config.gateway()
                ? new GatewayService(node, endpoint, new IntroductionBroker(node.identity(), random, node.nowNs()))
                : null;
        this.gateways = new OwnGateways(node, config.gateways(), random, this::onGatewaysChanged);
        this.invitations = new Invitations(this, node, config.consent());
        this.sessions = new PunchSessions(node, socket);
    }

    void start() {
        gateways.start();
    }

    void stop() {
        planned.values().forEach(Disposable::dispose);
        planned.clear();
        List.copyOf(searches.values()).forEach(PeerSearch::stop);
        searches.clear();
        sessions.stopAll();
        if (service != null) {
            service.stop();
        }
        gateways.complete();
    }

    // For its parts

    OwnGateways gateways() {
        return gateways;
    }

    PunchSessions sessions() {
        return sessions;
    }

    RandomSource random() {
        return random;
    }

    long nextRequestId() {
        return ++lastRequestId;
    }

    // For the node

    long introductionRequests() {
        return service == null ? 0 : service.counters().requests;
    }

    long introductions() {
        return service == null ? 0 : service.counters().accepted;
    }

    /** Where a peer is that is one of the node's gateways; null for others. */
    OwnGateways.@Nullable Gateway gateway(PeerIdentity identity) {
        return gateways.get(identity);
    }

    /**
     * Looks for a peer, unless it is being looked for. The outcome is told to the waiting callers.
     *
     * @param later whether it is being dialed where it was said to be, so that it may not be needed
     */
    void find(PeerIdentity target, boolean later) {
        if (!later) {
            start(target);
        } else if (!gateways.isEmpty()) {
            plan(target, HEAD_START_NS, () -> start(target));
        }
    }

    /**
     * Nothing has been heard of a connected peer for a while. If it has another address now, or this node has, the NAT of one may not let
     * in the other, so that neither finds out by itself: both have to be introduced again. Before that, a gateway has to see where this
     * node is now, which it does when it answers.
     */
    void onUnresponsive(PeerIdentity peer) {
        if (gateways.isEmpty() || gateways.get(peer) != null) {
            return;
        }
        plan(peer, REFRESH_NS, () -> start(peer));
        for (OwnGateways.Gateway gateway : gateways.all()) {
            PeerConnection connection = gateway.connection();
            if (connection != null) {
                connection.ping().subscribe(roundTrip -> startPlanned(peer), failure -> {});
            }
        }
    }

    private void startPlanned(PeerIdentity peer) {
        if (planned.containsKey(peer)) {
            start(peer);
        }
    }

    private void findLost(PeerIdentity peer) {
        Connection connection = endpoint.establishedWith(peer);
        if (connection != null && connection.state() instanceof ConnectionState.Unresponsive) {
            start(peer);
        }
    }

    /** Whether a peer is being looked for, or will be. */
    boolean isLookingFor(PeerIdentity target) {
        return searches.containsKey(target) || planned.containsKey(target);
    }

    /** Nobody wants to know any more where a peer is. */
    void forget(PeerIdentity target) {
        cancelPlan(target);
        PeerSearch search = searches.remove(target);
        if (search != null) {
            search.stop();
        }
    }

    /** Takes in what a peer has sent of introductions. */
    void onFrames(ConnectionDriver driver) {
        Connection connection = driver.connection();
        for (IntroductionFrame frame = connection.introductions().poll();
                frame != null;
                frame = connection.introductions().poll()) {
            onFrame(driver, connection, frame);
        }
    }

    private void onFrame(ConnectionDriver driver, Connection connection, IntroductionFrame frame) {
        if (frame instanceof Introduce introduce) {
            if (service == null) {
                offer(driver, Introduced.refusal(introduce.requestId(), IntroductionStatus.NOT_A_GATEWAY));
            } else {
                service.onIntroduce(connection, introduce);
            }
        } else if (frame instanceof Answer answer) {
            if (service != null) {
                service.onAnswer(connection, answer);
            }
        } else if (frame instanceof Introduction introduction) {
            offer(driver, invitations.answer(connection.remoteIdentity(), introduction));
        } else if (frame instanceof Introduced introduced) {
            for (PeerSearch search : List.copyOf(searches.values())) {
                search.onIntroduced(driver.peer(), introduced);
            }
        }
    }

    private static void offer(ConnectionDriver driver, IntroductionFrame frame) {
        driver.connection().introductions().offer(frame);
        driver.markDirty();
    }

    void onOwnAddress(PeerIdentity observer) {
        gateways.onOwnAddress(observer);
    }

    void onConnectionEnded(PeerIdentity identity) {
        if (service != null) {
            service.onConnectionEnded(identity);
        }
    }

    // From its parts

    void onFound(PeerIdentity target, InetSocketAddress address) {
        searches.remove(target);
        pending.onFound(target, address);
        planAgain(target);
    }

    void onNotFound(PeerIdentity target, TransportException failure) {
        searches.remove(target);
        pending.onNotFound(target, failure);
        planAgain(target);
    }

    /** A connected peer that is not heard by then is looked for once more. */
    private void planAgain(PeerIdentity target) {
        if (endpoint.establishedWith(target) != null) {
            plan(target, AGAIN_NS, () -> findLost(target));
        }
    }

    private void onGatewaysChanged() {
        List.copyOf(searches.values()).forEach(PeerSearch::advance);
    }

    private void plan(PeerIdentity target, long delayNs, Runnable task) {
        if (!isLookingFor(target)) {
            planned.put(target, node.runAfter(delayNs, () -> {
                planned.remove(target);
                task.run();
            }));
        }
    }

    private void start(PeerIdentity target) {
        cancelPlan(target);
        if (searches.containsKey(target)) {
            return;
        }
        PeerSearch search = new PeerSearch(
                this, node, target, node.settings().handshakeTimeout().toNanos());
        searches.put(target, search);
        search.advance();
    }

    private void cancelPlan(PeerIdentity target) {
        Disposable plan = planned.remove(target);
        if (plan != null) {
            plan.dispose();
        }
    }
}
