package dev.tether.core.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.TransportSettings;
import dev.tether.core.frame.FrameType;
import dev.tether.core.frame.FrameWriter;
import dev.tether.core.wire.DataHeader;
import dev.tether.core.wire.WireWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The datagrams that wait, on their way out and in. RFC 9221. */
class DatagramQueuesTest {

    private static final int PACKET = TransportSettings.MIN_DATAGRAM_SIZE;
    private static final int PLAINTEXT = PACKET - DataHeader.LENGTH - DataHeader.TAG_LENGTH;
    private static final long ANY = 65_535;

    private final ConnectionCounters counters = new ConnectionCounters();
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);

    // Out

    /** RFC 9221 §3: the limit counts the type and the length of the frame, too. */
    @ParameterizedTest
    @ValueSource(
            ints = {2, 3, 64, 65, 66, 67, 68, 1_167, 16_384, 16_385, 16_386, 16_387, 16_388, 16_389, 64_967, 65_535})
    void theLongestDatagramIsTheOneWhoseFrameIsTheLast(int frameSize) {
        int longest = OutgoingDatagrams.longestIn(frameSize);

        assertThat(FrameWriter.datagramSize(longest)).isLessThanOrEqualTo(frameSize);
        assertThat(FrameWriter.datagramSize(longest + 1)).isGreaterThan(frameSize);
    }

    @ParameterizedTest
    @CsvSource({
        "1200, 65535, 1164",
        "1200, 4611686018427387903, 1164",
        "65000, 65535, 64962",
        "1200, 1000, 997",
        "1200, 3, 1",
        "1200, 2, 0",
        "1200, 1, 0",
        "1200, 0, 0"
    })
    void thePathAndThePeerLimitADatagram(int packetSize, long peersLimit, int expected) {
        assertThat(outgoing(100, packetSize, peersLimit).maxSize()).isEqualTo(expected);
    }

    @Test
    void withoutAQueueNoneCanBeSent() {
        OutgoingDatagrams datagrams = outgoing(0, PACKET, ANY);

        assertThat(datagrams.maxSize()).isZero();
        assertThatThrownBy(() -> datagrams.offer(Unpooled.EMPTY_BUFFER)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aDatagramThatIsTooLongIsRefusedWithBothSizesAndStaysTheCallers() {
        OutgoingDatagrams datagrams = outgoing(100, PACKET, ANY);
        ByteBuf tooLong = Unpooled.buffer(1_165).writeZero(1_165);

        assertThatThrownBy(() -> datagrams.offer(tooLong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1165")
                .hasMessageContaining("1164");
        assertThat(tooLong.refCnt()).isEqualTo(1);
        assertThat(datagrams.isDue()).isFalse();
    }

    @Test
    void aFullQueueTakesNoneUntilOneIsWritten() {
        OutgoingDatagrams datagrams = outgoing(3, PACKET, ANY);
        ByteBuf one = filled(0, 1_000);
        assertThat(datagrams.offer(one)).isTrue();
        assertThat(datagrams.offer(filled(1, 0))).isTrue();
        assertThat(datagrams.offer(filled(2, 10))).isTrue();
        ByteBuf refused = filled(3, 0);

        assertThat(datagrams.offer(refused)).isFalse();
        assertThat(datagrams.offered()).isEqualTo(3);
        assertThat(datagrams.takeWritten()).isFalse();
        assertThat(write(datagrams, 1_010)).containsExactly(1_000, 0);
        assertThat(one.refCnt()).isZero();
        assertThat(datagrams.takeWritten()).isTrue();
        assertThat(datagrams.takeWritten()).isFalse();
        assertThat(datagrams.offer(refused)).isTrue();
        datagrams.release();
        assertThat(refused.refCnt()).isZero();
    }

    @Test
    void theBytesThatWaitAreBoundedToo() {
        OutgoingDatagrams datagrams = new OutgoingDatagrams(settings(100, PACKET), 65_000, ANY, counters);
        List<ByteBuf> taken = new ArrayList<>();
        ByteBuf next = filled(0, 30_000);
        while (datagrams.offer(next)) {
            taken.add(next);
            next = filled(0, 30_000);
        }
        next.release();

        assertThat(taken).as("of 100 times 1200 bytes").hasSize(4);
        datagrams.release();
        assertThat(taken).allMatch(datagram -> datagram.refCnt() == 0);
    }

    @Test
    void aQueueOfOneTakesTheLongestThereIs() {
        OutgoingDatagrams datagrams = new OutgoingDatagrams(settings(1, PACKET), 65_000, ANY, counters);

        assertThat(datagrams.offer(filled(0, datagrams.maxSize()))).isTrue();
        datagrams.release();
    }

    @Test
    void datagramsKeepTheirOrderShareAPacketAndAreNeverCut() {
        OutgoingDatagrams datagrams = outgoing(100, PACKET, ANY);
        for (int size : new int[] {500, 0, 600, 100, 1_164}) {
            datagrams.offer(filled(0, size));
        }

        assertThat(write(datagrams, PLAINTEXT)).containsExactly(500, 0, 600);
        assertThat(write(datagrams, PLAINTEXT)).containsExactly(100);
        assertThat(write(datagrams, PLAINTEXT - 1)).isEmpty();
        assertThat(write(datagrams, PLAINTEXT)).containsExactly(1_164);
        assertThat(datagrams.isDue()).isFalse();
        assertThat(counters.datagramsSent).isEqualTo(5);
    }

    // In

    /** RFC 9221 §3. */
    @Test
    void whatWasNotAnnouncedIsComplainedOf() {
        IncomingDatagrams none = incoming(0);
        IncomingDatagrams any = incoming(1);

        assertThat(IncomingDatagrams.maxFrameSize(settings(0, PACKET))).isZero();
        assertThat(IncomingDatagrams.maxFrameSize(settings(1, PACKET))).isEqualTo(65_535);
        assertThat(none.complaint(0)).contains("not agreed on");
        assertThat(any.complaint(0)).isNull();
        assertThat(any.complaint(65_534)).isNull();
        assertThat(any.complaint(65_535)).contains("65535");
    }

    @Test
    void theOldestIsDroppedForTheNewestAndCounted() {
        IncomingDatagrams datagrams = incoming(3);
        for (int i = 0; i < 5; i++) {
            receive(datagrams, i, 100);
        }

        assertThat(counters.datagramsDropped).isEqualTo(2);
        assertThat(firstBytes(datagrams)).containsExactly(2, 3, 4);
        assertThat(counters.datagramsReceived).isEqualTo(3);
        assertThat(datagrams.hasNext()).isFalse();
    }

    @Test
    void asManyOldOnesAreDroppedAsTheNewestNeedsBytes() {
        IncomingDatagrams datagrams = incoming(100);
        for (int i = 0; i < 4; i++) {
            receive(datagrams, i, 30_000);
        }
        assertThat(allocator.metric().usedHeapMemory()).isEqualTo(120_000);
        receive(datagrams, 4, 60_000);

        assertThat(allocator.metric().usedHeapMemory()).isEqualTo(120_000);
        assertThat(counters.datagramsDropped).isEqualTo(2);
        assertThat(firstBytes(datagrams)).containsExactly(2, 3, 4);
        assertThat(allocator.metric().usedHeapMemory()).isZero();
    }

    @Test
    void theMemoryThatAPeerCanFillIsThatOfTheQueue() {
        IncomingDatagrams datagrams = incoming(100);
        for (int i = 0; i < 100_000; i++) {
            receive(datagrams, i, 1 + i * 31 % 64_000);
            assertThat(allocator.metric().usedHeapMemory()).isLessThanOrEqualTo(100 * PACKET);
        }
        datagrams.release();

        assertThat(allocator.metric().usedHeapMemory()).isZero();
        assertThat(counters.datagramsDropped).isEqualTo(100_000);
        assertThat(counters.datagramsReceived).isZero();
    }

    @Test
    void anArrivalIsToldOnce() {
        IncomingDatagrams datagrams = incoming(3);
        assertThat(datagrams.takeArrived()).isFalse();
        receive(datagrams, 1, 0);
        receive(datagrams, 2, 0);

        assertThat(datagrams.takeArrived()).isTrue();
        assertThat(datagrams.takeArrived()).isFalse();
        datagrams.release();
    }

    private OutgoingDatagrams outgoing(int count, int packetSize, long peersLimit) {
        return new OutgoingDatagrams(settings(count, packetSize), packetSize, peersLimit, counters);
    }

    private IncomingDatagrams incoming(int count) {
        return new IncomingDatagrams(settings(count, PACKET), allocator, counters);
    }

    private static TransportSettings settings(int count, int packetSize) {
        return TransportSettings.defaults().toBuilder()
                .datagramQueue(count)
                .datagramSize(packetSize)
                .build();
    }

    private static ByteBuf filled(int first, int size) {
        ByteBuf datagram = Unpooled.buffer(Math.max(1, size)).writeZero(size);
        return size == 0 ? datagram : datagram.setByte(0, first);
    }

    /** Writes a packet with so much room; returns the sizes of its datagrams. */
    private static List<Integer> write(OutgoingDatagrams datagrams, int room) {
        WireWriter out = new WireWriter().wrap(new byte[room], 0, room);
        List<Long> noted = new ArrayList<>();
        boolean wrote = datagrams.write(out, (type, id, offset, length) -> {
            assertThat(type).isEqualTo(FrameType.DATAGRAM);
            noted.add(id);
        });
        List<Integer> sizes = sizes(out);
        assertThat(wrote).isEqualTo(!sizes.isEmpty());
        assertThat(noted).isEqualTo(wrote ? List.of((long) sizes.size()) : List.of());
        return sizes;
    }

    private static List<Integer> sizes(WireWriter packet) {
        List<Integer> sizes = new ArrayList<>();
        ByteBuf in = Unpooled.wrappedBuffer(packet.array(), 0, packet.written());
        while (in.isReadable()) {
            assertThat(in.readByte()).isEqualTo((byte) FrameType.DATAGRAM_WITH_LENGTH);
            int first = in.readByte();
            int size = first < 64 ? first : (first & 0x3f) << 8 | in.readUnsignedByte();
            in.skipBytes(size);
            sizes.add(size);
        }
        return sizes;
    }

    private static void receive(IncomingDatagrams datagrams, int first, int size) {
        byte[] packet = new byte[size + 10];
        packet[5] = (byte) first;
        datagrams.onDatagram(packet, 5, size);
    }

    private static List<Integer> firstBytes(IncomingDatagrams datagrams) {
        List<Integer> first = new ArrayList<>();
        for (ByteBuf next = datagrams.poll(); next != null; next = datagrams.poll()) {
            first.add((int) next.getByte(0));
            next.release();
        }
        return first;
    }
}
