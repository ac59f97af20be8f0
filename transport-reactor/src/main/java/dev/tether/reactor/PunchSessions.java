package dev.tether.reactor;

import dev.tether.core.path.PunchResult;
import dev.tether.core.path.PunchSession;
import dev.tether.core.path.PunchTransmit;
import dev.tether.core.wire.PunchDatagram;
import dev.tether.reactor.socket.DatagramSocket;
import io.netty.util.collection.IntObjectHashMap;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/** The attempts to reach introduced peers that run, and those that still have to answer. On the event loop. */
final class PunchSessions {

    private final ReactorNode node;
    private final DatagramSocket socket;
    private final IntObjectHashMap<Running> byTag = new IntObjectHashMap<>(4);

    PunchSessions(ReactorNode node, DatagramSocket socket) {
        this.node = node;
        this.socket = socket;
    }

    /** Whether a datagram that claims this tag may be for one of these. */
    boolean isKnown(int tag) {
        return byTag.containsKey(tag);
    }

    /** Runs a session until it need not answer any more. {@code onResult} is called once, in a task of its own, unless it is stopped. */
    void start(PunchSession session, Consumer<? super PunchResult> onResult) {
        Running running = new Running(session, onResult);
        Running former = byTag.put(session.tag(), running);
        if (former != null) {
            former.cancelTimer();
        }
        running.advance();
    }

    /** Ends a session at once; without effect if it has ended. */
    void stop(PunchSession session) {
        Running running = byTag.get(session.tag());
        if (running != null && running.session == session) {
            byTag.remove(session.tag());
            running.cancelTimer();
        }
    }

    void stopAll() {
        for (Running running : List.copyOf(byTag.values())) {
            stop(running.session);
        }
    }

    /** Takes in a datagram of type PUNCH; returns false if it is for none of these. */
    boolean handle(byte[] datagram, int offset, int length, InetSocketAddress from) {
        Running running = PunchDatagram.isWellFormed(datagram, offset, length)
                ? byTag.get(PunchDatagram.tag(datagram, offset))
                : null;
        if (running == null) {
            return false;
        }
        running.session.handleDatagram(datagram, offset, length, from, node.nowNs());
        running.advance();
        return true;
    }

    private final class Running {

        private final PunchSession session;
        private final Consumer<? super PunchResult> onResult;
        private @Nullable Disposable timer;
        private long endNs = Long.MAX_VALUE;

        Running(PunchSession session, Consumer<? super PunchResult> onResult) {
            this.session = session;
            this.onResult = onResult;
        }

        private void advance() {
            long nowNs = node.nowNs();
            for (PunchTransmit punch = session.pollTransmit(nowNs);
                    punch != null;
                    punch = session.pollTransmit(nowNs)) {
                byte[] datagram = punch.datagram();
                // What a full queue does not take is one more loss.
                socket.send(punch.to(), datagram, 0, datagram.length, datagram.length);
            }
            PunchResult result = session.result();
            if (result != null && endNs == Long.MAX_VALUE) {
                endNs = nowNs + PunchSession.LINGER_NS;
                node.runAfter(0, () -> onResult.accept(result));
            }
            cancelTimer();
            long nextNs = Math.min(endNs, session.nextTimeoutNs());
            timer = node.runAfter(nextNs - nowNs, this::onTimer);
        }

        private void onTimer() {
            timer = null;
            long nowNs = node.nowNs();
            if (nowNs >= endNs) {
                stop(session);
                return;
            }
            session.handleTimeout(nowNs);
            advance();
        }

        private void cancelTimer() {
            if (timer != null) {
                timer.dispose();
                timer = null;
            }
        }
    }
}
