package dev.tether.reactor.simulation.swarm;

import dev.tether.core.error.StreamResetException;
import dev.tether.reactor.PeerStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

/**
 * One direction of a stream at the end that takes it: whether its bytes are those that the other end sends, in order and each
 * once, and its end is what the other end has made it.
 */
final class StreamReceiver {

    /** So many equal bytes are no accident. */
    private static final int CERTAIN = 16;

    private final Streamer streamer;
    private final PeerStream stream;
    private final ReceivingPlan plan;
    private final boolean staysUnread;
    private final Reading reading = new Reading();

    /** Who may have sent what was received: the stream of that number of each connection that may be the other end. */
    private @Nullable List<StreamSender> senders;

    private int received;
    private boolean hastened;
    private boolean subscribed;
    private long cancelCode = -1;
    private boolean unsubscribed;
    private boolean completed;
    private @Nullable Throwable failure;
    private boolean refuted;
    private Runnable onOver = () -> {};

    /** @param staysUnread whether nobody reads it before the end of the connection, if that is the plan */
    StreamReceiver(Streamer streamer, PeerStream stream, ReceivingPlan plan, boolean staysUnread) {
        this.streamer = streamer;
        this.stream = stream;
        this.plan = plan;
        this.staysUnread = staysUnread;
    }

    // What it does

    void begin() {
        if (plan.giveUp() == ReceivingPlan.GiveUp.CANCEL) {
            streamer.whenDue(this::cancel, plan.delay());
        } else if (plan.giveUp() == ReceivingPlan.GiveUp.CANCEL_FIRST) {
            cancel();
        }
        if (plan.demand() == ReceivingPlan.Demand.LATE) {
            streamer.whenDue(this::subscribe, plan.delay());
        } else if (plan.demand() != ReceivingPlan.Demand.UNREAD) {
            subscribe();
        }
    }

    /** The calm phase has begun: what is still wanted is read at once. */
    void hasten() {
        if (!staysUnread()) {
            finish();
        }
    }

    /** The connection has ended: what has arrived is read. */
    void finish() {
        hastened = true;
        subscribe();
        reading.readAll();
    }

    /** Does something when it is over, which it may be already. */
    void onOver(Runnable task) {
        onOver = task;
        if (isOver()) {
            onOver();
        }
    }

    private void onOver() {
        Runnable task = onOver;
        onOver = () -> {};
        task.run();
        streamer.onDirectionOver();
    }

    private void subscribe() {
        if (!subscribed) {
            subscribed = true;
            stream.receive().subscribe(reading);
        }
    }

    private void cancel() {
        if (!isOver() && cancelCode < 0) {
            cancelCode = plan.code();
            stream.cancel(plan.code());
        }
    }

    // What is known of it

    boolean isOver() {
        return completed || unsubscribed || failure != null;
    }

    boolean staysUnread() {
        return staysUnread && plan.giveUp() == ReceivingPlan.GiveUp.NEVER;
    }

    boolean hasCompleted() {
        return completed;
    }

    /** Whether this end wanted no more. */
    boolean hasGivenUp() {
        return unsubscribed || cancelCode >= 0;
    }

    boolean mayHaveCancelled(long code) {
        return code == cancelCode || unsubscribed && code == PeerStream.CANCELLED;
    }

    boolean wasReset() {
        return failure instanceof StreamResetException;
    }

    @Nullable
    Throwable failure() {
        return failure;
    }

    int received() {
        return received;
    }

    String ending() {
        return completed
                ? "has completed"
                : unsubscribed ? "has unsubscribed" : failure == null ? "has not ended" : "has ended with " + failure;
    }

    private void onBytes(byte[] bytes) {
        if (isOver()) {
            refute("bytes arrive after its end");
        }
        List<StreamSender> possible = senders();
        possible.removeIf(sender -> !sender.hasBytes(received, bytes));
        if (possible.isEmpty()) {
            refute(bytes.length + " bytes at " + received + " are not those that the peer sends there");
        }
        received += bytes.length;
        if (received >= CERTAIN && possible.size() == 1) {
            streamer.onPeerKnown(possible.get(0).streamer());
        }
        if (plan.giveUp() == ReceivingPlan.GiveUp.UNSUBSCRIBE && received >= plan.before()) {
            unsubscribed = true;
            reading.cancel();
            onOver();
        }
    }

    private List<StreamSender> senders() {
        List<StreamSender> possible = senders;
        if (possible == null) {
            possible = streamer.possiblePeers().stream()
                    .map(peer -> peer.sender(stream.id()))
                    .filter(Objects::nonNull)
                    .collect(Collectors.toCollection(ArrayList::new));
            senders = possible;
        }
        possible.removeIf(sender -> !streamer.mayBeConnectedTo(sender.streamer()));
        return possible;
    }

    /** What must hold when the connection is over. */
    void checkEnd() {
        if (!isOver()) {
            violation("the connection has ended, but not its receive(): " + plan);
            return;
        }
        boolean abandoned = received == 0
                && !completed
                && streamer.possiblePeers().stream().anyMatch(Streamer::hasCancelledOpenings);
        Throwable cause = failure;
        if (completed) {
            require(sender -> sender.isWhole(received), "has completed after " + received + " bytes");
        } else if (cause instanceof StreamResetException it) {
            if (it.isStopped() || it.streamId() != stream.id()) {
                violation("its receive() has ended with " + cause);
            } else if (!abandoned || it.code() != PeerStream.CANCELLED) {
                require(sender -> sender.mayHaveReset(it.code()), "has ended with " + cause);
            }
        } else if (cause instanceof CancellationException) {
            if (cancelCode < 0 || !String.valueOf(cause.getMessage()).contains(Long.toString(cancelCode))) {
                violation("its receive() has ended with " + cause);
            }
        } else if (cause != null && !streamer.isEnding(cause)) {
            violation("its receive() has ended with " + cause);
        }
    }

    private void require(Predicate<StreamSender> condition, String what) {
        if (senders().stream().noneMatch(condition)) {
            violation("its receive() " + what + ", and the peer's end is not like that");
        }
    }

    private void refute(String what) {
        if (!refuted) {
            refuted = true;
            violation(what);
        }
    }

    @Override
    public String toString() {
        return ending() + " after " + received + " bytes: " + plan;
    }

    private void violation(String what) {
        streamer.violation(stream, what);
    }

    private final class Reading extends BaseSubscriber<ByteBuf> {

        private int outstanding;
        private boolean all;

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            if (hastened || plan.demand() == ReceivingPlan.Demand.ALL || plan.demand() == ReceivingPlan.Demand.LATE) {
                readAll();
            } else if (plan.demand() == ReceivingPlan.Demand.SOME) {
                readSome();
            }
        }

        @Override
        protected void hookOnNext(ByteBuf bytes) {
            onBytes(ByteBufUtil.getBytes(bytes));
            if (!all && --outstanding == 0) {
                streamer.later(this::readSome, plan.pause());
            }
        }

        @Override
        protected void hookOnComplete() {
            completed = true;
            onOver();
        }

        @Override
        protected void hookOnError(Throwable cause) {
            failure = cause;
            onOver();
        }

        private void readSome() {
            if (!all) {
                outstanding = plan.batch();
                request(outstanding);
            }
        }

        void readAll() {
            all = true;
            requestUnbounded();
        }
    }
}
