package dev.tether.core.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** RFC 9000, section 13.2. */
class AckTrackerTest {

    private static final long MS = 1_000_000L;
    private static final long DELAY = AckTracker.DEFAULT_MAX_ACK_DELAY_NS;

    private final AckTracker tracker = new AckTracker(DELAY);

    @Test
    void aSinglePacketIsAcknowledgedAfterTheMaximumDelay() {
        receive(0, 10 * MS);

        assertThat(tracker.hasPendingAck()).isTrue();
        assertThat(tracker.ackDeadlineNs()).isEqualTo(35 * MS);
        assertThat(tracker.isAckDue(35 * MS - 1)).isFalse();
        assertThat(tracker.isAckDue(35 * MS)).isTrue();
        assertThat(tracker.ackDelayNs(35 * MS)).isEqualTo(25 * MS);
    }

    @Test
    void theSecondPacketMakesAnAckDue() {
        receive(0, 0);
        assertThat(tracker.isAckDue(0)).isFalse();
        receive(1, MS);
        assertThat(tracker.isAckDue(MS)).isTrue();
        assertThat(tracker.ackDeadlineNs()).isEqualTo(MS);
    }

    @Test
    void theDelayRunsFromTheOldestPacketThatWaits() {
        bulk(100, MS);
        tracker.onAckSent(MS);
        receive(100, 2 * MS);
        receive(101, 3 * MS);

        assertThat(tracker.ackDeadlineNs()).isEqualTo(2 * MS + DELAY);
    }

    @Test
    void anAckThatWasSentLeavesNothingPending() {
        receive(0, 0);
        receive(1, 0);
        tracker.onAckSent(0);

        assertThat(tracker.hasPendingAck()).isFalse();
        assertThat(tracker.isAckDue(Long.MAX_VALUE - 1)).isFalse();
        assertThat(tracker.ackDeadlineNs()).isEqualTo(AckTracker.NO_DEADLINE);
    }

    @Test
    void aGapIsReportedAtOnce() {
        receive(0, 0);
        tracker.onAckSent(0);
        receive(2, MS);
        assertThat(tracker.isAckDue(MS)).isTrue();
    }

    @Test
    void aPacketThatFillsAGapIsReportedAtOnce() {
        receive(0, 0);
        receive(2, 0);
        tracker.onAckSent(0);
        receive(1, MS);
        assertThat(tracker.isAckDue(MS)).isTrue();
    }

    @Test
    void packetsInOrderBehindAnOldGapAreNotReportedAtOnce() {
        receive(0, 0);
        receive(2, 0);
        tracker.onAckSent(0);
        receive(3, MS);
        assertThat(tracker.isAckDue(MS)).isFalse();
    }

    @Test
    void aGapOfForgottenPacketsIsNone() {
        receive(0, 0);
        tracker.onPacketReceived(1, false, 0);
        tracker.onAckSent(0);
        tracker.onAckOfAck(1);
        receive(2, MS);
        assertThat(tracker.isAckDue(MS)).isFalse();
    }

    @Test
    void packetsThatDoNotElicitAcksAreRecordedButNotAcknowledgedOnTheirOwn() {
        tracker.onPacketReceived(0, false, 0);
        tracker.onPacketReceived(5, false, 0);

        assertThat(tracker.hasPendingAck()).isFalse();
        assertThat(tracker.ackDeadlineNs()).isEqualTo(AckTracker.NO_DEADLINE);
        assertThat(tracker.rangeCount()).isEqualTo(2);
        assertThat(tracker.rangeLargest(0)).isEqualTo(5);
    }

    @Test
    void duplicatesAreDetected() {
        assertThat(receive(3, 0)).isTrue();
        assertThat(tracker.isDuplicate(3)).isTrue();
        assertThat(receive(3, 0)).isFalse();
        assertThat(tracker.isDuplicate(2)).isFalse();
    }

    @Test
    void theDelayIsThatOfTheLargestPacket() {
        receive(5, 10 * MS);
        receive(4, 12 * MS);
        assertThat(tracker.ackDelayNs(13 * MS)).isEqualTo(3 * MS);
    }

