package dev.tether.core.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tether.core.frame.FrameType;
import dev.tether.core.frame.TransportErrorCode;
import dev.tether.core.wire.VarInt;
import dev.tether.core.wire.WireWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages that are numbered within a link. docs/PROTOCOL.md, section 9.3. */
class MessageMarksTest {

    private static final HexFormat HEX = HexFormat.of();
    private static final int MAX = 6000;
    private static final String MARK = "ffffffffffffffff";

    private final StreamPair pair = new StreamPair();
    private final MessageWriter writer = new MessageWriter(pair.dialing, StreamId.MESSAGES);
    private final MessageReader reader = new MessageReader(pair.accepting, StreamId.MESSAGES, MAX);
    private int fed;

    private record Read(long linkId, long number, String content) {}

    @AfterEach
    void everythingIsReleased() {
        reader.close();
        pair.close();
    }

    // The writer

    @Test
    void aMarkStandsOnlyWhereTheNumberIsNotTheNextOne() throws StreamViolation {
        assertThat(written(0, 0)).isEqualTo("01aa");
        assertThat(written(5, 1)).isEqualTo(MARK + "05" + "01" + "01aa");
        assertThat(written(5, 2)).isEqualTo("01aa");
        assertThat(written(5, 4)).isEqualTo(MARK + "05" + "04" + "01aa");
        assertThat(written(5, 5)).isEqualTo("01aa");
        assertThat(written(6, 6)).isEqualTo(MARK + "06" + "06" + "01aa");
        assertThat(written(0, 0)).isEqualTo(MARK + "00" + "00" + "01aa");
        assertThat(written(0, 0)).isEqualTo("01aa");
        assertThat(written(6, 7)).isEqualTo(MARK + "06" + "07" + "01aa");
    }

    @Test
    void theEndOffsetCountsTheMarks() throws StreamViolation {
        writer.offer(Unpooled.wrappedBuffer(new byte[100]), VarInt.MAX, VarInt.MAX);
        assertThat(writer.endOffset()).isEqualTo(3 * 8 + 2 + 100);
        pair.exchange();
        assertThat(pair.dialing.ackedOffset(StreamId.MESSAGES)).isEqualTo(writer.endOffset());
    }

