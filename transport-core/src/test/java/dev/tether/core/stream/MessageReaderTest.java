package dev.tether.core.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.frame.TransportErrorCode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MessageReaderTest {

    private static final int MAX = 16 << 20;

    private final StreamPair pair = new StreamPair();
    private final MessageWriter writer = new MessageWriter(pair.dialing, StreamId.MESSAGES);
    private final MessageReader reader = new MessageReader(pair.accepting, StreamId.MESSAGES, MAX);

    @AfterEach
    void everythingIsReleased() {
        reader.close();
        pair.close();
    }

    @Test
    void messagesArriveInOrderWithTheirBoundaries() throws StreamViolation {
        for (int length : new int[] {3, 0, 63, 64, 20_000}) {
            assertThat(writer.offer(Unpooled.wrappedBuffer(new byte[length]))).isTrue();
        }
        pair.exchange();

        for (int length : new int[] {3, 0, 63, 64, 20_000}) {
            assertNextHas(length);
        }
        assertThat(reader.next()).isNull();
    }

    @Test
    void theLengthIsTheShortestVariableLengthInteger() throws StreamViolation {
        for (int length : new int[] {0, 63, 64, 16_383, 16_384}) {
            writer.offer(Unpooled.wrappedBuffer(new byte[length]));
        }
        pair.exchange();

        assertThat(prefix(1)).containsExactly(0);
        assertThat(prefix(1)).containsExactly(63);
        skip(63);
        assertThat(prefix(2)).containsExactly(0x40, 64);
        skip(64);
        assertThat(prefix(2)).containsExactly(0x7f, 0xff);
        skip(16_383);
        assertThat(prefix(4)).containsExactly(0x80, 0, 0x40, 0);
        skip(16_384);
    }

    @Test
    void smallMessagesAreNotCopied() throws StreamViolation {
        byte[] content = new byte[100];
        for (int i = 0; i < 3; i++) {
            writer.offer(Unpooled.wrappedBuffer(content));
        }
        pair.exchange();

        ByteBuf first = Objects.requireNonNull(reader.next());
        ByteBuf second = Objects.requireNonNull(reader.next());
        assertThat(first.array()).isSameAs(second.array());
        first.release();
        second.release();
        assertNextHas(100);
    }

    @Test
    void aMessageLargerThanEveryWindowArrives() throws StreamViolation {
        ByteBuf message = Unpooled.wrappedBuffer(new byte[10 << 20]);
        ByteBuf received = null;
        boolean offered = false;
        for (int i = 0; received == null && i < 1000; i++) {
            offered = offered || writer.offer(message);
            pair.exchange();
            received = reader.next();
        }

        Objects.requireNonNull(received);
        assertThat(received.readableBytes()).isEqualTo(10 << 20);
        received.release();
        assertThat(writer.endOffset()).isEqualTo((10 << 20) + 4);
        assertThat(pair.dialing.ackedOffset(0)).isEqualTo(writer.endOffset());
    }

    @Test
    void anAnnouncedLengthAloneTakesNoMemory() throws StreamViolation {
        pair.accepting.frames().onStream(0, 0, new byte[] {(byte) 0x81, 0, 0, 0, 1}, 0, 5, false);

        assertThat(reader.next()).isNull();
        assertThat(pair.allocator.metric().usedHeapMemory()).isLessThanOrEqualTo(MessageReader.WHOLE_IF_UP_TO);
    }

    @Test
    void aMessageThatIsTooLongIsAViolation() throws StreamViolation {
        pair.accepting.frames().onStream(0, 0, new byte[] {(byte) 0x81, 0, 0, 1}, 0, 4, false);

        assertThatExceptionOfType(StreamViolation.class)
                .isThrownBy(reader::next)
                .satisfies(violation ->
                        assertThat(violation.errorCode()).isEqualTo(TransportErrorCode.PROTOCOL_VIOLATION));
    }

    @Test
    void aStreamThatEndsInsideAMessageIsAViolation() throws StreamViolation {
        pair.accepting.frames().onStream(0, 0, new byte[] {5, 1, 2}, 0, 3, true);

        assertThatExceptionOfType(StreamViolation.class).isThrownBy(reader::next);
    }

    @Test
    void aStreamThatEndsInsideALengthIsAViolation() throws StreamViolation {
        pair.accepting.frames().onStream(0, 0, new byte[] {0x40}, 0, 1, true);

        assertThatExceptionOfType(StreamViolation.class).isThrownBy(reader::next);
    }

    @Test
    void aStreamThatEndsAfterAMessageIsAtItsEnd() throws StreamViolation {
        writer.offer(Unpooled.wrappedBuffer(new byte[7]));
        pair.dialing.finish(0);
        pair.exchange();

        assertNextHas(7);
        assertThat(reader.next()).isNull();
        assertThat(pair.accepting.isAtEnd(0)).isTrue();
    }

    @Test
    void aReaderWithoutDemandStopsTheWriter() throws StreamViolation {
        int accepted = 0;
        ByteBuf message = Unpooled.wrappedBuffer(new byte[1000]);
        while (writer.offer(message.duplicate())) {
            accepted++;
            pair.exchange();
            assertThat(accepted).isLessThan(2000);
        }
        assertThat(accepted).isEqualTo((1 << 20) / 1002);
        assertThat(pair.dialing.pollWritable()).isEqualTo(-1);
    }

    @Test
    void theRestOfAMessageMustComeNext() {
        writer.offer(Unpooled.wrappedBuffer(new byte[2 << 20]));

        assertThat(writer.isInsideMessage()).isTrue();
        assertThatThrownBy(() -> writer.offer(Unpooled.wrappedBuffer(new byte[3])))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anySizesPassThroughAnyWindows() throws StreamViolation {
        for (long seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            int window = 16 << random.nextInt(14); // room for the length of a message at least
            StreamPair small = new StreamPair(
                    new StreamLimits(16 + random.nextInt(2 * window), window, 1, 0),
                    new StreamBounds(4L * window, 2L * window, 1024 << random.nextInt(6), 1000));
            passMessages(small, random, Math.min(60, 20 + window / 100), seed);
            small.close();
        }
    }

    private static void passMessages(StreamPair pair, Random random, int count, long seed) throws StreamViolation {
        MessageWriter writer = new MessageWriter(pair.dialing, 0);
        MessageReader reader = new MessageReader(pair.accepting, 0, 1 << 20);
        Deque<byte[]> expected = new ArrayDeque<>();
        ByteBuf offered = Unpooled.EMPTY_BUFFER;
        int sent = 0;
        int received = 0;
        for (int rounds = 0; received < count; rounds++) {
            assertThat(rounds).as("seed %d stalls", seed).isLessThan(1_000_000);
            while (sent < count || writer.isInsideMessage()) {
                if (!writer.isInsideMessage()) {
                    byte[] content = new byte[random.nextInt(1 << random.nextInt(15))];
                    random.nextBytes(content);
                    expected.add(content);
                    offered = Unpooled.wrappedBuffer(content);
                    sent++;
                }
                if (!writer.offer(offered)) {
                    break;
                }
            }
            pair.exchange();
            for (ByteBuf message = reader.next(); message != null; message = reader.next()) {
                byte[] content = new byte[message.readableBytes()];
                message.readBytes(content);
                message.release();
                assertThat(content).as("seed %d, message %d", seed, received).isEqualTo(expected.poll());
                received++;
            }
        }
        reader.close();
    }

    private void assertNextHas(int length) throws StreamViolation {
        ByteBuf message = Objects.requireNonNull(reader.next());
        assertThat(message.readableBytes()).isEqualTo(length);
        message.release();
    }

    private int[] prefix(int length) {
        int[] bytes = new int[length];
        for (int i = 0; i < length; i++) {
            ByteBuf one = pair.accepting.read(0, 1);
            bytes[i] = one.getByte(0) & 0xff;
            one.release();
        }
        return bytes;
    }

    private void skip(int length) {
        for (int left = length; left > 0; ) {
            ByteBuf bytes = pair.accepting.read(0, left);
            left -= bytes.readableBytes();
            bytes.release();
        }
    }
}
