package dev.tether.reactor;

import dev.tether.core.error.ChannelClosedException;

/** The event loop of a node, as application threads reach it. From any thread. */
interface NodeLoop {

    /** Whether the caller is on it. */
    boolean inLoop();

    /**
     * Runs a task on the event loop, now if this is it, and a pass after it. The tasks of one thread run in their order; a
     * task that the loop itself asks for runs before those that wait.
     *
     * @return false if the loop is gone, and the task will not run
     */
    boolean execute(Runnable task);

    /** Whether the node is closed. */
    boolean isClosed();

    /** What ends all that was asked of a node which is closed, or whose loop is gone. */
    ChannelClosedException closedFailure();
}
