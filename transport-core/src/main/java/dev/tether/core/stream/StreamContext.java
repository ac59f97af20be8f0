package dev.tether.core.stream;

import dev.tether.core.flow.ReceiveCredit;
import dev.tether.core.flow.SendCredit;
import io.netty.buffer.ByteBufAllocator;

/** What all streams of a connection share. */
final class StreamContext {

    final ByteBufAllocator allocator;
    final ChunkPool chunks;
    final StreamLimits local;
    final StreamBounds bounds;
    final SendCredit sendCredit = new SendCredit(0);
    final ReceiveCredit receiveCredit;
    final ReceiveMemory receiveMemory;
    final SendBudget budget;

    StreamContext(StreamLimits local, StreamBounds bounds, ByteBufAllocator allocator, ChunkPool chunks) {
        this.local = local;
        this.bounds = bounds;
        this.allocator = allocator;
        this.chunks = chunks;
        this.receiveCredit = ReceiveCredit.ofConnection(local.initialMaxData(), bounds.maxConnectionWindow());
        this.receiveMemory = new ReceiveMemory(receiveCredit);
        this.budget = new SendBudget(bounds.sendBuffer());
    }
}
