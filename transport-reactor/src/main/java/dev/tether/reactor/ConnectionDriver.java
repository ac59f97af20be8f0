package dev.tether.reactor;

import dev.tether.core.ConnectionState;
import dev.tether.core.connection.Connection;
import dev.tether.core.connection.ConnectionEnd;
import dev.tether.core.connection.ConnectionEvent;
import dev.tether.core.connection.Transmit;
import dev.tether.core.error.InternalErrorException;
import dev.tether.reactor.socket.DatagramSocket;
import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Sinks;

/**
 * Drives the engine of one connection on its event loop: feeds it the datagrams of its sink, passes its events on, sends
 * what it produces, and keeps its one timer. Everything here runs on that loop.
 */
final class ConnectionDriver {

    /** How many elements of the sink are handled in one pass, so that one busy peer does not starve the others. */
    private static final int DATAGRAMS_PER_PASS = 64;

    /**
     * How soon a timer may fire while the socket takes nothing. It serves the end by the idle timeout, and nothing that is
     * to be sent: the socket says when it takes that.
     */
    private static final long BLOCKED_DELAY_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ReactorNode node;
    private final DatagramSocket socket;
    private final Connection connection;
    private final Sinks.Many<DatagramPacket> inbound;
    private final InboundSubscriber inboundSubscriber = new InboundSubscriber();
    private final ReactivePeerConnection peer;
    private InetSocketAddress address;
    private @Nullable Disposable timer;
    private long timerNs = Long.MAX_VALUE;
    private boolean dirty;
    private boolean blocked;
    private boolean announced;
    private boolean handedOut;
    private boolean ended;
    private long inboundDropped;

    ConnectionDriver(ReactorNode node, DatagramSocket socket, Connection connection) {
        this.node = node;
        this.socket = socket;
        this.connection = connection;
        this.address = connection.remoteAddress();
        this.inbound = Sinks.many()
                .unicast()
                .onBackpressureBuffer(new ArrayBlockingQueue<>(node.settings().inboundQueue()));
        this.peer = new ReactivePeerConnection(this, node, connection);
        inbound.asFlux()
                .doOnDiscard(DatagramPacket.class, ReferenceCountUtil::release)
                .subscribe(inboundSubscriber);
    }

    Connection connection() {
        return connection;
    }

    ReactivePeerConnection peer() {
        return peer;
    }

    boolean isEstablished() {
        return connection.state() instanceof ConnectionState.Established;
    }

    /** Whether the application knows of the connection: it is established, and was published. */
    boolean isAnnounced() {
        return announced;
    }

    long inboundDropped() {
        return inboundDropped;
    }

    /**
     * Hands a datagram, or a run of them, to this connection; takes it over. The result of the emission is the health
     * check of the connection.
     */
    void offer(DatagramPacket packet) {
        Sinks.EmitResult result = inbound.tryEmitNext(packet);
        switch (result) {
            case OK -> markDirty();
            case FAIL_OVERFLOW, FAIL_ZERO_SUBSCRIBER -> {
                // The connection stays: loss recovery repairs what a full buffer drops.
                int datagrams = DatagramRouter.datagramCount(packet);
                packet.release();
                inboundDropped += datagrams;
                node.incidents()
                        .onInboundDropped(datagrams, peer, node.settings().inboundQueue(), node.nowNs());
            }
            case FAIL_CANCELLED, FAIL_TERMINATED -> {
                packet.release();
                connection.fail(new InternalErrorException(
                        false, "its inbound queue is gone: " + result, connection.context(), null));
                markDirty();
            }
            case FAIL_NON_SERIALIZED -> {
                packet.release();
                throw new AssertionError("datagrams of one socket are emitted by one event loop");
            }
        }
    }

    /** Has this connection drained in the pass that runs, or in the next one. */
    void markDirty() {
        if (!dirty) {
            dirty = true;
            node.passes().addDirty(this);
        }
    }

    /** One pass: passes events and messages on, and sends what there is to send, until there is neither. */
    void drain(Transmit transmit, long nowNs) {
        dirty = false;
        try {
            drainAll(transmit, nowNs);
        } catch (Throwable thrown) {
            onThrown(thrown);
        }
    }

    /** Signals a subscriber of the application; if that throws, what comes after it goes on. */
    void signal(Runnable signal) {
        try {
            signal.run();
        } catch (Throwable thrown) {
            onThrown(thrown);
        }
    }

    /**
     * A mistake in the engine or in the application's subscribers ends this connection, and no other: the peer is told, and
     * if the mistake goes on, it ends without that.
     *
     * @return what it ends with, unless it has ended with something else before
     */
    InternalErrorException onThrown(Throwable thrown) {
        node.incidents().onInternalError(thrown, peer, node.nowNs());
        InternalErrorException failure =
                new InternalErrorException(false, "an unexpected error: " + thrown, connection.context(), thrown);
        if (connection.end() == null) {
            connection.closeForInternalError(failure, node.nowNs());
        } else {
            connection.fail(failure);
        }
        markDirty();
        return failure;
    }

    private void drainAll(Transmit transmit, long nowNs) {
        if (ended) {
            peer.inbox().drainIfDue(nowNs);
            peer.peerStreams().drainIfDue(nowNs);
            peer.datagramInbox().drainRest(nowNs);
            return;
        }
        inboundSubscriber.replenish();
        ConnectionEvent event = connection.pollEvent();
        do {
            for (; event != null; event = connection.pollEvent()) {
                handle(event);
            }
            peer.inbox().drainIfDue(nowNs);
            peer.datagramInbox().drainIfDue(nowNs);
            peer.outbox().drainIfDue();
            peer.peerStreams().drainIfDue(nowNs);
            peer.datagramOutbox().drainIfDue();
            transmit(transmit, nowNs);
            event = connection.pollEvent();
        } while (event != null || peer.isDue());
        armTimer(nowNs);
        node.listener().onDrained(connection);
    }

