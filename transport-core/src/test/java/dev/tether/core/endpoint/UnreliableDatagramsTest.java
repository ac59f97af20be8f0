package dev.tether.core.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.TransportSettings;
import dev.tether.core.connection.Connection;
import dev.tether.core.connection.ConnectionEvent;
import dev.tether.core.connection.Transmit;
import dev.tether.core.error.ProtocolViolationException;
import dev.tether.core.frame.FrameType;
import dev.tether.core.noise.HandshakeFailedException;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.core.wire.DatagramType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Datagrams of RFC 9221 between two engines, in virtual time. docs/PROTOCOL.md, section 8.10. */
class UnreliableDatagramsTest {

    private static final long SECOND = 1_000_000_000L;
    private static final int SEEDS = 100;
    private static final TransportSettings SETTINGS = TransportSettings.defaults();

    private final SeededRandom random = new SeededRandom(7);
    private final LossyNetwork network = new LossyNetwork(random, LossyNetwork.Faults.NONE);
    private final EnginePeer here = new EnginePeer(network, 1, random, SETTINGS);
    private final EnginePeer there = new EnginePeer(network, 2, random, SETTINGS);

    @AfterEach
    void releaseAll() {
        here.releaseAll();
        there.releaseAll();
    }

    @Test
    void datagramsOfEverySizeArriveWholeInOrderOnAPathWithoutFaults() {
        Connection sender = connect();
        int max = sender.datagrams().maxSize();
        int[] sizes = {0, 1, 63, 64, 65, max - 1, max, 0, max, 10};
        for (int size : sizes) {
            assertThat(sender.datagrams().offer(numbered(size, size))).isTrue();
        }
        here.pump(network.nowNs());
        network.run(SECOND);

        assertThat(max).isEqualTo(1_164);
        List<byte[]> received = received(receiver());
        assertThat(received).extracting(it -> it.length).containsExactly(boxed(sizes));
        assertThat(received)
                .allSatisfy(it -> assertThat(it).isEqualTo(ByteBufUtil.getBytes(numbered(it.length, it.length))));
        assertThat(sender.counters().datagramsSent).isEqualTo(sizes.length);
        assertThat(receiver().counters().datagramsReceived).isEqualTo(sizes.length);
    }

    @Test
    void aLostDatagramIsCountedAndNotSentAgain() {
        Connection sender = connect();
        network.setBlackHole(datagram -> datagram[0] == DatagramType.DATA);
        offer(sender, numbered(1, 100));
        offer(sender, numbered(2, 100));
        network.setBlackHole(datagram -> false);
        for (int i = 3; i < 10; i++) {
            offer(sender, numbered(i, 100));
        }
        network.run(SECOND);

        assertThat(numbers(receiver())).containsExactly(3, 4, 5, 6, 7, 8, 9);
        assertThat(sender.counters().datagramsLost).isEqualTo(2);
        assertThat(sender.counters().datagramsSent).isEqualTo(9);
    }

    /** RFC 9221 §5.2: a probe finds out that it is lost; the datagram is not what it carries. */
    @Test
    void theLastDatagramIsProbedForAndNotSentAgain() {
        Connection sender = connect();
        network.setBlackHole(datagram -> datagram[0] == DatagramType.DATA);
        offer(sender, numbered(1, 100));
        network.setBlackHole(datagram -> false);
        network.run(5 * SECOND);

        assertThat(sender.counters().probeTimeouts).isPositive();
        assertThat(sender.counters().datagramsLost).isEqualTo(1);
        assertThat(sender.delivery().bytesInFlight()).isZero();
        assertThat(received(receiver())).isEmpty();
    }

    @Test
    void whatArrivesWasSentAndArrivesOnceWhateverThePathDoes() {
        for (long seed = 0; seed < SEEDS; seed++) {
            exchange(seed);
        }
    }

