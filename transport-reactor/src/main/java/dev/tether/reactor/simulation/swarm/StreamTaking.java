package dev.tether.reactor.simulation.swarm;

import dev.tether.core.simulation.SeededRandom;
import dev.tether.reactor.PeerStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

/**
 * Takes the streams that the peer opens: as they come, some at a time, or after a while; by turns, or without a break. Each has
 * to come once, and in the order of their opening.
 */
final class StreamTaking {

    private final Streamer streamer;
    private final Session session;
    private final int batch;
    private final Duration pause;
    private final boolean byTurns;
    private final Duration delay;
    private @Nullable Turn turn;
    private boolean all;
    private boolean ended;
    private @Nullable Throwable failure;

    StreamTaking(Streamer streamer, Session session, SeededRandom random) {
        this.streamer = streamer;
        this.session = session;
        this.batch = random.chance(0.5) ? Integer.MAX_VALUE : random.nextInt(1, 3);
        this.pause = Duration.ofMillis(random.nextInt(0, 1000));
        this.byTurns = random.chance(0.2);
        this.delay = Duration.ofMillis(random.chance(0.6) ? 0 : random.nextInt(0, 8000));
    }

    void begin() {
        if (delay.isZero()) {
            nextTurn();
        } else {
            streamer.later(this::nextTurn, delay);
        }
    }

    /** From now on, all as they come. */
    void takeAll() {
        all = true;
        nextTurn();
        if (turn != null) {
            turn.take();
        }
    }

    private void nextTurn() {
        if (turn == null && !ended) {
            turn = new Turn();
            session.connection().streams().subscribe(turn);
        }
    }

    private void onStream(PeerStream stream) {
        if (!stream.isOpenedByPeer() || stream.connection() != session.connection()) {
            session.violation("streams() gives " + stream);
        }
        streamer.onTaken(stream);
    }

    /** What must hold when the connection is over. */
    void checkEnd() {
        if (!ended) {
            session.violation("has ended, but not streams()");
        } else if (failure == null ? session.failure() != null : !session.isEnding(failure)) {
            session.violation("streams() has ended with " + failure);
        }
    }

    /** One subscription. */
    private final class Turn extends BaseSubscriber<PeerStream> {

        private int outstanding;

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            take();
        }

        @Override
        protected void hookOnNext(PeerStream stream) {
            onStream(stream);
            if (!all && --outstanding == 0) {
                if (byTurns) {
                    turn = null;
                    cancel();
                    streamer.later(StreamTaking.this::nextTurn, pause);
                } else {
                    streamer.later(this::take, pause);
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

        void take() {
            if (all) {
                requestUnbounded();
            } else {
                outstanding = batch;
                request(batch);
            }
        }
    }
}
