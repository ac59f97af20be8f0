package dev.tether.reactor;

import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.error.ConnectionLostException;
import dev.tether.core.error.MessageTooLargeException;
import dev.tether.core.error.TransportException;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The running sends of a link and the messages taken from them: numbers each message when it is handed to a connection,
 * keeps it until the peer reports it delivered, and hands it to the next connection if that report does not come.
 * docs/PROTOCOL.md, "Links". Everything here runs on the event loop.
 */
final class LinkOutbox {

    /** What a message costs beside its bytes. */
    private static final int MESSAGE_OVERHEAD = 64;

    /** Longer than this after it was first handed to a connection, a message is not sent again. docs/PROTOCOL.md, "Links". */
    private static final long MAX_RESEND_NS = TimeUnit.MINUTES.toNanos(30);

    /** A send that has not ended. */
    private static final class Running {
        private final SendSubscriber send;
        private int undelivered;
        private long delivered;
        private boolean exhausted;
        private boolean givenUp;
        private long waitingSinceNs;

        Running(SendSubscriber send, long nowNs) {
            this.send = send;
            this.waitingSinceNs = nowNs;
        }
    }

    /** A message that was taken from a send and not reported delivered. */
    static final class Entry {
        private final Running owner;
        private final int size;

        /** Null once it is delivered or given up. */
        private @Nullable ByteBuf message;

        private long number;
        private long firstSentNs;

        private Entry(Running owner, ByteBuf message) {
            this.owner = owner;
            this.message = message;
            this.size = message.readableBytes();
        }

        boolean isDone() {
            return message == null;
        }
    }

    private final long linkId;
    private final int limit;

    /** From the one that waits the longest; also those that have failed, until what they gave before that is delivered. */
    private final Map<SendSubscriber, Running> running = new LinkedHashMap<>(2);

    /** The sends that may have messages, in the order of their turns. */
    private final ArrayDeque<SendSubscriber> ready = new ArrayDeque<>(2);

    /** Not handed to any connection. */
    private final ArrayDeque<Entry> unsent = new ArrayDeque<>();

    /** Handed to a connection, in the order of their numbers. */
    private final ArrayDeque<Entry> sent = new ArrayDeque<>();

    private int held;
    private long lastNumber;

    /** What the peer of the latest connection has drawn at its start; 0 if it is not known. */
    private long peerInstance;

    private @Nullable LinkFeed feed;
    private boolean taking;

    /** @param limit how many bytes of messages are held */
    LinkOutbox(long linkId, int limit) {
        this.linkId = linkId;
        this.limit = limit;
    }

    long linkId() {
        return linkId;
    }

    // Sends

    /** A send has begun; it may be over already, as its subscriber may have cancelled it before. */
    void add(SendSubscriber send, long nowNs) {
        running.put(send, new Running(send, nowNs));
        send.requestMore(limit);
        if (!send.isIdle()) {
            onReady(send);
        }
    }

    /** A send has messages, or has ended. */
    void onReady(SendSubscriber send) {
        if (!running.containsKey(send)) {
            send.discard();
        } else if (send.enterReady()) {
            ready.add(send);
        }
        take();
    }

    /** Takes nothing more from publishers; what was taken is still delivered. */
    void stop() {
        List.copyOf(running.keySet()).forEach(SendSubscriber::stop);
    }

    /** Whether all that was taken is delivered, and all sends wait for their publishers. */
    boolean isSettled() {
        return ready.isEmpty()
                && sent.isEmpty()
                && unsent.isEmpty()
                && running.keySet().stream().allMatch(SendSubscriber::isIdle);
    }

    /** The time since which the send waits that waits the longest for a connection; {@link Long#MAX_VALUE} if none does. */
    long waitingSinceNs() {
        return running.isEmpty() ? Long.MAX_VALUE : running.values().iterator().next().waitingSinceNs;
    }

    /** Fails the sends that wait since then, or longer; what was taken from them is given up. */
    void failWaitingSince(long timeNs, Throwable failure) {
        giveUp(
                running.values().stream()
                        .filter(it -> it.waitingSinceNs <= timeNs)
                        .toList(),
                owner -> failure);
    }

    void failAll(Throwable failure) {
        failWaitingSince(Long.MAX_VALUE, failure);
    }

    // Connections

    /** A connection has been established: what is not delivered goes there. */
    void attach(ReactivePeerConnection connection, long nowNs) {
        long instance = connection.peerInstance();
        if (instance == 0 || instance != peerInstance) {
            failSentBefore(
                    Long.MAX_VALUE,
                    owner -> new ConnectionLostException(
                            ConnectionLostException.Reason.PEER_RESTARTED,
                            "the peer has started over" + inDoubt(owner),
                            connection.peerContext()));
        } else {
            failSentBefore(
                    nowNs - MAX_RESEND_NS,
                    owner -> new ConnectionEstablishmentException(
                            ConnectionEstablishmentException.Reason.TIMED_OUT,
                            0,
                            "30 minutes without a report of the peer" + inDoubt(owner),
                            connection.peerContext()));
        }
        peerInstance = instance;
        LinkFeed attached = new LinkFeed(this, connection, new ArrayDeque<>(sent));
        feed = attached;
        connection.addSource(attached);
        take();
    }

