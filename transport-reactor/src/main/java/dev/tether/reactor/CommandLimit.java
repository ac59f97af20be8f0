package dev.tether.reactor;

import dev.tether.core.error.OutboundOverflowException;
import dev.tether.core.error.PeerContext;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Takes commands of any thread to the event loop; a limited number of them waits for it. */
final class CommandLimit {

    private final NodeLoop loop;
    private final int limit;
    private final Incidents incidents;
    private final AtomicInteger waiting = new AtomicInteger();

    CommandLimit(ReactorNode node) {
        this(node, node.settings().commandQueue(), node.incidents());
    }

    /** @param limit how many commands wait for the loop at the most */
    CommandLimit(NodeLoop loop, int limit, Incidents incidents) {
        this.loop = loop;
        this.limit = limit;
        this.incidents = incidents;
    }

    /**
     * Runs a command on the event loop, now if this is it.
     *
     * @return why it will not run: the limit is reached, or the loop is gone; null if it will
     */
    @Nullable
    RuntimeException submit(Runnable command, Supplier<PeerContext> context) {
        if (loop.inLoop()) {
            loop.execute(command);
            return null;
        }
        if (!enter()) {
            return refusal(context);
        }
        boolean accepted = loop.execute(() -> {
            waiting.getAndDecrement();
            command.run();
        });
        if (accepted) {
            return null;
        }
        waiting.getAndDecrement();
        return loop.closedFailure();
    }

    /** Never counts beyond the limit, so that whoever is refused takes no place from others. */
    private boolean enter() {
        for (int before = waiting.get(); before < limit; before = waiting.get()) {
            if (waiting.compareAndSet(before, before + 1)) {
                return true;
            }
        }
        return false;
    }

    private RuntimeException refusal(Supplier<PeerContext> context) {
        if (loop.isClosed()) {
            return loop.closedFailure();
        }
        incidents.onCommandRefused();
        return new OutboundOverflowException(
                limit
                        + " commands wait for the event loop, which is the limit; wait for the earlier ones, or raise the"
                        + " setting commandQueue",
                context.get());
    }
}
