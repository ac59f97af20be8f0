package dev.tether.core.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.TransportSettings;
import dev.tether.core.connection.Connection;
import dev.tether.core.connection.DeliveredUpTo;
import dev.tether.core.error.ChannelClosedException;
import dev.tether.core.error.ProtocolViolationException;
import dev.tether.core.frame.FrameType;
import dev.tether.core.frame.FrameWriter;
import dev.tether.core.noise.HandshakeFailedException;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.core.wire.VarInt;
import dev.tether.core.wire.WireWriter;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The messages of links over one connection and over the next one. docs/PROTOCOL.md, section 9.4. */
class NumberedMessagesTest {

    private static final long SECOND = 1_000_000_000L;
    private static final long LINK = 0x1234_5678_9abcL;
    private static final TransportSettings SETTINGS = TransportSettings.defaults();

    private final SeededRandom random = new SeededRandom(7);
    private final LossyNetwork network = new LossyNetwork(random, LossyNetwork.Faults.NONE);
    private final EnginePeer sender = new EnginePeer(network, 1, random, SETTINGS);
    private final EnginePeer receiver = new EnginePeer(network, 2, random, SETTINGS);

    @AfterEach
    void releaseAll() {
        sender.releaseAll();
        receiver.releaseAll();
    }

    @Test
    void whatTheApplicationHasGotIsReportedToTheSender() {
        EnginePeer.Session there = connect();
        send(there, 1, 3);
        run();
        assertThat(texts(receiver.established())).containsExactly("1", "2", "3");
        assertThat(last(there)).isEqualTo(new DeliveredUpTo(LINK, 3));
    }

    @Test
    void aReceiverThatReadsNothingReportsNothing() {
        receiver.readsByHand = true;
        EnginePeer.Session there = connect();
        send(there, 1, 3);
        run();
        assertThat(there.isDelivered()).as("acknowledged").isTrue();
        assertThat(there.delivered).isEmpty();

        assertThat(read(receiver.established())).isEqualTo("1");
        run();
        assertThat(there.delivered).containsExactly(new DeliveredUpTo(LINK, 1));
    }

    @Test
    void toAskForAMessageIsNotToReadIt() {
        receiver.readsByHand = true;
        EnginePeer.Session there = connect();
        send(there, 1, 1);
        run();
        Connection back = receiver.established().connection;
        for (int i = 0; i < 3; i++) {
            assertThat(back.messages().hasNext(network.nowNs())).isTrue();
        }
        receiver.pump(network.nowNs());
        run();
        assertThat(back.counters().messagesReceived).isZero();
        assertThat(there.delivered).isEmpty();

        assertThat(read(receiver.established())).isEqualTo("1");
        assertThat(back.counters().messagesReceived).isEqualTo(1);
        assertThat(back.messages().hasNext(network.nowNs())).isFalse();
        run();
        assertThat(there.delivered).containsExactly(new DeliveredUpTo(LINK, 1));
    }

    @Test
    void aLostReportIsReplacedByTheNewest() {
        receiver.readsByHand = true;
        EnginePeer.Session there = connect();
        send(there, 1, 5);
        run();
        network.setScript(sent -> sent.from().equals(receiver.address()) ? LossyNetwork.Script.LOST : 0);
        for (int i = 1; i <= 5; i++) {
            assertThat(read(receiver.established())).isEqualTo(String.valueOf(i));
            network.run(20_000_000);
        }
        assertThat(there.delivered).isEmpty();
        network.setScript(sent -> 0);
        network.run(5 * SECOND);
        assertThat(there.delivered).containsExactly(new DeliveredUpTo(LINK, 5));
    }

    @Test
    void reportsDoNotDependOnTheReverseMessagesBeingRead() {
        EnginePeer.Session there = connect();
        there.reading = false;
        receiver.established().send(new byte[4 << 20]);
        receiver.pump(network.nowNs());
        run();
        assertThat(receiver.established().isDelivered()).as("held back").isFalse();

        send(there, 1, 3);
        run();
        assertThat(last(there)).isEqualTo(new DeliveredUpTo(LINK, 3));
    }

    @Test
    void bothSidesMayNumberTheirMessagesWithTheSameLink() {
        EnginePeer.Session there = connect();
        EnginePeer.Session back = receiver.established();
        send(there, 1, 3);
        back.send("7".getBytes(StandardCharsets.US_ASCII), LINK, 7);
        receiver.pump(network.nowNs());
        run();
        assertThat(texts(there)).containsExactly("7");
        assertThat(last(there)).isEqualTo(new DeliveredUpTo(LINK, 3));
        assertThat(last(back)).isEqualTo(new DeliveredUpTo(LINK, 7));
    }

