package dev.tether.reactor.socket;

import static dev.tether.reactor.socket.SocketFixture.pattern;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The outbound queue before a kernel that takes datagrams when the test says so. */
class OutboundQueueTest {

    private static final InetSocketAddress PEER = new InetSocketAddress(InetAddress.getLoopbackAddress(), 4433);

    private final Kernel kernel = new Kernel();
    private final EmbeddedChannel channel = new EmbeddedChannel(kernel);
    private final SocketMeter meter = new SocketMeter();

    @AfterEach
    void everyBufferIsReleased() {
        assertThat(kernel.contents)
                .allSatisfy(packet -> assertThat(packet.refCnt()).isZero());
        channel.finishAndReleaseAll();
    }

    @Test
    void aRunIsCutIntoPacketsTheKernelCanSegment() {
        OutboundQueue queue = new OutboundQueue(channel, meter, 1_000, true, true);

        offer(queue, 150 * 100, 100);
        offer(queue, 100 * 1_400, 1_400);
        offer(queue, 2 * 40_000, 40_000);
        offer(queue, 100, 100);

        assertThat(kernel.shapes())
                .containsExactly(
                        "6400/100",
                        "6400/100",
                        "2200/100",
                        "64400/1400",
                        "64400/1400",
                        "11200/1400",
                        "40000",
                        "40000",
                        "100");
        kernel.takeAll(channel);
        assertThat(meter.read().datagramsOut()).isEqualTo(150 + 100 + 2 + 1);
    }

    @Test
    void aDatagramIsPendingUntilTheKernelTookIt() {
        OutboundQueue queue = new OutboundQueue(channel, meter, 4, false, true);
        int[] writable = {0};
        queue.onWritable(() -> writable[0]++);
        offer(queue, 400, 100);
        queue.flush();
        assertThat(queue.isWritable()).isFalse();

        kernel.take(1);
        channel.runPendingTasks();
        assertThat(queue.isWritable()).isFalse();
        assertThat(writable[0]).isZero();

        kernel.take(1);
        channel.runPendingTasks();
        assertThat(queue.isWritable()).isTrue();
        assertThat(writable[0]).isEqualTo(1);

        kernel.takeAll(channel);
        assertThat(writable[0]).isEqualTo(1);
    }

    @Test
    void aRefusedRunLeavesTheQueueUnwritableThoughAShorterOneFits() {
        OutboundQueue queue = new OutboundQueue(channel, meter, 10, false, true);
        int[] writable = {0};
        queue.onWritable(() -> writable[0]++);
        offer(queue, 800, 100);
        assertThat(queue.offer(PEER, pattern(300), 0, 300, 100)).isFalse();

        offer(queue, 100, 100);
        assertThat(queue.isWritable()).isFalse();

        kernel.takeAll(channel);
        assertThat(queue.isWritable()).isTrue();
        assertThat(writable[0]).isEqualTo(1);
    }

    @Test
    void aRunBeyondTheBoundIsRefusedWithoutStoppingTheQueue() {
        OutboundQueue queue = new OutboundQueue(channel, meter, 10, false, true);

        assertThat(queue.offer(PEER, pattern(1_100), 0, 1_100, 100)).isFalse();

        assertThat(queue.isWritable()).isTrue();
        assertThat(meter.read().droppedOutbound()).isEqualTo(11);
    }

    @Test
    void closingRunsOnceNothingIsPending() {
        OutboundQueue queue = new OutboundQueue(channel, meter, 10, false, true);
        int[] drained = {0};
        offer(queue, 200, 100);

        queue.close(() -> drained[0]++);
        kernel.take(1);
        channel.runPendingTasks();
        assertThat(drained[0]).isZero();
        kernel.take(1);
        channel.runPendingTasks();

        assertThat(drained[0]).isEqualTo(1);
        channel.advanceTimeBy(1, TimeUnit.MINUTES);
        channel.runScheduledPendingTasks();
        assertThat(drained[0]).isEqualTo(1);
    }

    @Test
    void closingDoesNotWaitForeverForAKernelThatTakesNothing() {
        channel.freezeTime();
        OutboundQueue queue = new OutboundQueue(channel, meter, 10, false, true);
        int[] drained = {0};
        offer(queue, 200, 100);

        queue.close(() -> drained[0]++);
        channel.advanceTimeBy(499, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        assertThat(drained[0]).isZero();
        channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();

        assertThat(drained[0]).isEqualTo(1);
        kernel.takeAll(channel);
    }

    @Test
    void aFailedDatagramIsCountedAndReportedWithoutStoppingTheOthers() {
        OutboundQueue queue = new OutboundQueue(channel, meter, 10, false, true);
        List<Throwable> reported = new ArrayList<>();
        queue.onSendError((to, cause) -> reported.add(cause));
        IOException unreachable = new IOException("Network is unreachable");
        offer(queue, 300, 100);

        kernel.take(1);
        kernel.refuse(unreachable);
        assertThat(reported).as("not in the midst of the channel's writing").isEmpty();
        kernel.takeAll(channel);

        assertThat(reported).containsExactly(unreachable);
        assertThat(meter.read()).isEqualTo(new SocketCounters(0, 0, 2, 200, 1, 0, 0));
    }

    @Test
    void aFlushWithoutDatagramsTouchesNothing() {
        OutboundQueue queue = new OutboundQueue(channel, meter, 10, false, true);

        queue.flush();
        offer(queue, 100, 100);
        queue.flush();
        queue.flush();

        assertThat(kernel.flushes).isEqualTo(1);
        kernel.takeAll(channel);
    }

    private static void offer(OutboundQueue queue, int length, int segmentSize) {
        assertThat(queue.offer(PEER, pattern(length), 0, length, segmentSize)).isTrue();
    }

    private static final class Kernel extends ChannelOutboundHandlerAdapter {

        private final List<DatagramPacket> contents = new ArrayList<>();
        private final Queue<DatagramPacket> packets = new ArrayDeque<>();
        private final Queue<ChannelPromise> promises = new ArrayDeque<>();
        private int flushes;

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            contents.add((DatagramPacket) message);
            packets.add((DatagramPacket) message);
            promises.add(promise);
        }

        @Override
        public void flush(ChannelHandlerContext ctx) {
            flushes++;
        }

        List<String> shapes() {
            return packets.stream()
                    .map(packet -> packet.content().readableBytes()
                            + (packet instanceof SegmentedDatagramPacket run ? "/" + run.segmentSize() : ""))
                    .toList();
        }

        void take(int count) {
            for (int i = 0; i < count; i++) {
                ReferenceCountUtil.release(packets.remove());
                assertThat(promises.remove().trySuccess()).isTrue();
            }
        }

        void refuse(Throwable cause) {
            ReferenceCountUtil.release(packets.remove());
            assertThat(promises.remove().tryFailure(cause)).isTrue();
        }

        void takeAll(EmbeddedChannel channel) {
            take(packets.size());
            channel.runPendingTasks();
        }
    }
}
