package dev.tether.reactor.simulation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.List;

/** The kinds of buffers that an application may hand to a send. */
enum BufferKind {
    UNPOOLED_HEAP {
        @Override
        ByteBuf make(byte[] content, List<ByteBuf> behind) {
            return Unpooled.buffer(content.length + MARGIN).writeBytes(content);
        }
    },
    UNPOOLED_DIRECT {
        @Override
        ByteBuf make(byte[] content, List<ByteBuf> behind) {
            return Unpooled.directBuffer(content.length + MARGIN).writeBytes(content);
        }
    },
    POOLED_HEAP {
        @Override
        ByteBuf make(byte[] content, List<ByteBuf> behind) {
            return POOL.heapBuffer(content.length + MARGIN).writeBytes(content);
        }
    },
    POOLED_DIRECT {
        @Override
        ByteBuf make(byte[] content, List<ByteBuf> behind) {
            return POOL.directBuffer(content.length + MARGIN).writeBytes(content);
        }
    },
    DEFAULT_OF_NETTY {
        @Override
        ByteBuf make(byte[] content, List<ByteBuf> behind) {
            return ByteBufAllocator.DEFAULT.buffer(content.length + MARGIN).writeBytes(content);
        }
    },
    COMPOSITE {
        @Override
        ByteBuf make(byte[] content, List<ByteBuf> behind) {
            int half = content.length / 2;
            ByteBuf first = POOL.heapBuffer(half + MARGIN).writeBytes(content, 0, half);
            ByteBuf second = Unpooled.directBuffer(content.length - half + MARGIN)
                    .writeBytes(content, half, content.length - half);
            behind.add(first);
            behind.add(second);
            return POOL.compositeBuffer().addComponent(true, first).addComponent(true, second);
        }
    },
    /** A view that has the reference count of the whole. */
    SLICE {
        @Override
        ByteBuf make(byte[] content, List<ByteBuf> behind) {
            ByteBuf whole = whole(content);
            behind.add(whole);
            return whole.slice(MARGIN, content.length);
        }
    },
    /** A view with a reference count of its own, which alone holds the whole. */
    RETAINED_SLICE {
        @Override
        ByteBuf make(byte[] content, List<ByteBuf> behind) {
            ByteBuf whole = whole(content);
            behind.add(whole);
            ByteBuf slice = whole.retainedSlice(MARGIN, content.length);
            whole.release();
            return slice;
        }
    },
    READ_ONLY {
        @Override
        ByteBuf make(byte[] content, List<ByteBuf> behind) {
            ByteBuf whole = whole(content);
            behind.add(whole);
            return whole.skipBytes(MARGIN).writerIndex(MARGIN + content.length).asReadOnly();
        }
    };

    private static final PooledByteBufAllocator POOL = PooledByteBufAllocator.DEFAULT;
    private static final int MARGIN = 16;

    /**
     * A buffer with the content between its indices, and with one reference.
     *
     * @param behind takes the buffers that this one is made of, and is the last to hold
     */
    abstract ByteBuf make(byte[] content, List<ByteBuf> behind);

    private static ByteBuf whole(byte[] content) {
        return POOL.directBuffer(content.length + 2 * MARGIN)
                .writeZero(MARGIN)
                .writeBytes(content)
                .writeZero(MARGIN);
    }
}