    @Test
    void bulkIsAcknowledgedEveryTenthPacketInTheEnd() {
        long next = 0;
        int[] acks = new int[5];
        for (int hundred = 0; hundred < acks.length; hundred++) {
            for (int i = 0; i < AckTracker.PACKETS_TO_GROW; i++) {
                receive(next++, 0);
                if (tracker.isAckDue(0)) {
                    tracker.onAckSent(0);
                    acks[hundred]++;
                }
            }
        }
        assertThat(acks).containsExactly(50, 25, 12, 10, 10);
    }

    @Test
    void aGapBringsBackAnAckForEverySecondPacket() {
        bulk(400, 0);
        tracker.onAckSent(0);
        receive(401, 0);
        tracker.onAckSent(0);

        receive(402, 0);
        assertThat(tracker.isAckDue(0)).isFalse();
        receive(403, 0);
        assertThat(tracker.isAckDue(0)).isTrue();
    }

    @Test
    void waitingForTheMaximumDelayBringsBackAnAckForEverySecondPacket() {
        bulk(400, 0);
        tracker.onAckSent(0);
        receive(400, 0);
        tracker.onAckSent(DELAY);

        receive(401, DELAY);
        receive(402, DELAY);
        assertThat(tracker.isAckDue(DELAY)).isTrue();
    }

    @Test
    void anAckThatRodeAlongEarlyDoesNot() {
        bulk(400, 0);
        tracker.onAckSent(0);
        receive(400, 0);
        tracker.onAckSent(MS);

        receive(401, 2 * MS);
        receive(402, 2 * MS);
        assertThat(tracker.isAckDue(2 * MS)).isFalse();
    }

    @Test
    void rangesAreForgottenOnceTheirAckIsAcknowledged() {
        receive(0, 0);
        receive(2, 0);
        tracker.onAckSent(0);
        receive(4, 0);
        tracker.onAckSent(0);

        tracker.onAckOfAck(2);

        assertThat(tracker.rangeCount()).isEqualTo(1);
        assertThat(tracker.rangeSmallest(0)).isEqualTo(4);
        assertThat(tracker.isDuplicate(1)).as("too old to tell").isTrue();
    }

    @Test
    void aPacketThatStillWaitsForItsAckIsNotForgotten() {
        receive(0, 0);
        receive(2, 0);
        tracker.onAckSent(0);
        receive(1, MS);

        tracker.onAckOfAck(2);

        assertThat(tracker.rangeCount()).isEqualTo(1);
        assertThat(tracker.rangeSmallest(0)).isEqualTo(1);
        assertThat(tracker.rangeLargest(0)).isEqualTo(2);
    }

    @Test
    void atMostSixtyFourRangesAreKept() {
        for (long number = 0; number < 200; number += 2) {
            receive(number, 0);
        }

        assertThat(tracker.rangeCount()).isEqualTo(AckTracker.MAX_RANGES);
        assertThat(tracker.rangeLargest(0)).isEqualTo(198);
        assertThat(tracker.rangeSmallest(63)).isEqualTo(72);
        assertThat(receive(71, 0)).as("older than all that is kept").isTrue();
        assertThat(receive(69, 0)).isFalse();
    }

    @Test
    void everyThirtySecondAckInARowAsksForAnAckOfItself() {
        receive(0, 0);
        receive(2, 0);
        int asked = 0;
        for (int i = 0; i < 64; i++) {
            asked += tracker.shouldElicitAck() ? 1 : 0;
            tracker.onAckSent(0);
        }
        assertThat(asked).isEqualTo(2);
    }

    @Test
    void anAckIsNotAskedForWhenThereIsNothingToForget() {
        receive(0, 0);
        for (int i = 0; i < 64; i++) {
            assertThat(tracker.shouldElicitAck()).isFalse();
            tracker.onAckSent(0);
        }
    }

    private boolean receive(long packetNumber, long nowNs) {
        return tracker.onPacketReceived(packetNumber, true, nowNs);
    }

    private void bulk(int packets, long nowNs) {
        for (long number = 0; number < packets; number++) {
            receive(number, nowNs);
            if (tracker.isAckDue(nowNs)) {
                tracker.onAckSent(nowNs);
            }
        }
    }
}