    private void handle(ConnectionEvent event) {
        switch (event) {
            case STATE_CHANGED -> {
                forgetFormerAddress();
                peer.publishStates();
                peer.outbox().onWritable();
                announce();
            }
            case STREAMS -> peer.peerStreams().onEvents();
            case DELIVERED -> peer.publishDelivered();
            case DATAGRAMS_ARRIVED -> peer.datagramInbox().markDue();
            case DATAGRAMS_SENT -> peer.datagramOutbox().onSent();
            case OWN_ADDRESS_CHANGED -> {
                peer.publishOwnAddress();
                node.rendezvous().onOwnAddress(connection.remoteIdentity());
            }
            case INTRODUCTIONS -> node.rendezvous().onFrames(this);
            case PONG -> peer.publishPongs();
            case ENDED -> onEnded();
        }
    }

    /** The peer may have moved: then the next datagram from its new address makes a group for that. */
    private void forgetFormerAddress() {
        InetSocketAddress former = address;
        address = connection.remoteAddress();
        if (!address.equals(former)) {
            node.forgetIfUnknown(former);
        }
    }

    /** The application learns of the connection once, when it is established; who waits for it, each time that it is. */
    private void announce() {
        if (!announced && connection.wasConfirmed()) {
            announced = true;
            handedOut = node.onEstablished(this);
        } else if (isEstablished()) {
            node.onRevived(this);
        } else if (connection.state() instanceof ConnectionState.Unresponsive) {
            node.rendezvous().onUnresponsive(connection.remoteIdentity());
        }
    }

    private void transmit(Transmit transmit, long nowNs) {
        while (socket.isWritable()) {
            if (!connection.pollTransmit(transmit, nowNs)) {
                return;
            }
            socket.send(transmit.destination(), transmit.buffer(), 0, transmit.length(), transmit.segmentSize());
        }
        if (!blocked) {
            blocked = true;
            node.passes().addBlocked(this);
        }
    }

    /** This host has slept. */
    void onResumed() {
        connection.handleResume(node.nowNs());
        markDirty();
    }

    /** The socket takes datagrams again. */
    void onWritable() {
        blocked = false;
        markDirty();
    }

    private void onEnded() {
        ended = true;
        if (timer != null) {
            timer.dispose();
        }
        timerNs = Long.MAX_VALUE;
        inboundSubscriber.cancel();
        ConnectionEnd end = connection.end();
        if (end == null) {
            throw new AssertionError("a connection has ended without an end");
        }
        node.listener().onEnd(connection, end);
        signal(() -> node.onConnectionEnded(this, end));
        peer.end(end);
        if (!handedOut) {
            peer.inbox().discard();
            connection.release();
        }
    }

    /** Keeps one timer; an earlier one than needed is left as it is, and set anew when it fires. */
    private void armTimer(long nowNs) {
        long nextNs = ended ? Long.MAX_VALUE : connection.nextTimeoutNs();
        if (nextNs >= timerNs) {
            return;
        }
        if (timer != null) {
            timer.dispose();
        }
        timerNs = nextNs;
        // What is due already and cannot be sent waits for the socket, not for a timer that fires at once.
        long leastDelayNs = socket.isWritable() ? 0 : BLOCKED_DELAY_NS;
        timer = socket.scheduler()
                .schedule(this::onTimer, Math.max(leastDelayNs, nextNs - nowNs), TimeUnit.NANOSECONDS);
    }

    private void onTimer() {
        timer = null;
        timerNs = Long.MAX_VALUE;
        try {
            connection.handleTimeout(node.nowNs());
        } catch (Throwable thrown) {
            onThrown(thrown);
        }
        markDirty();
        node.passes().run();
    }

    /** Takes the datagrams from the sink, a bounded number in each pass. */
    private final class InboundSubscriber extends BaseSubscriber<DatagramPacket> {

        private int handled;

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            subscription.request(DATAGRAMS_PER_PASS);
        }

        @Override
        protected void hookOnNext(DatagramPacket packet) {
            handled++;
            ByteBuf content = packet.content();
            byte[] scratch = node.inboundScratch();
            int length = content.readableBytes();
            int segmentSize = DatagramRouter.segmentSize(packet);
            content.getBytes(content.readerIndex(), scratch, 0, length);
            InetSocketAddress from = packet.sender();
            packet.release();
            long nowNs = node.nowNs();
            for (int offset = 0; offset < length; offset += Math.min(segmentSize, length - offset)) {
                connection.handleDatagram(scratch, offset, Math.min(segmentSize, length - offset), from, nowNs);
                if (connection.datagrams().hasNext()) {
                    node.passes().runBefore(this::deliverDatagrams);
                }
            }
            markDirty();
        }

        @Override
        protected void hookOnError(Throwable failure) {
            onThrown(failure);
        }

        /** At once, or a batch would overflow the queue of a subscriber that keeps up. */
        private void deliverDatagrams() {
            peer.datagramInbox().markDue();
            peer.datagramInbox().drainIfDue(node.nowNs());
        }

        private void replenish() {
            int again = handled;
            handled = 0;
            if (again > 0) {
                request(again);
            }
        }
    }
}
