package dev.tether.core.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.recovery.SentPacket.State;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SentPacketsTest {

    private final SentPackets packets = new SentPackets();

    @Test
    void theRingStartsWithEightSlotsAndDoubles() {
        assertThat(packets.capacity()).isEqualTo(8);
        sendUpTo(8);
        assertThat(packets.capacity()).isEqualTo(8);
        sendUpTo(9);
        assertThat(packets.capacity()).isEqualTo(16);
        sendUpTo(100);
        assertThat(packets.capacity()).isEqualTo(128);
    }

    @Test
    void packetsKeepWhatTheyCarryWhenTheRingGrows() {
        sendUpTo(5);
        ack(0, 2);
        packets.release(0);
        sendUpTo(1000);

        for (long number = 3; number < 1000; number++) {
            SentPacket packet = packets.get(number);
            assertThat(packet.packetNumber()).isEqualTo(number);
            assertThat(packet.contentCount()).isEqualTo(1);
            assertThat(packet.contentOffset(0)).isEqualTo(number * 10);
        }
    }

    @Test
    void slotsAreReusedOnceTheirPacketsAreSettled() {
        Set<SentPacket> slots = Collections.newSetFromMap(new IdentityHashMap<>());
        for (long number = 0; number < 10_000; number++) {
            slots.add(packets.next(number));
            send(number);
            if (number >= 4) {
                ack(number - 4, number - 4);
                packets.release(0);
            }
        }

        assertThat(slots).hasSize(8);
        assertThat(packets.capacity()).isEqualTo(8);
    }

    @Test
    void aReusedSlotHasNothingOfItsFormerPacket() {
        for (int i = 0; i < 100; i++) {
            packets.next(0).addFrame(1, 2, 3, 4);
        }
        SentPacket packet = packets.next(0);
        packet.markMtuProbe();

        packet = packets.next(0);

        assertThat(packet.contentCount()).isZero();
        assertThat(packet.isMtuProbe()).isFalse();
    }

    @Test
    void aRingThatRanEmptyAndWasMostlyUnusedShrinks() {
        sendUpTo(1000);
        ack(0, 999);
        packets.release(0);
        int grown = packets.capacity();

        for (long number = 1000; number < 1020; number++) {
            send(number);
            ack(number, number);
            packets.release(0);
        }

        assertThat(grown).isEqualTo(1024);
        assertThat(packets.capacity()).isEqualTo(SentPackets.MIN_CAPACITY);
    }

    @Test
    void bareAcksGiveWayInsteadOfMakingTheRingGrow() {
        for (long number = 0; number < 1000; number++) {
            SentPacket packet = packets.next(number);
            packets.commit(packet);
        }

        assertThat(packets.capacity()).isEqualTo(8);
        assertThat(packets.oldestNumber()).isEqualTo(992);
    }

    @Test
    void numbersNeverSentAreNoticed() {
        sendUpTo(3);
        send(5);

        assertThat(packets.wereSent(new long[] {5, 5, 0, 2}, 2)).isTrue();
        assertThat(packets.wereSent(new long[] {0, 2}, 1)).isTrue();
        assertThat(packets.wereSent(new long[] {0, 3}, 1)).as("3 was skipped").isFalse();
        assertThat(packets.wereSent(new long[] {4, 5}, 1)).as("4 was skipped").isFalse();
        assertThat(packets.wereSent(new long[] {5, 6}, 1))
                .as("6 is in the future")
                .isFalse();
    }

    @Test
    void aSkippedNumberIsRememberedUntilSomethingAfterItIsSettled() {
        sendUpTo(3);
        ack(0, 2);
        packets.release(0);
        packets.next(4);
        packets.release(0);
        assertThat(packets.wereSent(new long[] {0, 3}, 1)).isFalse();

        send(4);
        packets.release(0);
        assertThat(packets.wereSent(new long[] {0, 4}, 1)).isFalse();

        ack(4, 4);
        packets.release(0);
        assertThat(packets.oldestNumber()).isEqualTo(5);
    }

    @Test
    void lostPacketsAreReleasedAfterTheirTime() {
        sendUpTo(2);
        packets.get(0).state = State.LOST;
        packets.get(0).lostNs = 100;
        ack(1, 1);

        packets.release(99);
        assertThat(packets.oldestNumber()).isZero();

        packets.release(100);
        assertThat(packets.oldestNumber()).isEqualTo(2);
    }

    @Test
    void aNumberIsUsedUpOnlyByCommit() {
        SentPacket abandoned = packets.next(0);

        assertThat(packets.next(0)).isSameAs(abandoned);
        packets.commit(packets.next(0));
        assertThatThrownBy(() -> packets.next(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> packets.commit(abandoned)).isInstanceOf(IllegalStateException.class);
    }

    private void sendUpTo(long end) {
        while (packets.nextNumber() < end) {
            send(packets.nextNumber());
        }
    }

    private void send(long number) {
        SentPacket packet = packets.next(number);
        packet.ackEliciting = true;
        packet.inFlight = true;
        packet.addFrame(1, 0, number * 10, 10);
        packets.commit(packet);
    }

    private void ack(long smallest, long largest) {
        for (long number = smallest; number <= largest; number++) {
            packets.get(number).state = State.ACKED;
        }
    }
}
