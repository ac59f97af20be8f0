package dev.tether.reactor;

import dev.tether.core.error.OutboundOverflowException;
import dev.tether.core.error.PeerContext;
import java.util.concurrent.atomic.AtomicInteger;

/** Takes commands of any thread to the event loop; a limited number of them waits for it. */
final class CommandLimit {

    private final ReactorNode node;
    private final AtomicInteger waiting = new AtomicInteger();

    CommandLimit(ReactorNode node) {
        this.node = node;
    }

    /** Runs a command on the event loop, now if this is it; false if the limit is reached, or the loop is gone. */
    boolean execute(Runnable command) {
        if (node.inLoop()) {
            return node.execute(command);
        }
        if (waiting.incrementAndGet() > node.settings().commandQueue()) {
            waiting.decrementAndGet();
            return false;
        }
        return node.execute(() -> {
            waiting.decrementAndGet();
            command.run();
        });
    }

    /**
     * Why a command was not taken.
     *
     * @param whose what the command was for, in one word
     */
    RuntimeException refusal(String whose, PeerContext context) {
        return node.isClosed()
                ? node.closedFailure()
                : new OutboundOverflowException(
                        "more than " + node.settings().commandQueue() + " commands wait for the event loop of this "
                                + whose + "; wait for the earlier ones",
                        context);
    }
}