    private static void exchange(long seed) {
        SeededRandom random = new SeededRandom(seed);
        LossyNetwork network = new LossyNetwork(random, LossyNetwork.Faults.NONE);
        EnginePeer here = new EnginePeer(network, 1, random, SETTINGS);
        EnginePeer there = new EnginePeer(network, 2, random, SETTINGS);
        Connection sender = here.connect(there).connection;
        network.run(SECOND);
        Connection receiver = there.established().connection;
        network.setFaults(LossyNetwork.Faults.drawn(random));
        List<byte[]> received = new ArrayList<>();
        int sent = 0;
        for (int i = 0; i < 400; i++) {
            ByteBuf datagram =
                    numbered(sent, 4 + random.nextInt(sender.datagrams().maxSize() - 3));
            if (sender.datagrams().offer(datagram)) {
                sent++;
            } else {
                datagram.release();
            }
            here.pump(network.nowNs());
            network.run(random.nextInt(3_000_000));
            received.addAll(received(receiver));
        }
        network.run(30 * SECOND);
        received.addAll(received(receiver));

        Set<Integer> numbers = new HashSet<>();
        for (byte[] datagram : received) {
            int number = ByteBuffer.wrap(datagram).getInt();
            assertThat(number).as("seed %d", seed).isBetween(0, sent - 1);
            assertThat(datagram)
                    .as("datagram %d, seed %d", number, seed)
                    .isEqualTo(ByteBufUtil.getBytes(numbered(number, datagram.length)));
            assertThat(numbers.add(number))
                    .as("datagram %d is no duplicate, seed %d", number, seed)
                    .isTrue();
        }
        assertThat(numbers).as("seed %d", seed).isNotEmpty();
        assertThat(sender.counters().datagramsSent).as("seed %d", seed).isEqualTo(sent);
        assertThat(sent - received.size())
                .as("all that is missing was found lost, seed %d", seed)
                .isLessThanOrEqualTo((int) (sender.counters().datagramsLost + receiver.counters().datagramsDropped));
        here.releaseAll();
        there.releaseAll();
    }

    @Test
    void aFullQueueTellsWhenThereIsRoomAndAllIsSentWithinTheWindow() {
        Connection sender = connect();
        network.setBlackHole(datagram -> datagram[0] == DatagramType.DATA);
        int offered = 0;
        ByteBuf refused = numbered(offered, 1_000);
        while (sender.datagrams().offer(refused)) {
            refused = numbered(++offered, 1_000);
        }
        assertThat(offered).isEqualTo(SETTINGS.datagramQueue());
        here.pump(network.nowNs());
        assertThat(sender.counters().datagramsSent).as("within the window").isBetween(5L, 20L);
        assertThat(sender.datagrams().offer(refused)).isTrue();
        network.setBlackHole(datagram -> false);
        network.run(10 * SECOND);

        assertThat(sender.counters().datagramsSent).isEqualTo(sender.datagrams().offered());
        assertThat(sender.datagrams().offered()).isEqualTo(offered + 1);
    }

    @Test
    void theEventsTellOfArrivalsAndOfRoom() {
        Connection sender = connect();
        sender.datagrams().offer(numbered(1, 10));
        Transmit transmit = new Transmit(1);
        assertThat(sender.pollEvent()).isNull();
        assertThat(sender.pollTransmit(transmit, network.nowNs())).isTrue();
        assertThat(sender.pollEvent()).isEqualTo(ConnectionEvent.DATAGRAMS_SENT);
        assertThat(sender.pollEvent()).isNull();

        Connection receiver = receiver();
        receiver.handleDatagram(transmit.buffer(), 0, transmit.length(), receiver.remoteAddress(), network.nowNs());
        assertThat(receiver.pollEvent()).isEqualTo(ConnectionEvent.DATAGRAMS_ARRIVED);
        assertThat(receiver.pollEvent()).isNull();
        assertThat(numbers(receiver)).containsExactly(1);
        receiver.handleDatagram(transmit.buffer(), 0, transmit.length(), receiver.remoteAddress(), network.nowNs());
        assertThat(receiver.pollEvent()).as("of a duplicate").isNull();
        assertThat(received(receiver)).isEmpty();
    }

    @Test
    void aPeerThatTakesNoneIsSentNone() {
        EnginePeer takesNone = new EnginePeer(
                network, 3, random, SETTINGS.toBuilder().datagramQueue(0).build());
        Connection toIt = here.connect(takesNone).connection;
        network.run(SECOND);
        Connection fromIt = takesNone.established().connection;

        assertThat(toIt.datagrams().maxSize()).isZero();
        assertThat(fromIt.datagrams().maxSize()).isZero();
        assertThatThrownBy(() -> toIt.datagrams().offer(Unpooled.EMPTY_BUFFER))
                .isInstanceOf(IllegalArgumentException.class);
        takesNone.releaseAll();
    }