    @Test
    void aMessageThatAnEndedConnectionWasOnlyAskedForIsHandedOutByTheNextOneInstead() {
        receiver.readsByHand = true;
        send(connect(), 1, 2);
        run();
        EnginePeer.Session old = receiver.established();
        abandon(sender.established());
        EnginePeer.Session there = connect();
        EnginePeer.Session next = receiver.established();
        assertThat(old.end).isNotNull();
        assertThat(old.connection.messages().hasNext(network.nowNs())).isTrue();
        send(there, 1, 3);
        run();

        assertThat(read(next)).isEqualTo("1");
        assertThat(read(old)).isEqualTo("2");
        assertThat(read(old)).isNull();
        assertThat(old.connection.messages().hasNext(network.nowNs())).isFalse();
        assertThat(read(next)).isEqualTo("3");
        assertThat(read(next)).isNull();
        run();
        assertThat(last(there)).isEqualTo(new DeliveredUpTo(LINK, 3));
    }

    @Test
    void whatAnEndedConnectionHandsOutIsReportedByTheNextOne() {
        receiver.readsByHand = true;
        send(connect(), 1, 2);
        run();
        EnginePeer.Session old = receiver.established();
        abandon(sender.established());
        EnginePeer.Session there = connect();
        EnginePeer.Session next = receiver.established();
        send(there, 1, 2);
        run();
        assertThat(next.connection.messages().hasNext(network.nowNs())).isTrue();

        assertThat(read(old)).isEqualTo("1");
        assertThat(read(old)).isEqualTo("2");
        run();
        assertThat(there.delivered).isEmpty();
        assertThat(read(next)).isNull();
        run();
        assertThat(there.delivered).containsExactly(new DeliveredUpTo(LINK, 2));
    }

    @Test
    void theInstanceOfAPeerStaysOverItsConnectionsAndNotOverItsRestart() {
        long first = connect().connection.peerInstance();
        assertThat(first).isBetween(1L, VarInt.MAX);
        assertThat(receiver.established().connection.peerInstance())
                .isBetween(1L, VarInt.MAX)
                .isNotEqualTo(first);
        abandon(sender.established());
        assertThat(connect().connection.peerInstance()).isEqualTo(first);

        abandon(sender.established());
        network.detach(receiver);
        EnginePeer restarted = new EnginePeer(network, 2, random, SETTINGS, receiver.keyPair());
        EnginePeer.Session there = sender.connect(restarted);
        run();
        assertThat(there.connection.peerInstance()).isBetween(1L, VarInt.MAX).isNotEqualTo(first);
    }

    @Test
    void theLast16LinksOfAPeerAreRememberedHoweverManyThereWere() {
        EnginePeer.Session there = connect();
        for (int link = 1; link <= 5000; link++) {
            there.send(new byte[0], link, 1);
        }
        sender.pump(network.nowNs());
        network.run(10 * SECOND);
        assertThat(receiver.established().received).hasSize(5000);
        assertThat(there.delivered).hasSizeGreaterThan(16).contains(new DeliveredUpTo(5000, 1));

        abandon(there);
        there = connect();
        for (int link = 4984; link <= 5000; link++) {
            there.send(String.valueOf(link).getBytes(StandardCharsets.US_ASCII), link, 1);
        }
        sender.pump(network.nowNs());
        run();
        // To take in the one that was forgotten, the next one is forgotten, which then comes, and so on.
        assertThat(texts(receiver.established())).hasSize(17).startsWith("4984", "4985");

        abandon(there);
        there = connect();
        for (int link = 5000; link >= 4985; link--) {
            there.send(new byte[0], link, 1);
        }
        sender.pump(network.nowNs());
        run();
        assertThat(receiver.established().received).isEmpty();
        assertThat(there.delivered).hasSize(16);
    }

