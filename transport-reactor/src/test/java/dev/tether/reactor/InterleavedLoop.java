package dev.tether.reactor;

import dev.tether.core.error.ChannelClosedException;
import dev.tether.core.error.PeerContext;
import dev.tether.reactor.interleaving.Interleavings;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** An event loop among the threads of an exploration. As Netty's does, it refuses before it runs what it has accepted. */
final class InterleavedLoop implements NodeLoop {

    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private @Nullable Thread thread;
    private boolean gone;
    private int mostWaiting;

    /** What its thread does. */
    void run() {
        thread = Thread.currentThread();
        try {
            while (Interleavings.await("tasks", () -> !tasks.isEmpty())) {
                tasks.remove().run();
            }
        } finally {
            thread = null;
        }
    }

    /** From now on it refuses. */
    void end() {
        Interleavings.access("tasks", true, "");
        gone = true;
    }

    boolean isGone() {
        return gone;
    }

    int waiting() {
        return tasks.size();
    }

    /** How many tasks have waited at once. */
    int mostWaiting() {
        return mostWaiting;
    }

    @Override
    public boolean inLoop() {
        return Thread.currentThread() == thread;
    }

    @Override
    public boolean execute(Runnable task) {
        if (inLoop()) {
            task.run();
            return true;
        }
        Interleavings.access("tasks", true, "");
        if (gone) {
            return false;
        }
        tasks.add(task);
        mostWaiting = Math.max(mostWaiting, tasks.size());
        return true;
    }

    @Override
    public boolean isClosed() {
        return false;
    }

    @Override
    public ChannelClosedException closedFailure() {
        return new ChannelClosedException("the loop is gone", PeerContext.NONE, null);
    }
}
