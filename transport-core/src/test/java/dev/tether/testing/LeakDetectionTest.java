package dev.tether.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LeakDetectionTest {

    static ByteBufAllocator[] allocators() {
        return new ByteBufAllocator[] {
            ByteBufAllocator.DEFAULT, PooledByteBufAllocator.DEFAULT, UnpooledByteBufAllocator.DEFAULT
        };
    }

    @ParameterizedTest
    @MethodSource("allocators")
    void aDroppedBufferIsALeakOfItsTest(ByteBufAllocator allocator) {
        allocateAndDrop(allocator);

        assertThat(LeakDetection.takeLeaksOfThisTest())
                .singleElement()
                .asString()
                .contains("ByteBuf was not released", "LeakDetectionTest.allocateAndDrop");
    }

    @ParameterizedTest
    @MethodSource("allocators")
    void aReleasedBufferIsNoLeak(ByteBufAllocator allocator) {
        allocator.directBuffer(16).release();

        assertThat(LeakDetection.takeLeaksOfThisTest()).isEmpty();
    }

    private static void allocateAndDrop(ByteBufAllocator allocator) {
        ByteBuf dropped = allocator.directBuffer(16);
        dropped.writeLong(1);
    }
}
