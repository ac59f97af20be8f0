package dev.tether.reactor.simulation.swarm;

import dev.tether.core.TransportSettings;
import dev.tether.core.error.StreamResetException;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.reactor.PeerStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the application at one end of a connection does with streams: opens some, takes those of the peer, answers them, and
 * gives some up; and whether all of that ends as it must.
 */
final class Streamer {

    /** Their windows together must leave room for others. */
    private static final int MAX_UNREAD = 3;

    private final Population population;
    private final Session session;
    private final Scenario.@Nullable Streams plan;

    /** What the peer opens. */
    private final Scenario.@Nullable Streams peerPlan;

    private final SeededRandom random;
    private final StreamTaking taking;
    private final List<StreamOpening> openings = new ArrayList<>();
    private final Map<Long, Exchange> exchanges = new LinkedHashMap<>();
    private final long[] lastIds = {-1, -1, -1, -1};
    private int wanted;
    private int running;
    private int unread;
    private boolean hastened;
    private @Nullable StreamOpening late;

    /** One stream: one or both of its directions. */
    private record Exchange(
            @Nullable StreamSender sender, @Nullable StreamReceiver receiver) {

        boolean isOver() {
            return (sender == null || sender.isOver()) && (receiver == null || receiver.isOver());
        }

        /** Whether it is as it is meant to be at rest. */
        boolean isSettled() {
            return (sender == null || sender.isOver())
                    && (receiver == null || receiver.isOver() || receiver.staysUnread());
        }
    }

    Streamer(Population population, Session session) {
        this.population = population;
        this.session = session;
        this.plan = population.streams(session.owner(), session.remote());
        this.peerPlan = population.streams(session.remote(), session.owner());
        this.random = new SeededRandom(population.seed()).split("streams of " + session.serial());
        this.wanted = plan == null ? 0 : plan.count();
        this.taking = new StreamTaking(this, session, random);
    }

    // What it does

    void start() {
        taking.begin();
        openMore();
    }

    /** The calm phase has begun: all is sent, and nearly all is read. */
    void hasten() {
        hastened = true;
        taking.takeAll();
        for (Exchange exchange : List.copyOf(exchanges.values())) {
            hasten(exchange);
        }
    }

    private static void hasten(Exchange exchange) {
        if (exchange.sender() != null) {
            exchange.sender().hasten();
        }
        if (exchange.receiver() != null) {
            exchange.receiver().hasten();
        }
    }

    /** The connection has ended: what has arrived is taken, and nothing more can be had. */
    void finish() {
        hastened = true;
        taking.takeAll();
        for (Exchange exchange : List.copyOf(exchanges.values())) {
            if (exchange.receiver() != null) {
                exchange.receiver().finish();
            }
        }
        late = new StreamOpening(this, session, true);
        late.begin();
    }

    // Opening

    private void openMore() {
        while (plan != null && session.isLive() && wanted > 0 && running < plan.atOnce()) {
            wanted--;
            running++;
            StreamOpening opening = new StreamOpening(this, session, random.chance(0.5));
            openings.add(opening);
            opening.begin();
            if (random.chance(0.07)) {
                later(opening::cancel, Duration.ofMillis(random.chance(0.5) ? 0 : random.nextInt(0, 500)));
            }
        }
    }

    /** A stream of this side comes into being. */
    void onOpened(PeerStream stream) {
        long last = lastIds[kind(stream)];
        if (stream.id() <= last) {
            violation(stream + " is opened after stream " + last);
        }
        lastIds[kind(stream)] = stream.id();
        open(stream, plan);
    }

    /** An opening was cancelled, or has failed. */
    void onNotOpened(StreamOpening opening) {
        if (opening.wasCancelled() || opening.wasLimited()) {
            wanted = maxOpen() == 0 ? 0 : wanted + 1;
        }
        onOver(opening.wasCancelled() ? pause() : pause().plusSeconds(1));
    }

    /** A stream of this side is over. */
    void onFreed() {
        onOver(pause());
    }

    /** One stream less is open here, and another one may be opened after a while. */
    private void onOver(Duration pause) {
        later(
                () -> {
                    running--;
                    openMore();
                },
                pause);
    }

