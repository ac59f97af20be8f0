package dev.tether.core.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.PeerIdentity;
import dev.tether.core.stream.ChunkPool;
import dev.tether.core.stream.MessageReader;
import dev.tether.core.stream.StreamBounds;
import dev.tether.core.stream.StreamId;
import dev.tether.core.stream.StreamLimits;
import dev.tether.core.stream.StreamSet;
import dev.tether.core.stream.StreamViolation;
import dev.tether.core.wire.VarInt;
import dev.tether.core.wire.WireWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** docs/PROTOCOL.md, section 9.4. */
class ReceivedMessagesTest {

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
    private final LinkLedger ledger = new LinkLedger(10);
    private final List<Arrival> arrivals = new ArrayList<>();

    /** One connection of a peer, with what it has sent. */
    private final class Arrival {

        private final StreamSet streams = new StreamSet(
                false, StreamLimits.defaults(), StreamBounds.defaults(), allocator, new ChunkPool(1 << 20));
        private final DeliveryReports reports = new DeliveryReports();
        private final ReceivedMessages messages;
        private int sent;

        Arrival(int peer) {
            byte[] key = new byte[PeerIdentity.LENGTH];
            key[0] = (byte) peer;
            messages = new ReceivedMessages(
                    PeerIdentity.of(key), new MessageReader(streams, StreamId.MESSAGES, 100), ledger, reports);
            arrivals.add(this);
        }

        /** Messages of one byte, their number. */
        Arrival arrives(long linkId, int... numbers) throws StreamViolation {
            WireWriter out = new WireWriter().wrap(new byte[1000], 0, 1000);
            for (int number : numbers) {
                out.writeVarInt(VarInt.MAX).writeVarInt(linkId).writeVarInt(linkId == 0 ? 0 : number);
                out.writeVarInt(1).writeByte(number);
            }
            streams.frames().onStream(StreamId.MESSAGES, sent, out.array(), 0, out.written(), false);
            sent += out.written();
            return this;
        }

        /** What is handed out next: the content of the message, 0 if there is none. */
        int next() throws StreamViolation {
            ByteBuf message = messages.next();
            if (message == null) {
                return 0;
            }
            int content = message.readByte();
            message.release();
            return content;
        }

        /** What is reported, once. */
        List<DeliveredUpTo> reported() {
            List<DeliveredUpTo> written = new ArrayList<>();
            reports.write(
                    new WireWriter().wrap(new byte[1000], 0, 1000),
                    (type, linkId, number, length) -> written.add(new DeliveredUpTo(linkId, number)));
            return written;
        }

        void close() {
            streams.releaseAll();
            messages.close();
        }
    }

    @AfterEach
    void everythingIsReleased() {
        arrivals.forEach(Arrival::close);
        assertThat(allocator.metric().usedHeapMemory()).as("bytes not released").isZero();
    }

    @Test
    void aMessageIsReportedWhenItIsHandedOut() throws StreamViolation {
        Arrival arrival = new Arrival(1).arrives(7, 1, 2);
        assertThat(arrival.reported()).isEmpty();
        assertThat(arrival.next()).isEqualTo(1);
        assertThat(arrival.reported()).containsExactly(new DeliveredUpTo(7, 1));
        assertThat(arrival.next()).isEqualTo(2);
        assertThat(arrival.next()).isZero();
        assertThat(arrival.reported()).containsExactly(new DeliveredUpTo(7, 2));
        assertThat(arrival.reported()).isEmpty();
    }

    @Test
    void messagesWithoutALinkAreHandedOutAsTheyComeAndNotReported() throws StreamViolation {
        Arrival arrival = new Arrival(1).arrives(0, 5, 5, 4);
        assertThat(arrival.messages.hasNext()).isTrue();
        assertThat(List.of(arrival.next(), arrival.next(), arrival.next(), arrival.next()))
                .containsExactly(5, 5, 4, 0);
        assertThat(arrival.reported()).isEmpty();
    }

