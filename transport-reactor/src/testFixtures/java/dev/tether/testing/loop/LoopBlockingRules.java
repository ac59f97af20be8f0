package dev.tether.testing.loop;

import reactor.blockhound.BlockHound;
import reactor.blockhound.integration.BlockHoundIntegration;

/** What may block on an event loop for a moment: locks inside Netty and the JDK that are held for a few instructions. */
public final class LoopBlockingRules implements BlockHoundIntegration {

    @Override
    public void applyTo(BlockHound.Builder builder) {
        builder.allowBlockingCallsInside("io.netty.buffer.AdaptivePoolingAllocator", "allocate");
        // A bounded queue between a loop and another thread: offering never waits for room.
        builder.allowBlockingCallsInside("java.util.concurrent.ArrayBlockingQueue", "offer");
        builder.allowBlockingCallsInside("java.util.concurrent.LinkedBlockingQueue", "offer");
        builder.allowBlockingCallsInside("java.util.concurrent.LinkedBlockingDeque", "offerLast");
    }
}
