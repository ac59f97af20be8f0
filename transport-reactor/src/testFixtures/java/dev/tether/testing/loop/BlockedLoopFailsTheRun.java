package dev.tether.testing.loop;

import dev.tether.testing.BackgroundFailures;
import reactor.blockhound.BlockHound;
import reactor.blockhound.BlockingOperationError;
import reactor.blockhound.integration.BlockHoundIntegration;

/** Remembers each blocking call on an event loop, because the loop or its caller may swallow the error. */
public final class BlockedLoopFailsTheRun implements BlockHoundIntegration {

    @Override
    public void applyTo(BlockHound.Builder builder) {
        builder.blockingMethodCallback(method -> {
            BlockingOperationError error = new BlockingOperationError(method);
            BackgroundFailures.add(error);
            throw error;
        });
    }
}