    /** How many streams of that kind there were, at least, those included that nobody has got. */
    long openedBefore(boolean bidirectional) {
        return openings.stream()
                .filter(it -> it.isBidirectional() == bidirectional && (it.hasOpened() || it.wasCancelled()))
                .count();
    }

    /** How many streams of each kind the peer allows at a time. */
    int maxOpen() {
        PeerProcess remote = session.remote();
        return remote == null ? 0 : remote.plan().settings().maxStreams();
    }

    private Duration pause() {
        return plan == null || hastened ? Duration.ZERO : plan.pause();
    }

    /** A stream of the peer is given to the application. */
    void onTaken(PeerStream stream) {
        int kind = kind(stream);
        // Stream 0 is that of the messages.
        long first = kind == 0 ? 4 : kind;
        long expected = lastIds[kind] < 0 ? first : lastIds[kind] + 4;
        if (stream.id() != expected) {
            violation("streams() gives " + stream + " instead of stream " + expected);
        }
        lastIds[kind] = stream.id();
        open(stream, peerPlan);
    }

    /** Who has opened it, and in how many directions. RFC 9000 §2.1. */
    private static int kind(PeerStream stream) {
        return (int) (stream.id() & 3);
    }

    // Both directions

    /** @param opener what whoever has opened it does; null for nobody of the scenario */
    private void open(PeerStream stream, Scenario.@Nullable Streams opener) {
        int maxSize = opener == null ? 0 : opener.maxSize();
        double trouble = opener == null ? 0 : opener.trouble();
        StreamSender sender = null;
        StreamReceiver receiver = null;
        boolean sends = !stream.isOpenedByPeer() || stream.isBidirectional();
        boolean receives = stream.isOpenedByPeer() || stream.isBidirectional();
        boolean answers = stream.isOpenedByPeer() && stream.isBidirectional() && random.chance(0.5);
        if (sends) {
            sender = new StreamSender(
                    this,
                    stream,
                    SendingPlan.draw(random, maxSize, trouble),
                    new SeededRandom(population.seed()).split("pieces of " + stream.id() + " of " + serial()));
        }
        if (receives) {
            boolean staysUnread = stream.isOpenedByPeer() && !answers && mayStayUnread(maxSize) && random.chance(0.5);
            receiver = new StreamReceiver(this, stream, ReceivingPlan.draw(random, maxSize, trouble), staysUnread);
            unread += receiver.staysUnread() ? 1 : 0;
        }
        Exchange exchange = new Exchange(sender, receiver);
        exchanges.put(stream.id(), exchange);
        if (receiver != null) {
            receiver.begin();
        }
        if (sender != null && answers && receiver != null) {
            receiver.onOver(answer(sender, receiver));
        } else if (sender != null) {
            sender.begin();
        }
        if (hastened) {
            hasten(exchange);
        }
        if (!session.isLive() && receiver != null) {
            receiver.finish();
        }
    }

    /** The answer to a request is sent when that has come to its end, and fails if that has. */
    private static Runnable answer(StreamSender sender, StreamReceiver receiver) {
        return () -> {
            Throwable failure = receiver.failure();
            if (failure instanceof StreamResetException) {
                sender.relay(failure);
            } else {
                sender.begin();
            }
        };
    }

    /** Whether the windows leave room for all others although nobody reads this stream, and the limit does, too. */
    private boolean mayStayUnread(int maxSize) {
        TransportSettings settings = session.owner().plan().settings();
        return unread < MAX_UNREAD
                && settings.maxStreams() > 4 * MAX_UNREAD
                && maxSize <= settings.streamWindow()
                && 2L * MAX_UNREAD * maxSize <= settings.connectionWindow();
    }

    void onDirectionOver() {
        openings.forEach(StreamOpening::free);
    }

    /** Does something as long as the process runs. */
    void later(Runnable task, Duration delay) {
        population.later(
                () -> {
                    if (!session.isKilled()) {
                        task.run();
                    }
                },
                delay);
    }

    /** The same as {@link #later}, but sooner in the calm phase. */
    void whenDue(Runnable task, Duration delay) {
        later(task, hastened ? delay.dividedBy(20) : delay);
    }

