package dev.tether.reactor;

import dev.tether.core.CloseReason;
import dev.tether.core.ConnectionState;
import dev.tether.core.PeerAddress;
import dev.tether.core.PeerIdentity;
import dev.tether.core.error.ConnectionClosedException;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.error.PeerContext;
import dev.tether.core.error.TransportException;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.netty.ByteBufFlux;
import reactor.util.retry.Retry;

/** A link as the application sees it, and what keeps its connection. All state is confined to the node's event loop. */
final class ReactivePeerLink implements PeerLink {

    /** An attempt does not begin sooner than this after the one before it, also if that has failed in no time. */
    private static final long MIN_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(10);

    private final ReactorNode node;
    private final PeerAddress peer;
    private final Scheduler scheduler;
    private final LinkRetry retry;
    private final CommandLimit commands;
    private final long timeoutNs;
    private final LinkOutbox outbox;
    private final LinkInbox inbox;
    private final Sinks.Many<LinkState> states = Sinks.many().replay().latest();
    private final Disposable.Swap nextDial = Disposables.swap();
    private final Disposable.Swap dialing = Disposables.swap();
    private final Disposable.Swap watching = Disposables.swap();
    private final Disposable.Swap sendTimer = Disposables.swap();
    private volatile LinkState state = new LinkState.Connecting(1);
    private final AtomicBoolean retryRequested = new AtomicBoolean();
    private @Nullable ReactivePeerConnection connection;

    /** A connection that has come to be before the end of the present one. */
    private @Nullable ReactivePeerConnection successor;

    private @Nullable Throwable lastFailure;
    private int attempt;
    private long lastDialNs;
    private volatile boolean ended;

    /** What later sends fail with, once a close or the end has begun. */
    private @Nullable Throwable refusal;

    ReactivePeerLink(ReactorNode node, PeerAddress peer, long id, Scheduler scheduler, Retry retry) {
        this.node = node;
        this.peer = peer;
        this.scheduler = scheduler;
        this.retry = new LinkRetry(retry, () -> node.execute(this::dialSoon), this::onGivenUp);
        this.commands = new CommandLimit(node);
        this.timeoutNs = node.settings().linkTimeout().toNanos();
        this.outbox = new LinkOutbox(id, node.settings().sendBuffer());
        this.inbox = new LinkInbox(node);
    }

    // For the application

    @Override
    public PeerAddress remoteAddress() {
        return peer;
    }

    @Override
    public Flux<LinkState> states() {
        return states.asFlux();
    }

    @Override
    public LinkState state() {
        return state;
    }

    @Override
    public Mono<PeerConnection> connection() {
        return states.asFlux()
                .ofType(LinkState.Connected.class)
                .filter(connected -> !ended && !(connected.state() instanceof ConnectionState.Closing))
                .map(LinkState.Connected::connection)
                .next()
                .switchIfEmpty(Mono.error(() -> new ConnectionClosedException(
                        new CloseReason(false, true, 0, "the link was closed"), peerContext())));
    }

    @Override
    public Mono<Void> send(Publisher<? extends ByteBuf> messages) {
        return new SendMono(
                messages,
                node,
                send -> commands.submit(() -> add(send), this::peerContext),
                outbox::onReady,
                SendSubscriber.MAX_DEMAND);
    }

    @Override
    public Mono<Void> sendString(Publisher<String> messages) {
        return send(ReactivePeerConnection.utf8(messages));
    }

    @Override
    public ByteBufFlux receive() {
        return ByteBufFlux.fromInbound(inbox.messages());
    }

    @Override
    public void retryNow() {
        if (retryRequested.compareAndSet(false, true)) {
            node.execute(() -> {
                retryRequested.set(false);
                dialSoon();
            });
        }
    }

