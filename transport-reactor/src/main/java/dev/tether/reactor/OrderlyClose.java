package dev.tether.reactor;

import dev.tether.core.CloseReason;
import dev.tether.core.connection.Connection;
import dev.tether.core.error.ChannelClosedException;
import dev.tether.core.error.ConnectionClosedException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/**
 * How a node closes: no connection comes to be any more, each takes nothing more from publishers, delivers what it has
 * taken, and closes, all of them at the same time; when all have ended, the node shuts down. What is left at the limit is
 * closed as it is. Everything here runs on the event loop.
 *
 * <p>Answered attempts that are not confirmed are not waited for, as there may be nobody behind them; one that is confirmed
 * meanwhile is closed at once.
 */
final class OrderlyClose {

    static final String REASON = "the node is closing";

    private final ReactorNode node;
    private final Scheduler scheduler;

    /** Those that have not ended. */
    private final Set<ConnectionDriver> remaining = new LinkedHashSet<>();

    private boolean begun;

    /** Whether all that have to end are in {@link #remaining}; the application is called back before. */
    private boolean listed;

    private boolean over;
    private long deadlineNs = Long.MAX_VALUE;
    private @Nullable Disposable timer;

    OrderlyClose(ReactorNode node, Scheduler scheduler) {
        this.node = node;
        this.scheduler = scheduler;
    }

    boolean hasBegun() {
        return begun;
    }

    /** Closes within {@code limit}; if it has begun before, within what is less. */
    void begin(Duration limit) {
        if (over) {
            return;
        }
        long limitNs = TimeUnit.NANOSECONDS.convert(limit);
        long nowNs = node.nowNs();
        long untilNs = nowNs + limitNs < nowNs ? Long.MAX_VALUE : nowNs + limitNs;
        if (untilNs < deadlineNs) {
            deadlineNs = untilNs;
            stopTimer();
            // Never from within a pass: the last word to each peer takes one of its own.
            timer = scheduler.schedule(this::onLimit, limitNs, TimeUnit.NANOSECONDS);
        }
        if (!begun) {
            begun = true;
            beginWith(node.stopConnecting());
            listed = true;
        }
    }

    private void beginWith(List<ConnectionDriver> drivers) {
        for (ConnectionDriver driver : drivers) {
            Connection connection = driver.connection();
            if (connection.wasConfirmed()) {
                remaining.add(driver);
                driver.peer().stopSending(refusal(connection));
            } else if (connection.isDialing()) {
                connection.fail(new ChannelClosedException(REASON, connection.context(), null));
            }
            driver.markDirty();
        }
    }

    private static ConnectionClosedException refusal(Connection connection) {
        return new ConnectionClosedException(new CloseReason(false, true, 0, REASON), connection.context());
    }

    /** A peer has confirmed an answer from before. Nothing of it has been acknowledged, so nothing is lost in silence. */
    void onConfirmed(ConnectionDriver driver) {
        remaining.add(driver);
        driver.connection().closeUnseen(0, REASON, node.nowNs());
    }

    /** A connection was drained: if the peer has all that there was to deliver, it is closed. */
    void onDrained(ConnectionDriver driver) {
        if (remaining.contains(driver)
                && driver.connection().end() == null
                && driver.peer().isSettled()) {
            close(driver);
        }
    }

    void onEnded(ConnectionDriver driver) {
        remaining.remove(driver);
    }

    /** A pass is over, and with it perhaps the last connection. */
    void onPass() {
        if (listed && !over && remaining.isEmpty()) {
            over = true;
            node.dispose();
        }
    }

    /** The node shuts down, for whatever reason: there is nothing left to do. */
    void onShutDown() {
        over = true;
        stopTimer();
        remaining.clear();
    }

    private void onLimit() {
        timer = null;
        remaining.forEach(this::close);
        node.passes().run();
        for (ConnectionDriver driver : remaining) {
            // The peer was told once; the close stands as the end.
            Connection connection = driver.connection();
            connection.fail(refusal(connection));
            driver.markDirty();
        }
        if (!over) {
            node.dispose();
        }
    }

    private void close(ConnectionDriver driver) {
        driver.connection().close(0, REASON, node.nowNs());
        driver.markDirty();
    }

    private void stopTimer() {
        if (timer != null) {
            timer.dispose();
            timer = null;
        }
    }
}