    @Test
    void whatAnEarlierConnectionHasHandedOutIsPassedOverAndReported() throws StreamViolation {
        Arrival old = new Arrival(1).arrives(7, 1, 2, 3);
        old.next();
        old.next();
        Arrival later = new Arrival(1).arrives(7, 1, 2, 3, 4);
        assertThat(later.reported()).isEmpty();
        assertThat(later.messages.hasNext()).isTrue();
        assertThat(later.reported()).containsExactly(new DeliveredUpTo(7, 2));
        assertThat(List.of(later.next(), later.next(), later.next())).containsExactly(3, 4, 0);
        assertThat(later.reported()).containsExactly(new DeliveredUpTo(7, 4));
        assertThat(old.next()).isZero();
    }

    @Test
    void passingOverReportsTheGreatestNumberThatWasHandedOut() throws StreamViolation {
        new Arrival(1).arrives(7, 9).next();
        Arrival later = new Arrival(1).arrives(7, 3);
        assertThat(later.messages.hasNext()).isFalse();
        assertThat(later.reported()).containsExactly(new DeliveredUpTo(7, 9));
    }

    @Test
    void numbersMayBeLeftOutAndNeverGoBack() throws StreamViolation {
        Arrival arrival = new Arrival(1).arrives(7, 3, 8, 5, 8, 9);
        assertThat(List.of(arrival.next(), arrival.next(), arrival.next(), arrival.next()))
                .containsExactly(3, 8, 9, 0);
    }

    @Test
    void thePeersAreToldApartByTheirKeysAndTheLinksByTheirIds() throws StreamViolation {
        new Arrival(1).arrives(7, 5).next();
        assertThat(new Arrival(2).arrives(7, 5).next()).isEqualTo(5);
        assertThat(new Arrival(1).arrives(8, 5).next()).isEqualTo(5);
        assertThat(new Arrival(1).arrives(7, 5).next()).isZero();
    }

    @Test
    void askingWhetherThereIsOneTakesAndReportsNothing() throws StreamViolation {
        Arrival arrival = new Arrival(1).arrives(7, 1);
        for (int i = 0; i < 3; i++) {
            assertThat(arrival.messages.hasNext()).isTrue();
        }
        assertThat(arrival.reported()).isEmpty();
        assertThat(arrival.next()).isEqualTo(1);
        assertThat(arrival.messages.hasNext()).isFalse();
    }

    @Test
    void aMessageThatWasOnlyAskedForIsHandedOutByTheNextConnectionAndNotByTheOldOneAgain() throws StreamViolation {
        Arrival old = new Arrival(1).arrives(7, 1, 2);
        assertThat(old.messages.hasNext()).isTrue();
        Arrival later = new Arrival(1).arrives(7, 1, 2);
        assertThat(later.next()).isEqualTo(1);
        assertThat(old.next()).isEqualTo(2);
        assertThat(later.next()).isZero();
        assertThat(old.messages.hasNext()).isFalse();
    }

    @Test
    void whatTheOldConnectionHandsOutAfterAllIsNotHandedOutByTheNextOne() throws StreamViolation {
        Arrival old = new Arrival(1).arrives(7, 1, 2);
        Arrival later = new Arrival(1).arrives(7, 1, 2);
        assertThat(later.messages.hasNext()).isTrue();
        assertThat(old.next()).isEqualTo(1);
        assertThat(old.next()).isEqualTo(2);
        assertThat(later.messages.hasNext()).isFalse();
        assertThat(later.next()).isZero();
        assertThat(later.reported()).containsExactly(new DeliveredUpTo(7, 2));
    }

    @Test
    void whatWasAskedForAndIsNotHandedOutIsReleasedAtTheEnd() throws StreamViolation {
        Arrival arrival = new Arrival(1).arrives(7, 1, 2);
        assertThat(arrival.messages.hasNext()).isTrue();
        arrival.close();
        assertThat(allocator.metric().usedHeapMemory()).isZero();
        assertThat(arrival.messages.next()).isNull();
    }

    @Test
    void aWrongMarkIsAViolationAfterTheMessagesBeforeIt() throws StreamViolation {
        Arrival arrival = new Arrival(1).arrives(7, 1).arrives(7, 0);
        assertThat(arrival.next()).isEqualTo(1);
        assertThatThrownBy(arrival.messages::hasNext).isInstanceOf(StreamViolation.class);
        assertThatThrownBy(arrival.messages::next).isInstanceOf(StreamViolation.class);
    }
}
