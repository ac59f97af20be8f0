package dev.tether.reactor.simulation.swarm;

import dev.tether.core.ConnectionState;
import dev.tether.core.error.ChannelClosedException;
import dev.tether.core.error.ConnectionClosedException;
import dev.tether.core.error.TransportException;
import dev.tether.reactor.PeerConnection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;

/** One connection as the application at one of its ends sees it: what it sends and receives, and how all of it ends. */
final class Session {

    /** Whoever reads on after the end does it a while later, as somebody else would. */
    private static final Duration FINISH_AFTER = Duration.ofMillis(300);

    private final Population population;
    private final int serial;
    private final PeerProcess owner;
    private final @Nullable PeerProcess remote;
    private final PeerConnection connection;
    private final Scenario.Traffic traffic;
    private final long startNs;
    private final int incarnation;
    private final List<Sending> sendings = new ArrayList<>();
    private final Map<Integer, Integer> nextIndex = new HashMap<>();
    private final Reading reading = new Reading();
    private final Streamer streamer;
    private final Datagrams datagrams;
    private @Nullable Session source;
    private @Nullable ConnectionState state;
    private @Nullable Throwable failure;
    private long endNs = -1;
    private boolean receiveEnded;
    private boolean closeEnded;
    private boolean pinged;
    private boolean pingEnded;
    private boolean killed;
    private long received;
    private long receivedBytes;

    /** One call of {@code send}. */
    private static final class Sending {
        private boolean completed;
        private @Nullable Throwable failure;

        boolean hasEnded() {
            return completed || failure != null;
        }
    }

    /** @param remote null for somebody who is not of the scenario */
    Session(
            Population population,
            int serial,
            PeerProcess owner,
            @Nullable PeerProcess remote,
            PeerConnection connection,
            Scenario.Traffic traffic) {
        this.population = population;
        this.serial = serial;
        this.owner = owner;
        this.remote = remote;
        this.connection = connection;
        this.traffic = traffic;
        this.startNs = population.nowNs();
        this.incarnation = owner.incarnation();
        this.streamer = new Streamer(population, this);
        this.datagrams = new Datagrams(population, this);
    }

    void start() {
        connection.states().subscribe(next -> state = next, this::onEnd, () -> onEnd(null));
        connection.onClose().subscribe(nothing -> {}, error -> closeEnded = true, () -> closeEnded = true);
        connection.receive().subscribe(reading);
        pinged = true;
        connection.ping().subscribe(roundTrip -> {}, error -> pingEnded = true, () -> pingEnded = true);
        sendNext();
        streamer.start();
        datagrams.start();
    }

    // What it is

    int serial() {
        return serial;
    }

    PeerProcess owner() {
        return owner;
    }

    @Nullable
    PeerProcess remote() {
        return remote;
    }

    PeerConnection connection() {
        return connection;
    }

    long startNs() {
        return startNs;
    }

    /** When it has ended; -1 if it has not. */
    long endNs() {
        return endNs;
    }

    boolean isLive() {
        return endNs < 0;
    }

    boolean isEstablished() {
        return isLive() && state instanceof ConnectionState.Established;
    }

    @Nullable
    Throwable failure() {
        return failure;
    }

    long received() {
        return received;
    }

    long receivedBytes() {
        return receivedBytes;
    }

    Streamer streamer() {
        return streamer;
    }

    Datagrams datagrams() {
        return datagrams;
    }

    boolean isSettled() {
        return streamer.isSettled()
                && datagrams.isSettled()
                && sendings.size() == traffic.sends()
                && sendings.stream().allMatch(sending -> sending.completed);
    }

    /** What is not settled, for a human. */
    String unsettled() {
        long sends = sendings.stream().filter(sending -> !sending.completed).count();
        return sendings.size() + " of " + traffic.sends() + " sends of messages begun, " + sends + " not over; "
                + (datagrams.isSettled() ? "" : "not all datagrams sent; ") + streamer.unsettled();
    }

    /** The process is gone, and with it what it has not read. */
    void kill() {
        killed = true;
    }

    boolean isKilled() {
        return killed;
    }

    /** Slow readers make up for it. */
    void readEagerly() {
        reading.readEagerly();
        streamer.hasten();
        datagrams.hasten();
    }

    // Sending

    private void sendNext() {
        if (!isLive() || sendings.size() == traffic.sends()) {
            return;
        }
        int number = sendings.size();
        Sending sending = new Sending();
        sendings.add(sending);
        Flux<ByteBuf> messages = Flux.range(0, traffic.messages())
                .map(index -> Payload.message(population.seed(), serial, number, index, traffic.maxSize()));
        connection.send(messages).subscribe(nothing -> {}, error -> sending.failure = error, () -> {
            sending.completed = true;
            population.later(this::sendNext, traffic.pause());
        });
    }

    // Receiving