    @Test
    void reportsOfWhatWasNeverSentChangeNothing() throws HandshakeFailedException {
        HandmadePeer hostile = hostile();
        long nowNs = network.nowNs();
        Connection connection = hostile.connection();
        for (long link : new long[] {0, 1, LINK, VarInt.MAX}) {
            for (long number : new long[] {0, 1, VarInt.MAX}) {
                hostile.send(report(link, number), nowNs);
            }
        }
        assertThat(connection.isOpen()).isTrue();
        assertThat(connection.pollDelivered()).isNull();

        assertThat(connection.messages().offer(Unpooled.wrappedBuffer(new byte[1]), LINK, 5))
                .isTrue();
        assertThat(connection.pollDelivered()).isNull();
        hostile.send(report(LINK + 1, 5), nowNs);
        hostile.send(report(LINK, 0), nowNs);
        assertThat(connection.pollDelivered()).isNull();
        hostile.send(report(LINK, VarInt.MAX), nowNs);
        hostile.send(report(LINK, 5), nowNs);
        assertThat(connection.pollDelivered()).isEqualTo(new DeliveredUpTo(LINK, VarInt.MAX));
        assertThat(connection.pollDelivered()).isNull();
        assertThat(connection.isOpen()).isTrue();
    }

    @Test
    void marksWithoutMessagesAreReadOverAndRememberedByNobody() throws HandshakeFailedException {
        HandmadePeer hostile = hostile();
        long nowNs = network.nowNs();
        WireWriter marks = new WireWriter().wrap(new byte[1 << 20], 0, 1 << 20);
        for (int i = 1; i <= 10_000; i++) {
            mark(marks, VarInt.MAX - i, VarInt.MAX);
        }
        hostile.sendMessageStream(written(marks), nowNs);
        assertThat(hostile.connection().messages().hasNext(nowNs)).isFalse();
        assertThat(hostile.connection().messages().poll(nowNs)).isNull();
        assertThat(hostile.connection().isOpen()).isTrue();
        hostile.connection().release();
    }

    @Test
    void aWrongMarkEndsTheConnectionAfterTheMessagesBeforeIt() throws HandshakeFailedException {
        HandmadePeer hostile = hostile();
        long nowNs = network.nowNs();
        Connection connection = hostile.connection();
        WireWriter stream = new WireWriter().wrap(new byte[100], 0, 100);
        stream.writeVarInt(0);
        mark(stream, 0, 5);
        stream.writeVarInt(0).writeVarInt(0);
        hostile.sendMessageStream(written(stream), nowNs);

        assertThat(connection.isOpen()).isTrue();
        assertThat(connection.messages().poll(nowNs)).isNotNull();
        assertThat(connection.messages().hasNext(nowNs)).isFalse();
        assertThat(connection.end()).isNotNull();
        assertThat(connection.end().failure())
                .isInstanceOf(ProtocolViolationException.class)
                .hasMessageContaining("a mark of link 0 with the number 5");
        for (int i = 0; i < 3; i++) {
            assertThat(connection.messages().hasNext(nowNs)).isFalse();
            assertThat(connection.messages().poll(nowNs)).isNull();
        }
        connection.release();
    }

    private HandmadePeer hostile() throws HandshakeFailedException {
        return new HandmadePeer(receiver.endpoint(), receiver.keyPair(), sender.address(), random, network.nowNs());
    }

    private static byte[] report(long linkId, long number) {
        WireWriter out = new WireWriter().wrap(new byte[20], 0, 20);
        FrameWriter.writeNumbers(out, FrameType.MESSAGES_DELIVERED, linkId, number);
        return written(out);
    }

    private static void mark(WireWriter out, long linkId, long number) {
        out.writeVarInt(VarInt.MAX).writeVarInt(linkId).writeVarInt(number);
    }

    private static byte[] written(WireWriter out) {
        return Arrays.copyOf(out.array(), out.written());
    }

    private EnginePeer.Session connect() {
        EnginePeer.Session session = sender.connect(receiver);
        run();
        assertThat(session.connection.isOpen()).isTrue();
        return session;
    }

    /** Ends the sender's side without a word. */
    private void abandon(EnginePeer.Session session) {
        session.connection.fail(new ChannelClosedException("given up", session.connection.context(), null));
        sender.pump(network.nowNs());
    }

    private void send(EnginePeer.Session session, int first, int last) {
        for (int number = first; number <= last; number++) {
            session.send(String.valueOf(number).getBytes(StandardCharsets.US_ASCII), LINK, number);
        }
        sender.pump(network.nowNs());
    }

    private @Nullable String read(EnginePeer.Session session) {
        byte[] message = receiver.read(session);
        return message == null ? null : new String(message, StandardCharsets.US_ASCII);
    }

    private static List<String> texts(EnginePeer.Session session) {
        List<String> texts = new ArrayList<>();
        for (byte[] message : session.received) {
            texts.add(new String(message, StandardCharsets.US_ASCII));
        }
        return texts;
    }

    private static DeliveredUpTo last(EnginePeer.Session session) {
        return session.delivered.get(session.delivered.size() - 1);
    }

    private void run() {
        network.run(SECOND);
    }
}
