package dev.tether.core.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.frame.FrameType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A buffer that was written is given back once, whatever becomes of the stream, and in whichever order. */
class SendBufferOwnershipTest {

    private static final int LENGTH = 10 * SendBuffer.LEAST_KEPT;

    /** What ends, or may end, a stream's need for its bytes. */
    private enum Event {
        ACK,
        LOSS,
        FINISH,
        RESET,
        STOP_SENDING,
        CLOSE_SENDING,
        RELEASE_ALL
    }

    /** A stream on which a large buffer was written, and half of it sent. */
    private static final class Fixture {

        private final ByteBuf source = Unpooled.directBuffer(LENGTH).writeZero(LENGTH);
        private final List<Sent> packets = new ArrayList<>();
        private final StreamSet set = new StreamSet(
                true,
                StreamLimits.defaults(),
                StreamBounds.defaults(),
                UnpooledByteBufAllocator.DEFAULT,
                new ChunkPool(1 << 20));
        private final long id;

        Fixture() {
            set.frames().setPeerLimits(StreamLimits.defaults());
            id = set.openStream(true);
            set.write(id, source, LENGTH / 2);
            StreamPair.write(set, id, 10);
            set.write(id, source, LENGTH / 2);
            assertThat(source.refCnt()).isEqualTo(3);
            for (int i = 0; i < 4; i++) {
                packets.add(Sent.by(set));
            }
        }

        void happens(Event event) throws StreamViolation {
            switch (event) {
                case ACK -> {
                    packets.forEach(packet -> packet.ackedBy(set));
                    while (set.frames().hasFramesToSend()) {
                        Sent.by(set).ackedBy(set);
                    }
                }
                case LOSS -> packets.forEach(packet -> packet.lostBy(set));
                case FINISH -> set.finish(id);
                case RESET -> set.reset(id, 1);
                case STOP_SENDING -> set.frames().onStopSending(id, 2);
                case CLOSE_SENDING -> set.closeSending();
                case RELEASE_ALL -> set.releaseAll();
            }
        }
    }

    @Test
    void inEveryOrderOfEventsTheBufferIsGivenBackOnce() throws StreamViolation {
        inEveryOrder(new ArrayList<>());
    }

    private static void inEveryOrder(List<Event> chosen) throws StreamViolation {
        if (chosen.size() == Event.values().length) {
            Fixture fixture = new Fixture();
            for (Event event : chosen) {
                fixture.happens(event);
                assertThat(fixture.source.refCnt())
                        .as("after %s of %s", event, chosen)
                        .isBetween(1, 3);
            }
            assertThat(fixture.source.refCnt()).as("after %s", chosen).isEqualTo(1);
            fixture.source.release();
            return;
        }
        for (Event event : Event.values()) {
            if (!chosen.contains(event)) {
                chosen.add(event);
                inEveryOrder(chosen);
                chosen.remove(event);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Event.class,
            names = {"ACK", "RESET", "STOP_SENDING", "CLOSE_SENDING", "RELEASE_ALL"})
    void eachEndAloneGivesTheBufferBack(Event end) throws StreamViolation {
        Fixture fixture = new Fixture();
        fixture.happens(end);

        assertThat(fixture.source.refCnt()).isEqualTo(1);
        fixture.source.release();
    }

    @Test
    void afterTheCloseOfSendingNothingIsTakenAndTheGettersAnswer() throws StreamViolation {
        Fixture fixture = new Fixture();
        long written = fixture.set.writtenOffset(fixture.id);
        fixture.set.frames().onStream(fixture.id, 0, new byte[5], 0, 5, false);
        fixture.set.closeSending();

        assertThat(fixture.set.write(fixture.id, fixture.source.readerIndex(0), LENGTH))
                .isZero();
        assertThat(fixture.set.writable(fixture.id)).isZero();
        assertThat(fixture.set.pollWritable()).isEqualTo(-1);
        assertThat(fixture.set.openStream(true)).isEqualTo(-1);
        assertThat(fixture.set.frames().hasFramesToSend()).isFalse();
        assertThat(Sent.by(fixture.set, 1200, 0, 1)).isNull();
        assertThat(fixture.set.writtenOffset(fixture.id)).isEqualTo(written);
        assertThat(fixture.set.ackedOffset(fixture.id)).isZero();
        assertThat(StreamPair.readAll(fixture.set, fixture.id)).isEqualTo(5);
        fixture.source.release();
    }

    /** A relay sends on what it has received: the bytes are not copied in between. */
    @Test
    void whatWasReceivedIsSentOnWithoutACopy() throws StreamViolation {
        byte[] content = new byte[16 * SendBuffer.LEAST_KEPT];
        new Random(7).nextBytes(content);
        UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
        StreamSet in = new StreamSet(
                false, StreamLimits.defaults(), StreamBounds.defaults(), allocator, new ChunkPool(1 << 20));
        ChunkPool chunks = new ChunkPool(1 << 20);
        StreamSet out = new StreamSet(true, StreamLimits.defaults(), StreamBounds.defaults(), allocator, chunks);
        out.frames().setPeerLimits(StreamLimits.defaults());
        in.frames().onStream(StreamId.MESSAGES, 0, content, 0, content.length, false);
        ByteBuf received = in.read(StreamId.MESSAGES, content.length);
        int length = received.readableBytes();
        long before = allocator.metric().usedHeapMemory();
        out.write(StreamId.MESSAGES, received, length);
        received.release();

        assertThat(allocator.metric().usedHeapMemory()).isEqualTo(before);
        Sent packet = Sent.by(out, length + 100, 0, 1);
        assertThat(packet).isNotNull();
        packet.ackedBy(out);
        assertThat(packet.types()).containsExactly((long) FrameType.STREAM);
        assertThat(packet.notes().get(0)[3]).isEqualTo(length);
        assertThat(chunks.pooledBytes()).isZero();
        in.releaseAll();
        out.releaseAll();
        assertThat(allocator.metric().usedHeapMemory()).isZero();
    }
}