    @Override
    public Mono<Void> close(long code, String reason) {
        if (code < 0 || code > PeerConnection.MAX_CLOSE_CODE) {
            return Mono.error(ReactivePeerConnection.invalidCloseCode(code));
        }
        return Mono.defer(() -> {
            node.execute(() -> closeNow(code, reason));
            return onClose().onErrorComplete();
        });
    }

    @Override
    public Mono<Void> onClose() {
        return states.asFlux().then();
    }

    @Override
    public String toString() {
        return "PeerLink{" + peer + ", " + state + '}';
    }

    // On the event loop, from the node

    PeerIdentity remoteIdentity() {
        return peer.identity();
    }

    long id() {
        return outbox.linkId();
    }

    void start() {
        dial();
    }

    void onEstablished(ReactivePeerConnection established) {
        if (ended) {
            return;
        }
        if (connection == null) {
            attach(established);
        } else if (connection != established) {
            // A peer that has started over is connected anew before the old connection fails.
            successor = established;
        }
    }

    void onDelivered(long number) {
        outbox.onDelivered(number);
    }

    /** The node closes in order: what was taken from publishers is still delivered, if there is a connection. */
    void stop() {
        if (ended || refusal != null) {
            return;
        }
        TransportException closing =
                new ConnectionClosedException(new CloseReason(false, true, 0, OrderlyClose.REASON), peerContext());
        if (connection == null) {
            refuse(closing);
            end(null);
        } else {
            refusal = closing;
            outbox.stop();
        }
    }

    /** Ends at once, with an error or, if {@code failure} is null, after a close. */
    void end(@Nullable Throwable failure) {
        if (ended) {
            return;
        }
        ended = true;
        node.links().remove(this);
        nextDial.dispose();
        dialing.dispose();
        watching.dispose();
        retry.dispose();
        sendTimer.dispose();
        if (failure != null) {
            refuse(failure);
        } else if (refusal != null) {
            outbox.failAll(refusal);
        }
        outbox.detach(node.nowNs());
        inbox.end(failure);
        if (failure == null) {
            states.tryEmitComplete().orThrow();
        } else {
            states.tryEmitError(failure).orThrow();
        }
    }

    // Connections

    /**
     * Dials if there is no connection and no attempt: in a task of its own, as whoever asks for it may be in the middle of
     * telling of the last failure.
     */
    private void dialSoon() {
        if (isWaiting()) {
            long delayNs = Math.max(0, lastDialNs + MIN_INTERVAL_NS - node.nowNs());
            nextDial.update(scheduler.schedule(this::onDialDue, delayNs, TimeUnit.NANOSECONDS));
        }
    }

    private void onDialDue() {
        if (isWaiting()) {
            dial();
        }
    }

    private boolean isWaiting() {
        return !ended && connection == null && state instanceof LinkState.Disconnected;
    }

    private void dial() {
        attempt++;
        lastDialNs = node.nowNs();
        enter(new LinkState.Connecting(attempt));
        if (ended) {
            return;
        }
        dialing.update(
                node.connect(peer).subscribe(this::onConnected, failure -> node.execute(() -> onFailed(failure))));
    }

    private void onConnected(PeerConnection established) {
        // The node has told of it already if it is new; what was there before, it has not.
        if (established instanceof ReactivePeerConnection reactive) {
            onEstablished(reactive);
        }
    }

    private void onFailed(Throwable failure) {
        if (!ended && connection == null && state instanceof LinkState.Connecting) {
            disconnected(attempt, failure);
        }
    }

    private void attach(ReactivePeerConnection established) {
        connection = established;
        attempt = 0;
        retry.reset();
        nextDial.update(Disposables.disposed());
        dialing.update(Disposables.disposed());
        sendTimer.update(Disposables.disposed());
        inbox.add(established);
        watching.update(established
                .states()
                .subscribe(
                        next -> onState(established, next),
                        failure -> onLost(established, failure),
                        () -> onLost(established, closedBy(established))));
        if (!ended && connection == established) {
            outbox.attach(established, node.nowNs());
        }
        if (ended) {
            // By a subscriber that was told meanwhile.
            outbox.detach(node.nowNs());
        }
    }