    @ParameterizedTest
    @ValueSource(ints = {FrameType.DATAGRAM, FrameType.DATAGRAM_WITH_LENGTH})
    void aDatagramThatWasNotAgreedOnIsAViolation(int type) throws HandshakeFailedException {
        EnginePeer takesNone = new EnginePeer(
                network, 3, random, SETTINGS.toBuilder().datagramQueue(0).build());
        HandmadePeer peer = dial(takesNone);
        peer.send(new byte[] {(byte) type, 0}, network.nowNs());

        assertThat(peer.connection().end()).isNotNull();
        assertThat(peer.connection().end().failure())
                .isInstanceOf(ProtocolViolationException.class)
                .hasMessageContaining("DATAGRAM frames were not agreed on");
        takesNone.releaseAll();
    }

    /** RFC 9221 §4. */
    @Test
    void bothFormsOfTheFrameAreRead() throws HandshakeFailedException {
        HandmadePeer peer = dial(here);
        peer.send(new byte[] {0x31, 2, 'a', 'b', 0x31, 0, 0x30, 'c', 'd', 'e'}, network.nowNs());
        peer.send(new byte[] {0x30}, network.nowNs());

        assertThat(received(peer.connection())).extracting(String::new).containsExactly("ab", "", "cde", "");
        assertThat(peer.connection().isOpen()).isTrue();
        assertThat(peer.connection().datagrams().maxSize())
                .as("it has announced none")
                .isZero();
    }

    @Test
    void aTruncatedDatagramIsAnEncodingErrorAndNothingOfItIsDelivered() throws HandshakeFailedException {
        HandmadePeer peer = dial(here);
        peer.send(new byte[] {0x31, 3, 'a', 'b'}, network.nowNs());

        assertThat(peer.connection().end()).isNotNull();
        assertThat(received(peer.connection())).isEmpty();
    }

    @Test
    void aFloodWithoutAReaderKeepsTheNewestAndCountsTheOthers() throws HandshakeFailedException {
        HandmadePeer peer = dial(here);
        for (int i = 0; i < 1_000; i++) {
            peer.send(new byte[] {0x31, 1, (byte) i, 0x31, 1, (byte) i}, network.nowNs());
        }

        assertThat(peer.connection().counters().datagramsDropped).isEqualTo(1_900);
        assertThat(received(peer.connection())).hasSize(100).first().isEqualTo(new byte[] {(byte) 950});
    }

    @Test
    void packetsBeginWithDatagramsAndWithStreamsInTurn() {
        Connection sender = connect();
        widenTheWindow();
        for (int i = 0; i < 50; i++) {
            sender.datagrams().offer(numbered(i, sender.datagrams().maxSize()));
        }
        sender.messages().offer(Unpooled.buffer(500_000).writeZero(500_000), 0, 0);

        Transmit one = new Transmit(1);
        for (int i = 0; i < 100; i++) {
            long before = sender.counters().datagramsSent;
            assertThat(sender.pollTransmit(one, network.nowNs())).isTrue();
            assertThat(sender.counters().datagramsSent - before)
                    .as("datagrams in packet %d", i)
                    .isEqualTo(i % 2 == 0 ? 1 : 0);
            assertThat(one.length()).as("length of packet %d", i).isGreaterThan(1_190);
        }
        assertThat(sender.counters().datagramsSent).isEqualTo(50);
    }

    @Test
    void whatAKindLeavesOfAPacketTheOtherFills() {
        Connection sender = connect();
        widenTheWindow();
        sender.messages().offer(Unpooled.buffer(2_000).writeZero(2_000), 0, 0);
        for (int i = 0; i < 5; i++) {
            sender.datagrams().offer(numbered(i, 400));
        }

        Transmit one = new Transmit(1);
        List<Long> datagrams = new ArrayList<>();
        List<Integer> lengths = new ArrayList<>();
        while (sender.pollTransmit(one, network.nowNs())) {
            datagrams.add(sender.counters().datagramsSent);
            lengths.add(one.length());
        }
        assertThat(datagrams)
                .as("two and a part of the message, the message, the rest")
                .startsWith(2L, 2L);
        assertThat(datagrams).last().isEqualTo(5L);
        assertThat(lengths.subList(0, 2)).allMatch(length -> length > 1_190);
        assertThat(lengths).hasSizeLessThanOrEqualTo(4);
    }