    @Test
    void aNumberingThatCannotBeWrittenIsRefusedAndLeavesTheWriterAsItWas() throws StreamViolation {
        for (long[] wrong :
                new long[][] {{-1, 1}, {VarInt.MAX + 1, 1}, {0, 1}, {0, -1}, {1, 0}, {1, -1}, {1, VarInt.MAX + 1}}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> writer.offer(Unpooled.wrappedBuffer(new byte[1]), wrong[0], wrong[1]))
                    .withMessageContaining(String.valueOf(wrong[0] == 0 || wrong[0] == 1 ? wrong[1] : wrong[0]));
        }
        assertThat(writer.isInsideMessage()).isFalse();
        assertThat(written(0, 0)).isEqualTo("01aa");
    }

    // The reader

    @Test
    void aMarkNumbersTheNextMessageAndEachThatFollowsByOneMore() throws StreamViolation {
        feed("01 61", MARK + "05 07 01 62", "01 63", "01 64");
        assertThat(readAll())
                .containsExactly(
                        new Read(0, 0, "61"), new Read(5, 7, "62"), new Read(5, 8, "63"), new Read(5, 9, "64"));
    }

    @Test
    void ofSeveralMarksBeforeAMessageTheLastOneCounts() throws StreamViolation {
        feed(MARK + "05 07", MARK + "06 01", MARK + "09 03", "01 61");
        assertThat(readAll()).containsExactly(new Read(9, 3, "61"));
    }

    @Test
    void anEmptyMessageHasANumberToo() throws StreamViolation {
        feed(MARK + "05 07 00", "00", "01 61");
        assertThat(readAll()).containsExactly(new Read(5, 7, ""), new Read(5, 8, ""), new Read(5, 9, "61"));
    }

    @Test
    void linkZeroEndsTheNumbering() throws StreamViolation {
        feed(MARK + "05 07 01 61", MARK + "00 00 01 62", "01 63");
        assertThat(readAll()).containsExactly(new Read(5, 7, "61"), new Read(0, 0, "62"), new Read(0, 0, "63"));
    }

    @Test
    void theNumbersOfAMarkMayBeLongerThanNeeded() throws StreamViolation {
        feed(MARK + "4005 80000007 c000000000000001 61");
        assertThat(readAll()).containsExactly(new Read(5, 7, "61"));
    }

    @Test
    void aMarkIsReadByteByByte() throws StreamViolation {
        byte[] bytes = bytes("01 61" + MARK + "ffffffffffffffff 7fff 02 6263" + MARK + "c000000000000001 01 00" + MARK
                + "00 00 01 64");
        List<Read> read = new ArrayList<>();
        for (byte each : bytes) {
            feed(HEX.toHexDigits(each));
            read.addAll(readAll());
        }
        assertThat(read)
                .containsExactly(
                        new Read(0, 0, "61"),
                        new Read(VarInt.MAX, 0x3fff, "6263"),
                        new Read(1, 1, ""),
                        new Read(0, 0, "64"));
    }

    @Test
    void aMarkWithoutAMessageIsNoMessage() throws StreamViolation {
        feed(MARK + "05 07");
        assertThat(readAll()).isEmpty();
        assertThat(reader.isInsideMessage()).isFalse();
        assertThat(pair.accepting.readable(StreamId.MESSAGES)).isZero();
    }

    @Test
    void theLastNumberIsTwoToThe62MinusOne() throws StreamViolation {
        feed(MARK + "05 fffffffffffffffe 01 61", "01 62");
        assertThat(readAll()).containsExactly(new Read(5, VarInt.MAX - 1, "61"), new Read(5, VarInt.MAX, "62"));
        feed(MARK + "06 01 01 63");
        assertThat(readAll()).containsExactly(new Read(6, 1, "63"));
    }

    @Test
    void aMessageAfterTheLastNumberIsAViolation() throws StreamViolation {
        feed(MARK + "05 ffffffffffffffff 01 61", "01 62");
        assertThat(read()).isEqualTo(new Read(5, VarInt.MAX, "61"));
        assertViolation("link 5");
    }

    @ParameterizedTest
    @ValueSource(strings = {"00 01", "05 00", "00 ffffffffffffffff", "ffffffffffffffff 00"})
    void aLinkWithoutANumberAndANumberWithoutALinkAreViolations(String numbers) throws StreamViolation {
        feed(MARK + numbers + "01 61");
        assertViolation("a mark of link");
    }

    @Test
    void aNumberOfAMarkIsNotTakenForALength() throws StreamViolation {
        feed(MARK + "ffffffffffffffff ffffffffffffffff 01 61");
        assertThat(readAll()).containsExactly(new Read(VarInt.MAX, VarInt.MAX, "61"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"fffffffffffffffe", "5771", MARK + "00 01", MARK + "01 ffffffffffffffff 00 01 61"})
    void nothingIsReadAfterAViolation(String wrong) throws StreamViolation {
        feed("01 60", wrong, "01 61", MARK + "05 07 01 62");
        List<String> read = new ArrayList<>();
        StreamViolation first = catchThrowableOfType(StreamViolation.class, () -> {
            for (Read next = read(); next != null; next = read()) {
                read.add(next.content);
            }
        });
        assertThat(first).isNotNull();
        assertThat(read).contains("60").doesNotContain("61", "62");
        feed("01 63");
        for (int i = 0; i < 3; i++) {
            assertThat(catchThrowableOfType(StreamViolation.class, reader::next))
                    .isSameAs(first);
        }
    }

    @Test
    void aStreamThatEndsAfterAMarkIsAViolation() throws StreamViolation {
        byte[] bytes = bytes(MARK + "05 07");
        pair.accepting.frames().onStream(StreamId.MESSAGES, 0, bytes, 0, bytes.length, true);
        assertViolation("ended");
    }

    // Both

    @Test
    void anyNumberingPassesThroughAnyWindows() throws StreamViolation {
        for (long seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            int window = 16 << random.nextInt(10); // room for one number at least, and often not for a whole mark
            StreamPair small = new StreamPair(
                    new StreamLimits(16 + random.nextInt(2 * window), window, 1, 0),
                    new StreamBounds(4L * window, 2L * window, 1024, 1000));
            passMessages(small, random, seed);
            small.close();
        }
    }

    private static void passMessages(StreamPair pair, Random random, long seed) throws StreamViolation {
        MessageWriter writer = new MessageWriter(pair.dialing, StreamId.MESSAGES);
        MessageReader reader = new MessageReader(pair.accepting, StreamId.MESSAGES, MAX);
        Deque<Read> expected = new ArrayDeque<>();
        ByteBuf offered = Unpooled.EMPTY_BUFFER;
        Read next = new Read(0, 0, "");
        int sent = 0;
        for (int rounds = 0; sent < 40 || writer.isInsideMessage() || !expected.isEmpty(); rounds++) {
            assertThat(rounds).as("seed %d stalls", seed).isLessThan(100_000);
            while (sent < 40 || writer.isInsideMessage()) {
                if (!writer.isInsideMessage()) {
                    byte[] content = new byte[random.nextInt(1 << random.nextInt(9))];
                    random.nextBytes(content);
                    next = numbering(next, content, random);
                    expected.add(next);
                    offered = Unpooled.wrappedBuffer(content);
                    sent++;
                }
                // The numbering of the rest of a message does not matter.
                boolean rest = writer.isInsideMessage();
                if (!writer.offer(offered, rest ? -7 : next.linkId, rest ? -7 : next.number)) {
                    break;
                }
            }
            pair.exchange();
            for (Read read = read(reader); read != null; read = read(reader)) {
                assertThat(read).as("seed %d", seed).isEqualTo(expected.poll());
            }
        }
        reader.close();
    }

    /** What may follow {@code last}: mostly the next number, sometimes a gap, another link, or none. */
    private static Read numbering(Read last, byte[] content, Random random) {
        String hex = HEX.formatHex(content);
        return switch (random.nextInt(8)) {
            case 0 -> new Read(0, 0, hex);
            case 1 -> new Read(1 + random.nextInt(3), 1 + random.nextInt(100), hex);
            case 2 -> new Read(1 + random.nextLong(VarInt.MAX), 1 + random.nextLong(VarInt.MAX), hex);
            default ->
                last.linkId == 0 || last.number == VarInt.MAX
                        ? new Read(0, 0, hex)
                        : new Read(last.linkId, last.number + 1, hex);
        };
    }

    @Test
    void anyBytesAreReadAsTheModelReadsThem() {
        int numbered = 0;
        int violations = 0;
        for (long seed = 0; seed < 3000; seed++) {
            Random random = new Random(seed);
            byte[] bytes = randomBytes(random);
            Model model = new Model(bytes);
            List<Read> read = new ArrayList<>();
            boolean violated = readInPieces(bytes, random, read);
            assertThat(read).as("seed %d", seed).isEqualTo(model.messages);
            assertThat(violated).as("seed %d", seed).isEqualTo(model.violated);
            numbered +=
                    (int) read.stream().filter(message -> message.linkId != 0).count();
            violations += violated ? 1 : 0;
        }
        assertThat(numbered).as("numbered messages").isGreaterThan(5000);
        assertThat(violations).as("seeds with a violation").isBetween(500, 2500);
    }

    /** Hands the bytes over in pieces of any size, a few of them in another order; returns whether there was a violation. */
    private static boolean readInPieces(byte[] bytes, Random random, List<Read> read) {
        StreamPair pair = new StreamPair();
        MessageReader reader = new MessageReader(pair.accepting, StreamId.MESSAGES, MAX);
        List<int[]> pieces = new ArrayList<>();
        for (int at = 0; at < bytes.length; ) {
            int length = Math.min(bytes.length - at, 1 + random.nextInt(1 << random.nextInt(10)));
            pieces.add(new int[] {at, length});
            at += length;
        }
        for (int i = 1; i < pieces.size(); i++) {
            if (random.nextInt(4) == 0) {
                pieces.add(i - 1, pieces.remove(i));
            }
        }
        boolean violated = false;
        try {
            for (int[] piece : pieces) {
                pair.accepting.frames().onStream(StreamId.MESSAGES, piece[0], bytes, piece[0], piece[1], false);
                for (Read next = read(reader); next != null; next = read(reader)) {
                    read.add(next);
                }
            }
        } catch (StreamViolation e) {
            violated = true;
        }
        reader.close();
        pair.close();
        return violated;
    }

    /** Messages, marks that are right, marks that are likely wrong, and now and then anything. */
    private static byte[] randomBytes(Random random) {
        WireWriter out = new WireWriter().wrap(new byte[20_000], 0, 20_000);
        for (int i = 1 + random.nextInt(40); i > 0 && out.remaining() > MAX + 100; i--) {
            int kind = random.nextInt(200);
            if (kind < 100) {
                byte[] content = new byte[random.nextInt(1 << random.nextInt(13))];
                random.nextBytes(content);
                out.writeVarInt(content.length).writeBytes(content);
            } else if (kind < 196) {
                long linkId = random.nextInt(10) == 0 ? 0 : 1 + random.nextLong(VarInt.MAX);
                long number = random.nextInt(20) == 0 ? VarInt.MAX - random.nextInt(3) : 1 + random.nextInt(1000);
                out.writeVarInt(VarInt.MAX).writeVarInt(linkId).writeVarInt(linkId == 0 ? 0 : number);
            } else if (kind < 198) {
                out.writeVarInt(VarInt.MAX).writeVarInt(random.nextInt(2)).writeVarInt(random.nextInt(2));
            } else {
                byte[] anything = new byte[random.nextInt(20)];
                random.nextBytes(anything);
                out.writeBytes(anything);
            }
        }
        return Arrays.copyOf(out.array(), out.written());
    }

    /** Section 9.3 over bytes that are all there. */
    private static final class Model {

        private final List<Read> messages = new ArrayList<>();
        private final byte[] bytes;
        private boolean violated;
        private int at;

        Model(byte[] bytes) {
            this.bytes = bytes;
            long linkId = 0;
            long number = 0;
            for (Long length = number(); length != null; length = number()) {
                if (length == VarInt.MAX) {
                    Long link = number();
                    Long first = link == null ? null : number();
                    if (link == null || first == null) {
                        return;
                    }
                    linkId = link;
                    number = first;
                    violated = (linkId == 0) != (number == 0);
                } else if (length > MAX || linkId != 0 && number > VarInt.MAX) {
                    violated = true;
                } else if (length > bytes.length - at) {
                    return;
                } else {
                    String content = HEX.formatHex(bytes, at, at + length.intValue());
                    messages.add(new Read(linkId, linkId == 0 ? 0 : number++, content));
                    at += length.intValue();
                }
                if (violated) {
                    return;
                }
            }
        }

        private @Nullable Long number() {
            int size = at == bytes.length ? 1 : 1 << (bytes[at] >> 6 & 3);
            if (at + size > bytes.length) {
                return null;
            }
            BigInteger value = new BigInteger(1, Arrays.copyOfRange(bytes, at, at + size));
            at += size;
            return value.clearBit(8 * size - 1).clearBit(8 * size - 2).longValueExact();
        }
    }

    // Helpers

    /** What the writer puts on the stream for a message of one byte. */
    private String written(long linkId, long number) throws StreamViolation {
        assertThat(writer.offer(Unpooled.wrappedBuffer(new byte[] {(byte) 0xaa}), linkId, number))
                .isTrue();
        pair.exchange();
        StringBuilder hex = new StringBuilder();
        while (pair.accepting.readable(StreamId.MESSAGES) > 0) {
            ByteBuf bytes = pair.accepting.read(StreamId.MESSAGES, Integer.MAX_VALUE);
            hex.append(ByteBufUtil.hexDump(bytes));
            bytes.release();
        }
        return hex.toString();
    }

    private void feed(String... hex) throws StreamViolation {
        byte[] bytes = bytes(String.join("", hex));
        pair.accepting.frames().onStream(StreamId.MESSAGES, fed, bytes, 0, bytes.length, false);
        fed += bytes.length;
    }

    private static byte[] bytes(String hex) {
        return HEX.parseHex(hex.replace(" ", ""));
    }

    private List<Read> readAll() throws StreamViolation {
        List<Read> messages = new ArrayList<>();
        for (Read next = read(); next != null; next = read()) {
            messages.add(next);
        }
        return messages;
    }

    private @Nullable Read read() throws StreamViolation {
        return read(reader);
    }

    private static @Nullable Read read(MessageReader reader) throws StreamViolation {
        ByteBuf message = reader.next();
        if (message == null) {
            return null;
        }
        String content = ByteBufUtil.hexDump(message);
        message.release();
        return new Read(reader.linkId(), reader.number(), content);
    }

    private void assertViolation(String reason) {
        assertThatExceptionOfType(StreamViolation.class)
                .isThrownBy(reader::next)
                .withMessageContaining(reason)
                .satisfies(violation -> {
                    assertThat(violation.errorCode()).isEqualTo(TransportErrorCode.PROTOCOL_VIOLATION);
                    assertThat(violation.frameType()).isEqualTo(FrameType.STREAM);
                });
    }
}