    private void onMessage(byte[] message) {
        received++;
        receivedBytes += message.length;
        Keeper keeper = message.length < Payload.HEADER_BYTES ? null : population.keeper(Payload.session(message));
        if (keeper != null) {
            onKept(keeper, message);
            return;
        }
        Session sender = message.length < Payload.HEADER_BYTES ? null : population.session(Payload.session(message));
        if (sender == null || !Payload.isGenuine(population.seed(), message, sender.traffic.maxSize())) {
            violation("received a message of " + message.length + " bytes that nobody has sent");
            return;
        }
        if (source == null) {
            source = sender;
        }
        if (sender.remote != owner || sender.owner != remote || source != sender) {
            violation("received a message of " + sender + ", and is connected to " + source);
            return;
        }
        if (Payload.send(message) >= sender.sendings.size()) {
            violation("received a message of send " + Payload.send(message) + " of " + sender
                    + ", which it has not begun");
        }
        int expected = nextIndex.getOrDefault(Payload.send(message), 0);
        if (Payload.index(message) != expected) {
            violation("received message " + Payload.index(message) + " of send " + Payload.send(message)
                    + " instead of message " + expected);
        }
        nextIndex.put(Payload.send(message), Payload.index(message) + 1);
    }

    private void onKept(Keeper keeper, byte[] message) {
        if (keeper.owner() != remote || keeper.remote() != owner) {
            violation("received a message of the " + keeper);
        } else if (!Payload.isGenuine(population.seed(), message, keeper.maxSize())) {
            violation("received a message of " + message.length + " bytes that the " + keeper + " has not sent");
        } else if (!killed) {
            keeper.onDelivered(incarnation, Payload.send(message), Payload.index(message));
        }
    }

    /** Takes messages as its peer does: so many at once, then a pause. */
    private final class Reading extends BaseSubscriber<ByteBuf> {

        private int outstanding;
        private boolean eager;

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            next();
        }

        @Override
        protected void hookOnNext(ByteBuf message) {
            onMessage(ByteBufUtil.getBytes(message));
            if (--outstanding == 0 && !eager) {
                population.later(this::next, owner.plan().reader().pause());
            }
        }

        @Override
        protected void hookOnError(Throwable error) {
            receiveEnded = true;
        }

        @Override
        protected void hookOnComplete() {
            receiveEnded = true;
        }

        private void next() {
            Scenario.Reader reader = owner.plan().reader();
            if (eager) {
                return;
            }
            if (reader.pause().isZero()) {
                readEagerly();
            } else {
                outstanding = reader.batch();
                request(outstanding);
            }
        }

        void readEagerly() {
            if (!eager) {
                eager = true;
                requestUnbounded();
            }
        }
    }

    // The end

    private void onEnd(@Nullable Throwable failure) {
        this.failure = failure;
        endNs = population.nowNs();
        population.onEnded(this);
        population.later(this::finish, FINISH_AFTER);
    }

    private void finish() {
        streamer.finish();
        datagrams.finish();
    }

    /** What must hold when the history is over, or the connection is. */
    void checkEnd() {
        if (isLive()) {
            violation("never ends");
            return;
        }
        if (!closeEnded || !receiveEnded || pinged && !pingEnded) {
            violation("has ended, but not " + (closeEnded ? receiveEnded ? "ping()" : "receive()" : "onClose()"));
        }
        for (Sending sending : sendings) {
            checkEnd(sending);
        }
        streamer.checkEnd();
        datagrams.checkEnd();
    }

    /** Whether this is the cause of the connection's end, or one of somebody who comes after that. */
    boolean isEnding(Throwable error) {
        boolean nodeGone = owner.hasCrashedSince(startNs);
        Throwable cause = error instanceof TransportException known ? known.ofConnection() : error;
        return cause == failure
                || error instanceof ConnectionClosedException && (failure == null || nodeGone)
                || error instanceof ChannelClosedException && nodeGone;
    }

    private void checkEnd(Sending sending) {
        Throwable error = sending.failure;
        if (!sending.hasEnded()) {
            violation("has ended, but not its send");
        } else if (error != null && !isEnding(error)) {
            violation("has ended with " + failure + ", but its send with " + error);
        } else if (error != null && !(error instanceof TransportException)) {
            violation("its send has ended with " + error);
        }
    }

    /** Every message of a send that has completed must have been received, unless the process that had it is gone. */
    void checkDelivered(@Nullable Session receiver) {
        if (receiver != null) {
            streamer.checkAgainst(receiver.streamer);
        }
        for (int number = 0; number < sendings.size(); number++) {
            if (!sendings.get(number).completed || traffic.messages() == 0) {
                continue;
            }
            if (receiver == null) {
                if (remote != null && !remote.hasCrashedSince(startNs)) {
                    violation("its send " + number + " has completed, but nobody has received any of it");
                }
            } else if (!receiver.killed && receiver.nextIndex.getOrDefault(number, 0) < traffic.messages()) {
                violation("its send " + number + " has completed, but " + receiver + " has received "
                        + receiver.nextIndex.getOrDefault(number, 0) + " of " + traffic.messages() + " messages");
            }
        }
    }

    @Nullable
    Session source() {
        return source;
    }

    /** Whether the other one may be the other end of this connection. */
    boolean mayBeConnectedTo(Session other) {
        return other.owner == remote
                && other.remote == owner
                && (source == null || source == other)
                && (other.source == null || other.source == this);
    }

    void onPeerKnown(Session other) {
        source = other;
    }

    void violation(String what) {
        population.violations().add(toString(), what);
    }

    @Override
    public String toString() {
        return "connection " + serial + " of " + owner.name() + " with "
                + (remote == null ? "a stranger" : remote.name()) + " (since " + TimeUnit.NANOSECONDS.toMillis(startNs)
                + " ms)";
    }
}