    // What is known of it

    long seed() {
        return population.seed();
    }

    int serial() {
        return session.serial();
    }

    long nowNs() {
        return population.nowNs();
    }

    /** Whether both directions of a stream are over at this end. */
    boolean isOver(PeerStream stream) {
        Exchange exchange = exchanges.get(stream.id());
        return exchange != null && exchange.isOver();
    }

    @Nullable
    StreamSender sender(long id) {
        Exchange exchange = exchanges.get(id);
        return exchange == null ? null : exchange.sender();
    }

    /** Those of all connections whose other end this may be. */
    List<Streamer> possiblePeers() {
        return population.sessions().stream()
                .filter(session::mayBeConnectedTo)
                .map(Session::streamer)
                .toList();
    }

    boolean mayBeConnectedTo(Streamer other) {
        return session.mayBeConnectedTo(other.session);
    }

    void onPeerKnown(Streamer other) {
        session.onPeerKnown(other.session);
    }

    /** Whether there may be streams here that the application has never got. */
    boolean hasCancelledOpenings() {
        return openings.stream().anyMatch(StreamOpening::wasCancelled);
    }

    /** Whether this is the cause of the connection's end. */
    boolean isEnding(Throwable cause) {
        return session.isEnding(cause);
    }

    /** Whether the process is gone, and with it all that it wanted to do. */
    boolean isKilled() {
        return session.isKilled();
    }

    /** How many streams are not over at this end. */
    long openStreams() {
        return exchanges.values().stream().filter(it -> !it.isOver()).count();
    }

    /** How many bytes may be there that nobody has read. */
    long unreadBytes() {
        return exchanges.values().stream()
                        .map(Exchange::receiver)
                        .filter(it -> it != null && !it.isOver())
                        .count()
                * (peerPlan == null ? 0L : peerPlan.maxSize());
    }

    /** Whether all that was to be opened was, and all that is to be sent and to be taken was. */
    boolean isSettled() {
        return wanted == 0 && running == 0 && exchanges.values().stream().allMatch(Exchange::isSettled);
    }

    /** What is not settled, for a human. */
    String unsettled() {
        return wanted + " streams to open, " + running + " opened here and not over, and not settled: "
                + exchanges.entrySet().stream()
                        .filter(it -> !it.getValue().isSettled())
                        .map(it -> it.getKey() + " " + it.getValue())
                        .toList();
    }

    StreamTotals totals() {
        Collection<Exchange> all = exchanges.values();
        List<StreamReceiver> receivers =
                all.stream().map(Exchange::receiver).filter(Objects::nonNull).toList();
        return new StreamTotals(
                openings.stream().filter(StreamOpening::hasOpened).count(),
                receivers.stream().filter(StreamReceiver::hasCompleted).count(),
                receivers.stream().filter(StreamReceiver::wasReset).count(),
                receivers.stream()
                        .filter(it -> it.hasGivenUp() && !it.hasCompleted())
                        .count(),
                receivers.stream().mapToLong(StreamReceiver::received).sum());
    }

    /** What must hold when the connection is over. */
    void checkEnd() {
        taking.checkEnd();
        openings.forEach(StreamOpening::checkEnd);
        if (late == null || !late.hasFailed()) {
            violation("has ended, and openStream() does not fail");
        } else {
            late.checkEnd();
        }
        for (Exchange exchange : exchanges.values()) {
            if (exchange.sender() != null) {
                exchange.sender().checkEnd();
            }
            if (exchange.receiver() != null) {
                exchange.receiver().checkEnd();
            }
        }
    }

    /** What must hold in the light of the other end. */
    void checkAgainst(Streamer other) {
        if (other.session.isKilled()) {
            return;
        }
        exchanges.forEach((id, exchange) -> {
            Exchange there = other.exchanges.get(id);
            if (exchange.sender() != null) {
                exchange.sender().checkAgainst(there == null ? null : there.receiver(), other);
            }
        });
    }

    void violation(PeerStream stream, String what) {
        session.violation("stream " + stream.id() + ": " + what);
    }

    private void violation(String what) {
        session.violation(what);
    }
}