    private void onState(ReactivePeerConnection of, ConnectionState next) {
        if (!ended && connection == of) {
            enter(new LinkState.Connected(of, next));
        }
    }

    private void onLost(ReactivePeerConnection of, Throwable cause) {
        if (ended || connection != of) {
            return;
        }
        if (refusal != null) {
            end(null);
            return;
        }
        ReactivePeerConnection next = successor;
        connection = null;
        successor = null;
        outbox.detach(node.nowNs());
        armSendTimer();
        if (next == null || next.isOver()) {
            disconnected(0, cause);
            return;
        }
        lastFailure = cause;
        enter(new LinkState.Disconnected(0, cause));
        onEstablished(next);
    }

    private static Throwable closedBy(ReactivePeerConnection closed) {
        return closed.state() instanceof ConnectionState.Closing closing
                ? new ConnectionClosedException(closing.reason(), closed.peerContext())
                : new IllegalStateException(closed + " has completed without a close");
    }

    private void disconnected(int failedAttempt, Throwable cause) {
        lastFailure = cause;
        enter(new LinkState.Disconnected(failedAttempt, cause));
        if (ended || connection != null) {
            return;
        }
        try {
            retry.tell(failedAttempt, cause);
        } catch (RuntimeException bug) {
            end(bug);
        }
    }

    /** The retry has ended: with an error of its own, which tells less than what it was told. */
    private void onGivenUp(@Nullable Throwable failure) {
        node.execute(() -> {
            Throwable last = lastFailure;
            end(last != null ? last : failure != null ? failure : new IllegalStateException("the retry has completed"));
        });
    }

    private void closeNow(long code, String reason) {
        if (ended || refusal != null) {
            return;
        }
        refuse(new ConnectionClosedException(new CloseReason(false, true, code, reason), peerContext()));
        node.links().remove(this);
        ReactivePeerConnection open = connection;
        if (open == null || node.links().isLinked(remoteIdentity())) {
            end(null);
        } else {
            open.close(code, reason).subscribe();
        }
    }

    /** No message goes out any more. */
    private void refuse(Throwable failure) {
        refusal = failure;
        outbox.failAll(failure);
    }

    private PeerContext peerContext() {
        ReactivePeerConnection open = connection;
        return open == null ? new PeerContext(remoteIdentity(), null, null) : open.peerContext();
    }

    private void enter(LinkState next) {
        state = next;
        states.tryEmitNext(next).orThrow();
    }

    // Sends

    private void add(SendSubscriber send) {
        if (refusal != null) {
            send.fail(refusal);
            return;
        }
        outbox.add(send, node.nowNs());
        armSendTimer();
    }

    /** Without a connection, sends wait for a limited time. */
    private void armSendTimer() {
        long sinceNs = outbox.waitingSinceNs();
        if (connection == null && !ended && sinceNs != Long.MAX_VALUE) {
            long delayNs = Math.max(0, sinceNs - node.nowNs() + timeoutNs);
            sendTimer.update(scheduler.schedule(this::onSendTimer, delayNs, TimeUnit.NANOSECONDS));
        }
    }

    private void onSendTimer() {
        if (connection == null && !ended) {
            TransportException failure = new ConnectionEstablishmentException(
                    ConnectionEstablishmentException.Reason.TIMED_OUT,
                    0,
                    "no connection within " + TimeUnit.NANOSECONDS.toMillis(timeoutNs)
                            + " ms; a message that was under way may or may not have arrived"
                            + (lastFailure == null ? "" : "; the last failure: " + lastFailure.getMessage()),
                    peerContext(),
                    lastFailure);
            outbox.failWaitingSince(node.nowNs() - timeoutNs, failure);
            armSendTimer();
        }
    }
}
