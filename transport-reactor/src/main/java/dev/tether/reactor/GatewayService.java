package dev.tether.reactor;

import dev.tether.core.PeerIdentity;
import dev.tether.core.connection.Connection;
import dev.tether.core.endpoint.Endpoint;
import dev.tether.core.endpoint.IntroductionBroker;
import dev.tether.core.endpoint.IntroductionCounters;
import dev.tether.core.endpoint.IntroductionTransmit;
import dev.tether.core.frame.IntroductionFrame.Answer;
import dev.tether.core.frame.IntroductionFrame.Introduce;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/** A node that is a gateway: introduces its peers to each other. On the event loop. */
final class GatewayService {

    private final ReactorNode node;
    private final Endpoint endpoint;
    private final IntroductionBroker broker;
    private @Nullable Disposable timer;
    private long timerNs = Long.MAX_VALUE;

    GatewayService(ReactorNode node, Endpoint endpoint, IntroductionBroker broker) {
        this.node = node;
        this.endpoint = endpoint;
        this.broker = broker;
    }

    IntroductionCounters counters() {
        return broker.counters();
    }

    void onIntroduce(Connection requester, Introduce frame) {
        Connection target = endpoint.establishedWith(frame.target());
        broker.handleIntroduce(
                requester.remoteIdentity(),
                frame,
                requester.remoteAddress(),
                target == null ? null : target.remoteAddress(),
                node.nowNs());
        drain();
    }

    void onAnswer(Connection target, Answer frame) {
        broker.handleAnswer(target.remoteIdentity(), frame, target.remoteAddress(), node.nowNs());
        drain();
    }

    void onConnectionEnded(PeerIdentity identity) {
        broker.handlePeerGone(identity);
        drain();
    }

    void stop() {
        if (timer != null) {
            timer.dispose();
        }
        timerNs = Long.MIN_VALUE;
    }

    private void drain() {
        for (IntroductionTransmit next = broker.pollTransmit(); next != null; next = broker.pollTransmit()) {
            Connection connection = endpoint.establishedWith(next.to());
            // Where one takes no more, whoever waits for it is told that there was no answer.
            if (connection != null && connection.introductions().offer(next.frame())) {
                node.markDirty(connection);
            }
        }
        long nextNs = broker.nextTimeoutNs();
        if (nextNs < timerNs) {
            if (timer != null) {
                timer.dispose();
            }
            timerNs = nextNs;
            timer = node.runAfter(nextNs - node.nowNs(), this::onTimer);
        }
    }

    private void onTimer() {
        timer = null;
        timerNs = Long.MAX_VALUE;
        broker.handleTimeout(node.nowNs());
        drain();
    }
}