    /** There is no connection any more: all sends wait from now on. */
    void detach(long nowNs) {
        if (feed != null) {
            feed.end();
        }
        feed = null;
        running.values().forEach(it -> it.waitingSinceNs = nowNs);
    }

    /** The next message that has never been handed to a connection, with its number; null for none. */
    @Nullable
    Entry nextUnsent(long nowNs) {
        Entry entry = unsent.poll();
        while (entry != null && entry.isDone()) {
            entry = unsent.poll();
        }
        if (entry != null) {
            entry.number = ++lastNumber;
            entry.firstSentNs = nowNs;
            sent.add(entry);
        }
        return entry;
    }

    /** A message is larger than the peer of the connection accepts. */
    void onTooLarge(Entry entry, ReactivePeerConnection connection) {
        giveUp(
                List.of(entry.owner),
                owner -> new MessageTooLargeException(
                        entry.size, connection.maxMessageSize(), connection.peerContext()));
    }

    /** The peer's application has got all messages up to a number. */
    void onDelivered(long number) {
        for (Entry first = sent.peek();
                first != null && (first.isDone() || first.number <= number);
                first = sent.peek()) {
            sent.remove();
            if (!first.isDone()) {
                release(first);
                first.owner.undelivered--;
                first.owner.delivered++;
                completeIfDone(first.owner);
            }
        }
        take();
    }

    static @Nullable ByteBuf message(Entry entry) {
        return entry.message;
    }

    static long number(Entry entry) {
        return entry.number;
    }

    /** Takes messages from the sends in turn, as long as there is room. A publisher may call back meanwhile. */
    private void take() {
        if (taking) {
            return;
        }
        taking = true;
        try {
            takeInTurn();
        } finally {
            taking = false;
        }
        if (feed != null && !unsent.isEmpty()) {
            feed.wake();
        }
    }

    private void takeInTurn() {
        for (SendSubscriber send = ready.peek(); send != null && held < limit; send = ready.peek()) {
            ready.remove();
            Running owner = running.get(send);
            if (owner == null) {
                send.leaveReady();
                send.discard();
                continue;
            }
            ByteBuf message = send.poll();
            if (message == null) {
                leaveReady(owner);
            } else {
                held += message.readableBytes() + MESSAGE_OVERHEAD;
                owner.undelivered++;
                unsent.add(new Entry(owner, message));
                send.onTaken(message.readableBytes());
                send.requestMore(limit);
                ready.add(send);
            }
        }
    }

    private void leaveReady(Running owner) {
        if (!owner.send.leaveReady()) {
            return;
        }
        owner.exhausted = true;
        Throwable error = owner.send.error();
        if (error != null) {
            owner.send.fail(error);
        }
        completeIfDone(owner);
    }

    private void completeIfDone(Running owner) {
        if (owner.exhausted && owner.undelivered == 0 && running.remove(owner.send) != null) {
            owner.send.complete();
        }
    }

    /** Fails the sends of which a message was first handed to a connection before {@code timeNs}. */
    private void failSentBefore(long timeNs, Function<Running, Throwable> failure) {
        Set<Running> lost = new LinkedHashSet<>(0);
        for (Entry entry : sent) {
            if (!entry.isDone() && entry.firstSentNs < timeNs) {
                lost.add(entry.owner);
            }
        }
        giveUp(lost, failure);
    }

    private static String inDoubt(Running owner) {
        return ", and it is not known which of " + owner.undelivered + " messages under way have arrived";
    }

    /** Releases all that is held of these sends, in one go as they may be many, and fails them. */
    private void giveUp(Collection<Running> owners, Function<Running, Throwable> failure) {
        if (owners.isEmpty()) {
            return;
        }
        for (Running owner : owners) {
            owner.givenUp = true;
            running.remove(owner.send);
        }
        discardGivenUp(sent);
        discardGivenUp(unsent);
        owners.forEach(owner -> {
            Throwable cause = failure.apply(owner);
            owner.send.fail(cause instanceof TransportException known ? known.ofSend(owner.delivered) : cause);
        });
        take();
    }

    private void discardGivenUp(ArrayDeque<Entry> entries) {
        for (Entry entry : entries) {
            if (entry.owner.givenUp) {
                release(entry);
            }
        }
        entries.removeIf(Entry::isDone);
    }

    private void release(Entry entry) {
        ByteBuf message = entry.message;
        if (message != null) {
            entry.message = null;
            held -= entry.size + MESSAGE_OVERHEAD;
            message.release();
        }
    }
}
