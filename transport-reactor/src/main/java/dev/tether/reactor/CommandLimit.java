package dev.tether.reactor;

import dev.tether.core.error.OutboundOverflowException;
import dev.tether.core.error.PeerContext;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Takes commands of any thread to the event loop; a limited number of them waits for it. */
final class CommandLimit {

    private final ReactorNode node;
    private final AtomicInteger waiting = new AtomicInteger();

    CommandLimit(ReactorNode node) {
        this.node = node;
    }

    /**
     * Runs a command on the event loop, now if this is it.
     *
     * @return why it will not run: the limit is reached, or the loop is gone; null if it will
     */
    @Nullable
    RuntimeException submit(Runnable command, Supplier<PeerContext> context) {
        if (node.inLoop()) {
            node.execute(command);
            return null;
        }
        int limit = node.settings().commandQueue();
        if (waiting.incrementAndGet() > limit) {
            waiting.decrementAndGet();
            if (node.isClosed()) {
                return node.closedFailure();
            }
            node.incidents().onCommandRefused();
            return new OutboundOverflowException(
                    limit
                            + " commands wait for the event loop, which is the limit; wait for the earlier ones, or raise the"
                            + " setting commandQueue",
                    context.get());
        }
        boolean accepted = node.execute(() -> {
            waiting.decrementAndGet();
            command.run();
        });
        return accepted ? null : node.closedFailure();
    }
}