    /** It fits only a packet that has nothing else. */
    @Test
    void theLongestDatagramHasThePacketAfterAnAcknowledgementForItselfThoughAStreamWaits() {
        Connection sender = connect();
        widenTheWindow();
        Connection peer = receiver();
        Transmit fromPeer = new Transmit(1);
        peer.datagrams().offer(numbered(1, 1));
        assertThat(peer.pollTransmit(fromPeer, network.nowNs())).isTrue();
        sender.handleDatagram(fromPeer.buffer(), 0, fromPeer.length(), sender.remoteAddress(), network.nowNs());
        sender.messages().offer(Unpooled.buffer(100_000).writeZero(100_000), 0, 0);
        sender.datagrams().offer(numbered(1, sender.datagrams().maxSize()));

        Transmit run = new Transmit(64);
        assertThat(sender.pollTransmit(run, network.nowNs())).isTrue();
        assertThat(run.length()).as("the acknowledgement").isLessThan(100);
        assertThat(sender.pollTransmit(run, network.nowNs())).isTrue();
        assertThat(run.segmentSize()).isEqualTo(1_200);
        assertThat(sender.counters().datagramsSent).isEqualTo(1);
        assertThat(received(sender)).hasSize(1);
    }

    /** Runs of packets are cut at the length of the first one. */
    @Test
    void theLongestDatagramEndsARunOfShorterPackets() {
        Connection sender = connect();
        widenTheWindow();
        sender.datagrams().offer(numbered(0, sender.datagrams().maxSize() - 10));
        for (int i = 1; i < 5; i++) {
            sender.datagrams().offer(numbered(i, sender.datagrams().maxSize()));
        }
        sender.messages().offer(Unpooled.buffer(100_000).writeZero(100_000), 0, 0);

        Transmit run = new Transmit(64);
        for (int i = 0; i < 3; i++) {
            sender.pollTransmit(run, network.nowNs());
        }
        assertThat(sender.counters().datagramsSent).isEqualTo(5);
    }

    @Test
    void whatWaitsIsReleasedAtTheEnd() {
        Connection sender = connect();
        List<ByteBuf> waiting = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            ByteBuf datagram = numbered(i, 1_000);
            waiting.add(datagram);
            sender.datagrams().offer(datagram);
        }
        sender.close(0, "", network.nowNs());
        ByteBuf late = numbered(1, 1);
        assertThat(sender.datagrams().offer(late)).as("after the close").isFalse();
        here.pump(network.nowNs());
        network.run(5 * SECOND);

        assertThat(sender.end()).isNotNull();
        assertThat(waiting).allMatch(datagram -> datagram.refCnt() == 0);
        assertThat(late.refCnt()).isEqualTo(1);
    }

    private Connection connect() {
        Connection connection = here.connect(there).connection;
        network.run(SECOND);
        return connection;
    }

    /** Has so many bytes acknowledged that neither the window nor the pacer holds up what a test sends. */
    private void widenTheWindow() {
        for (int i = 0; i < 50; i++) {
            here.established().send(new byte[100_000]);
        }
        here.pump(network.nowNs());
        network.run(SECOND);
        Connection sender = here.established().connection;
        assertThat(here.established().isDelivered()).isTrue();
        assertThat(sender.delivery().congestionWindow()).isGreaterThan(500_000);
        Transmit rest = new Transmit(1);
        assertThat(sender.pollTransmit(rest, network.nowNs())).isFalse();
    }

    private Connection receiver() {
        return there.established().connection;
    }

    private HandmadePeer dial(EnginePeer peer) throws HandshakeFailedException {
        return new HandmadePeer(peer.endpoint(), peer.keyPair(), there.address(), random, network.nowNs());
    }

    /** One that is in a packet of its own. */
    private void offer(Connection sender, ByteBuf datagram) {
        assertThat(sender.datagrams().offer(datagram)).isTrue();
        here.pump(network.nowNs());
    }

    private static List<byte[]> received(Connection connection) {
        List<byte[]> received = new ArrayList<>();
        for (ByteBuf next = connection.datagrams().poll();
                next != null;
                next = connection.datagrams().poll()) {
            received.add(ByteBufUtil.getBytes(next));
            next.release();
        }
        return received;
    }

    private static List<Integer> numbers(Connection connection) {
        return received(connection).stream()
                .map(datagram -> ByteBuffer.wrap(datagram).getInt())
                .toList();
    }

    /** The number as far as there is room, and bytes that follow from it. */
    private static ByteBuf numbered(int number, int size) {
        ByteBuf datagram = Unpooled.buffer(Math.max(1, size));
        for (int i = 0; i < size; i++) {
            datagram.writeByte(i < Integer.BYTES ? number >>> (24 - 8 * i) : 31 * number + i);
        }
        return datagram;
    }

    private static Integer[] boxed(int[] values) {
        return Arrays.stream(values).boxed().toArray(Integer[]::new);
    }
}
