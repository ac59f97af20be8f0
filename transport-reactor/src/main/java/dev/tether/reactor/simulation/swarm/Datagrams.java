package dev.tether.reactor.simulation.swarm;

import dev.tether.core.simulation.SeededRandom;
import dev.tether.reactor.ConnectionStatistics;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

/**
 * What the application at one end of a connection does with unreliable datagrams: sends some, and takes those of the peer, of
 * which each has been sent on this connection, as it is, and comes once at the most.
 */
final class Datagrams {

    private final Population population;
    private final Session session;
    private final Scenario.Traffic traffic;
    private final SeededRandom random;
    private final List<DatagramSending> sendings = new ArrayList<>();
    private final Receiving receiving;
    private long received;
    private long receivedBytes;
    private boolean hastened;
    private boolean wrong;

    Datagrams(Population population, Session session) {
        this.population = population;
        this.session = session;
        this.traffic = population.datagrams(session.owner(), session.remote());
        this.random = new SeededRandom(population.seed()).split("datagrams of " + session.serial());
        this.receiving = new Receiving();
    }

    // What it does

    void start() {
        receiving.begin();
        sendNext();
    }

    /** The calm phase has begun. */
    void hasten() {
        hastened = true;
        receiving.takeAll();
    }

    /** The connection has ended: nothing is there for whoever comes now. */
    void finish() {
        hastened = true;
        receiving.finish();
    }

    private void sendNext() {
        if (!session.isLive() || sendings.size() == traffic.sends()) {
            return;
        }
        DatagramSending sending = new DatagramSending(this, session.connection(), sendings.size(), traffic, random);
        sendings.add(sending);
        boolean alone = random.chance(0.7);
        Runnable next = alone ? () -> later(this::sendNext, traffic.pause()) : () -> {};
        sending.begin(next);
        if (random.chance(0.05)) {
            later(() -> sending.cancel(next), Duration.ofMillis(random.nextInt(0, 1000)));
        }
        if (!alone) {
            later(this::sendNext, Duration.ZERO);
        }
    }

    void later(Runnable task, Duration delay) {
        population.later(
                () -> {
                    if (!session.isKilled()) {
                        task.run();
                    }
                },
                delay);
    }

    private void onDatagram(byte[] datagram) {
        received++;
        receivedBytes += datagram.length;
        boolean sent = population.sessions().stream()
                .filter(session::mayBeConnectedTo)
                .anyMatch(peer -> peer.datagrams().hasSent(datagram));
        if (!sent && !wrong) {
            wrong = true;
            violation("received a datagram of " + datagram.length + " bytes that the peer has not sent, or once more");
        }
    }

    private boolean hasSent(byte[] datagram) {
        return sendings.stream().anyMatch(sending -> sending.accept(datagram));
    }

    // What is known of it

    long seed() {
        return population.seed();
    }

    int serial() {
        return session.serial();
    }

    boolean isEnding(Throwable cause) {
        return session.isEnding(cause);
    }

    boolean areSupportedHere() {
        return session.owner().plan().settings().datagramQueue() > 0;
    }

    boolean areSupportedThere() {
        PeerProcess remote = session.remote();
        return remote != null && remote.plan().settings().datagramQueue() > 0;
    }

    /** Whether all that was to be sent was. */
    boolean isSettled() {
        return sendings.size() == traffic.sends() && sendings.stream().allMatch(DatagramSending::isOver);
    }

    DatagramTotals totals() {
        return new DatagramTotals(
                sendings.stream().mapToLong(DatagramSending::given).sum(), received, receivedBytes);
    }

    /** What must hold when the connection is over. */
    void checkEnd() {
        sendings.forEach(DatagramSending::checkEnd);
        receiving.checkEnd();
    }

    /** When all is at rest: that none is missing but those that were counted. Asked at both ends, and answered a while later. */
    void checkCounters(Datagrams peer) {
        session.connection()
                .statistics()
                .subscribe(here ->
                        peer.session.connection().statistics().subscribe(there -> checkCounters(here, peer, there)));
    }

    private void checkCounters(ConnectionStatistics here, Datagrams peer, ConnectionStatistics there) {
        long given = sendings.stream().mapToLong(DatagramSending::maxSent).sum();
        long arrived = there.datagramsReceived() + there.datagramsDropped();
        if (here.datagramsSent() > given
                || arrived > here.datagramsSent()
                || arrived < here.datagramsSent() - here.datagramsLost()
                || there.datagramsReceived() != peer.received) {
            violation(given + " datagrams were given, " + here.datagramsSent() + " sent, " + here.datagramsLost()
                    + " lost, " + there.datagramsDropped() + " dropped, " + there.datagramsReceived()
                    + " received, and the application has got " + peer.received);
        }
    }

    void violation(String what) {
        session.violation(what);
    }

    /** Takes them as they come, some at a time, or after a while; by turns, or without a break. */
    private final class Receiving {

        private final int batch = random.chance(0.5) ? Integer.MAX_VALUE : random.nextInt(1, 20);
        private final Duration pause = Duration.ofMillis(random.nextInt(0, 500));
        private final boolean byTurns = random.chance(0.2);
        private final Duration delay = Duration.ofMillis(random.chance(0.7) ? 0 : random.nextInt(0, 8000));
        private @Nullable Turn turn;
        private boolean tooLate;
        private boolean ended;
        private @Nullable Throwable failure;

        void begin() {
            if (delay.isZero()) {
                nextTurn();
            } else {
                later(this::nextTurn, delay);
            }
        }

        void takeAll() {
            nextTurn();
            if (turn != null) {
                turn.takeAll();
            }
        }

        void finish() {
            tooLate = turn == null;
            takeAll();
        }

        private void nextTurn() {
            if (turn == null && !ended) {
                turn = new Turn();
                session.connection().receiveDatagrams().subscribe(turn);
            }
        }

        void checkEnd() {
            if (!ended) {
                violation("has ended, but not receiveDatagrams()");
            } else if (failure == null ? session.failure() != null : !isEnding(failure)) {
                violation("receiveDatagrams() has ended with " + failure);
            }
        }

        /** One subscription. */
        private final class Turn extends BaseSubscriber<ByteBuf> {

            private int outstanding;
            private boolean all;

            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                if (hastened) {
                    takeAll();
                } else {
                    takeSome();
                }
            }

            @Override
            protected void hookOnNext(ByteBuf datagram) {
                if (tooLate) {
                    violation("has ended, and receiveDatagrams() gives datagrams to one who comes after that");
                }
                onDatagram(ByteBufUtil.getBytes(datagram));
                if (!all && --outstanding == 0) {
                    if (byTurns) {
                        turn = null;
                        cancel();
                        later(Receiving.this::nextTurn, pause);
                    } else {
                        later(this::takeSome, pause);
                    }
                }
            }

            @Override
            protected void hookOnComplete() {
                ended = true;
            }

            @Override
            protected void hookOnError(Throwable cause) {
                ended = true;
                failure = cause;
            }

            private void takeSome() {
                if (!all) {
                    outstanding = batch;
                    request(batch);
                }
            }

            void takeAll() {
                all = true;
                requestUnbounded();
            }
        }
    }
}
