package dev.tether.core.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** RFC 9002, sections 5.1, 6 and 7.6, and appendix A. */
class LossRecoveryTest {

    private static final long MS = 1_000_000L;
    private static final long MAX_ACK_DELAY = 25 * MS;
    private static final int SIZE = 1200;

    private final LossRecovery recovery = new LossRecovery(RttEstimator.INITIAL_RTT_NS, MAX_ACK_DELAY);
    private final Outcomes outcomes = new Outcomes();

    @Nested
    class Acknowledgments {

        @Test
        void bytesAreInFlightUntilAcknowledged() {
            send(3, 0);
            assertThat(recovery.bytesInFlight()).isEqualTo(3 * SIZE);

            assertThat(ack(100 * MS, 0, 1)).isEqualTo(AckOutcome.NEWLY_ACKED);

            assertThat(recovery.bytesInFlight()).isEqualTo(SIZE);
            assertThat(recovery.summary().ackedBytes()).isEqualTo(2 * SIZE);
            assertThat(recovery.summary().isAckElicitingAcked()).isTrue();
            assertThat(recovery.deliveredBytes()).isEqualTo(2 * SIZE);
            assertThat(outcomes.log).containsExactly("acked 0", "acked 1");
        }

        @Test
        void aRepeatedAcknowledgmentTellsNothingNew() {
            send(3, 0);
            ack(100 * MS, 0, 1);
            outcomes.log.clear();

            assertThat(ack(110 * MS, 0, 1)).isEqualTo(AckOutcome.NOTHING_NEW);

            assertThat(outcomes.log).isEmpty();
            assertThat(recovery.summary().ackedBytes()).isZero();
            assertThat(recovery.rtt().sampleCount()).isEqualTo(1);
        }

        @Test
        void rangesMayOverlapEarlierOnesInAnyWay() {
            send(10, 0);
            ack(100 * MS, 4, 5);
            ack(101 * MS, 3, 6);
            ack(102 * MS, 6, 7, 2, 4);
            ack(103 * MS, 0, 7);

            assertThat(outcomes.log)
                    .containsExactly(
                            "acked 4",
                            "acked 5",
                            "lost 0",
                            "lost 1",
                            "lost 2",
                            "acked 3",
                            "acked 6",
                            "spurious 2",
                            "acked 7",
                            "spurious 0",
                            "spurious 1");
            assertThat(recovery.bytesInFlight()).isEqualTo(2 * SIZE);
        }

        @Test
        void anAckOfAPacketInTheFutureIsInvalidAndChangesNothing() {
            send(3, 0);

            assertThat(ack(100 * MS, 0, 3)).isEqualTo(AckOutcome.INVALID_ACK);

            assertThat(outcomes.log).isEmpty();
            assertThat(recovery.bytesInFlight()).isEqualTo(3 * SIZE);
            assertThat(recovery.largestAcked()).isEqualTo(-1);
        }

        @Test
        void anAckOfASkippedNumberIsInvalid() {
            send(3, 0);
            recovery.skipPacketNumber();
            send(3, 0);

            assertThat(recovery.nextPacketNumber()).isEqualTo(7);
            assertThat(ack(100 * MS, 0, 6)).isEqualTo(AckOutcome.INVALID_ACK);
            assertThat(ack(100 * MS, 4, 6, 0, 2)).isEqualTo(AckOutcome.NEWLY_ACKED);
        }

        @Test
        void bareAcksAreNotInFlightAndSetNoTimer() {
            SentPacket packet = recovery.beginPacket(0);
            recovery.onPacketSent(packet, 40, false, false, 0);

            assertThat(recovery.bytesInFlight()).isZero();
            assertThat(recovery.timeoutNs()).isEqualTo(LossRecovery.NO_TIMEOUT);
        }

        @Test
        void theRateAtWhichDataArrivesIsSampled() {
            recovery.setAppLimited(true);
            send(10, 0);
            ack(100 * MS, 0, 9);

            assertThat(recovery.summary().deliveryRateBytesPerSecond()).isEqualTo(10 * SIZE * 10);
            assertThat(recovery.summary().isDeliveryAppLimited()).isTrue();
        }
    }

    @Nested
    class RoundTripSamples {

        @Test
        void theLargestNewlyAcknowledgedPacketGivesTheSample() {
            send(1, 0);
            send(1, 30 * MS);
            ack(100 * MS, 0, 1);

            assertThat(recovery.summary().isRttUpdated()).isTrue();
            assertThat(recovery.rtt().latestNs()).isEqualTo(70 * MS);
        }

        @Test
        void anAckWhoseLargestIsNotNewGivesNone() {
            send(3, 0);
            ack(100 * MS, 2, 2);
            ack(200 * MS, 0, 2);

            assertThat(recovery.summary().isRttUpdated()).isFalse();
            assertThat(recovery.rtt().latestNs()).isEqualTo(100 * MS);
        }

        @Test
        void anAckOfNothingAckElicitingGivesNone() {
            SentPacket packet = recovery.beginPacket(0);
            recovery.onPacketSent(packet, 40, false, false, 0);
            ack(100 * MS, 0, 0);

            assertThat(recovery.rtt().sampleCount()).isZero();
        }

        @Test
        void packetsOfAnEarlierPathGiveNoneAndDoNotCount() {
            send(2, 0);
            recovery.onPathChanged();
            send(1, 10 * MS);
            ack(100 * MS, 0, 1);

            assertThat(recovery.rtt().sampleCount()).isZero();
            assertThat(recovery.summary().ackedBytes()).isZero();
            assertThat(recovery.bytesInFlight()).isEqualTo(SIZE);
            assertThat(outcomes.acked()).containsExactly(0L, 1L);
        }
    }

    @Nested
    class Losses {

        @Test
        void aPacketThreeBehindIsLost() {
            send(4, 0);
            ack(100 * MS, 1, 3);

            assertThat(outcomes.log).containsExactly("acked 1", "acked 2", "acked 3", "lost 0");
            assertThat(recovery.summary().lostBytes()).isEqualTo(SIZE);
            assertThat(recovery.summary().largestLostSentNs()).isZero();
            assertThat(recovery.bytesInFlight()).isZero();
        }

        @Test
        void aPacketLessFarBehindIsLostAfterNineEighthsOfARoundTrip() {
            send(2, 0);
            ack(80 * MS, 1, 1);
            assertThat(outcomes.log).containsExactly("acked 1");
            assertThat(recovery.timeoutNs()).isEqualTo(90 * MS);

            assertThat(recovery.onTimeout(90 * MS - 1, outcomes)).isEqualTo(TimeoutOutcome.NONE);
            assertThat(recovery.onTimeout(90 * MS, outcomes)).isEqualTo(TimeoutOutcome.LOSS_DETECTED);

            assertThat(outcomes.log).containsExactly("acked 1", "lost 0");
            assertThat(recovery.summary().lostBytes()).isEqualTo(SIZE);
            assertThat(recovery.ptoCount()).isZero();
            assertThat(recovery.timeoutNs()).isEqualTo(LossRecovery.NO_TIMEOUT);
        }

        @Test
        void packetsSentAfterTheLargestAcknowledgedAreNotLost() {
            send(1, 0);
            ack(100 * MS, 0, 0);
            send(5, 200 * MS);

            assertThat(recovery.onTimeout(recovery.timeoutNs(), outcomes)).isEqualTo(TimeoutOutcome.PROBE);
            assertThat(outcomes.lost()).isEmpty();
        }

        @Test
        void theLossOfAnMtuProbeSaysNothingAboutCongestion() {
            SentPacket probe = recovery.beginPacket(0);
            probe.markMtuProbe();
            recovery.onPacketSent(probe, 9000, true, true, 0);
            send(3, 0);
            ack(100 * MS, 1, 3);

            assertThat(outcomes.lost()).containsExactly(0L);
            assertThat(recovery.summary().lostBytes()).isZero();
            assertThat(recovery.bytesInFlight()).isZero();
        }
    }

    @Nested
    class SpuriousLosses {

        @Test
        void aLateAcknowledgmentOfALostPacketIsReported() {
            send(5, 0);
            ack(100 * MS, 1, 4);
            outcomes.log.clear();

            ack(105 * MS, 0, 4);

            assertThat(outcomes.log).containsExactly("spurious 0");
            assertThat(recovery.deliveredBytes()).isEqualTo(5 * SIZE);
            assertThat(recovery.bytesInFlight()).isZero();
            assertThat(recovery.summary().isSpuriousCongestion()).isTrue();
        }

        @Test
        void theCongestionEventWasRealIfAnyOfItsPacketsStaysMissing() {
            send(6, 0);
            ack(100 * MS, 2, 5);
            ack(105 * MS, 2, 5, 0, 0);
            assertThat(recovery.summary().isSpuriousCongestion()).isFalse();

            ack(106 * MS, 0, 5);
            assertThat(recovery.summary().isSpuriousCongestion()).isTrue();
        }

        @Test
        void packetsArrivingOutOfOrderWidenTheThreshold() {
            send(5, 0);
            ack(100 * MS, 1, 4);
            ack(105 * MS, 0, 4);
            outcomes.log.clear();

            send(5, 110 * MS);
            ack(210 * MS, 6, 9);
            assertThat(outcomes.lost()).as("4 behind is tolerated now").isEmpty();

            send(1, 210 * MS);
            ack(215 * MS, 10, 10);
            assertThat(outcomes.lost()).containsExactly(5L);
        }

        @Test
        void aLostPacketIsForgottenAfterTwoProbeTimeouts() {
            send(5, 0);
            ack(100 * MS, 1, 4);
            long forgottenNs = 100 * MS + 2 * recovery.rtt().ptoNs(0);
            send(1, forgottenNs);
            ack(forgottenNs + 100 * MS, 5, 5);
            outcomes.log.clear();

            assertThat(ack(forgottenNs + 101 * MS, 0, 5)).isEqualTo(AckOutcome.NOTHING_NEW);
            assertThat(outcomes.log).isEmpty();
        }
    }

    @Nested
    class ProbeTimeouts {

        @Test
        void theFirstTimeoutFollowsFromTheInitialRoundTrip() {
            send(1, 5 * MS);
            assertThat(recovery.timeoutNs()).isEqualTo(5 * MS + 999 * MS + MAX_ACK_DELAY);
        }

        @Test
        void theTimeoutRestartsWithEveryAckElicitingPacket() {
            recovery.onHandshakeRtt(100 * MS, 0);
            send(1, 0);
            send(1, 50 * MS);
            assertThat(recovery.timeoutNs()).isEqualTo(50 * MS + 300 * MS + MAX_ACK_DELAY);
        }

        @Test
        void itBacksOffExponentiallyUpToAMinute() {
            recovery.onHandshakeRtt(100 * MS, 0);
            long baseNs = recovery.ptoNs();
            long nowNs = 0;
            List<Long> delaysMs = new ArrayList<>();
            send(1, nowNs);
            for (int i = 0; i < 12; i++) {
                delaysMs.add((recovery.timeoutNs() - nowNs) / MS);
                nowNs = recovery.timeoutNs();
                assertThat(recovery.onTimeout(nowNs, outcomes)).isEqualTo(TimeoutOutcome.PROBE);
                send(1, nowNs);
            }

            assertThat(baseNs).isEqualTo(325 * MS);
            assertThat(delaysMs)
                    .containsExactly(
                            325L, 650L, 1300L, 2600L, 5200L, 10400L, 20800L, 41600L, 60000L, 60000L, 60000L, 60000L);
            assertThat(recovery.ptoCount()).isEqualTo(12);
        }

        @Test
        void backoffDoesNotOverflow() {
            send(1, 0);
            for (int i = 0; i < 200; i++) {
                recovery.onTimeout(recovery.timeoutNs(), outcomes);
                assertThat(recovery.timeoutNs()).isBetween(0L, 60_000 * MS);
            }
        }

        @Test
        void oneProbeFollowsTheFirstTimeoutAndTwoTheNext() {
            send(1, 0);
            recovery.onTimeout(recovery.timeoutNs(), outcomes);
            assertThat(recovery.pendingProbes()).isEqualTo(1);
            send(1, 2000 * MS);
            assertThat(recovery.pendingProbes()).isZero();

            recovery.onTimeout(recovery.timeoutNs(), outcomes);
            assertThat(recovery.pendingProbes()).isEqualTo(2);
        }

        @Test
        void anAcknowledgmentEndsBackoffAndProbes() {
            send(2, 0);
            recovery.onTimeout(recovery.timeoutNs(), outcomes);
            recovery.onTimeout(recovery.timeoutNs(), outcomes);
            ack(5000 * MS, 0, 0);

            assertThat(recovery.ptoCount()).isZero();
            assertThat(recovery.pendingProbes()).isZero();
        }

        @Test
        void aMoveEndsBackoff() {
            send(1, 0);
            long withoutBackoffNs = recovery.timeoutNs();
            recovery.onTimeout(recovery.timeoutNs(), outcomes);
            recovery.onTimeout(recovery.timeoutNs(), outcomes);
            recovery.onMoved();

            assertThat(recovery.ptoCount()).isZero();
            assertThat(recovery.timeoutNs()).isEqualTo(withoutBackoffNs);
        }

        /** The way to a peer behind a NAT is open when it has just sent, and may be closed when a timeout expires. */
        @Test
        void aPeerThatIsHeardIsProbedWithoutWaitingForABackedOffTimeout() {
            send(1, 0);
            long nowNs = 0;
            for (int i = 0; i < 5; i++) {
                assertThat(recovery.onHeard(nowNs)).as("after %d timeouts", i).isEqualTo(i >= 2);
                nowNs = recovery.timeoutNs();
                recovery.onTimeout(nowNs, outcomes);
                send(recovery.pendingProbes(), nowNs);
                assertThat(recovery.onHeard(nowNs + 999 * MS)).isFalse();
                nowNs += 10_000 * MS;
            }
        }

        @Test
        void aPeerThatIsHeardIsNotProbedWithoutNeed() {
            assertThat(recovery.onHeard(10_000 * MS)).isFalse();
            send(1, 0);
            for (int i = 0; i < 3; i++) {
                recovery.onTimeout(recovery.timeoutNs(), outcomes);
            }
            ack(100_000 * MS, 0, 0);
            assertThat(recovery.onHeard(200_000 * MS)).isFalse();
        }

        @Test
        void thereIsNoTimerWithoutAckElicitingPackets() {
            send(1, 0);
            ack(100 * MS, 0, 0);

            assertThat(recovery.hasAckElicitingInFlight()).isFalse();
            assertThat(recovery.timeoutNs()).isEqualTo(LossRecovery.NO_TIMEOUT);
            assertThat(recovery.onTimeout(Long.MAX_VALUE - 1, outcomes)).isEqualTo(TimeoutOutcome.NONE);
        }

        @Test
        void theOldestUnacknowledgedContentCanBeSentAgain() {
            send(6, 0);
            ack(100 * MS, 3, 3, 0, 0);
            List<Long> offsets = new ArrayList<>();

            int visited = recovery.visitOldestUnacked(2, packet -> offsets.add(packet.contentOffset(0)));

            assertThat(visited).isEqualTo(2);
            assertThat(offsets).as("0 is acknowledged, 1 is lost behind 3").containsExactly(10L, 20L);
            assertThat(recovery.visitOldestUnacked(10, packet -> {})).isEqualTo(4);
        }
    }

    @Nested
    class PersistentCongestions {

        @Test
        void losingEverythingForThreeProbeTimeoutsIsPersistentCongestion() {
            settleRtt();
            long first = recovery.nextPacketNumber();
            long sentNs = 10_000 * MS;
            send(1, sentNs);
            send(4, sentNs + 2_000 * MS);
            ack(sentNs + 2_100 * MS, first + 4, first + 4);

            assertThat(outcomes.lost()).containsExactly(first, first + 1);
            assertThat(recovery.summary().isPersistentCongestion()).isTrue();
        }

        @Test
        void anAcknowledgedPacketBetweenThemPreventsIt() {
            settleRtt();
            long first = recovery.nextPacketNumber();
            long sentNs = 10_000 * MS;
            send(1, sentNs);
            send(1, sentNs + 1_000 * MS);
            send(4, sentNs + 2_000 * MS);
            ack(sentNs + 2_100 * MS, first + 5, first + 5, first + 1, first + 1);

            assertThat(outcomes.lost()).containsExactly(first, first + 2);
            assertThat(recovery.summary().isPersistentCongestion()).isFalse();
        }

        @Test
        void packetsSentBeforeTheFirstSampleDoNotEstablishIt() {
            send(1, 0);
            send(4, 60_000 * MS);
            ack(60_100 * MS, 4, 4);

            assertThat(outcomes.lost()).containsExactly(0L, 1L);
            assertThat(recovery.summary().isPersistentCongestion()).isFalse();
        }

        @Test
        void itRenewsTheMinimumRoundTrip() {
            settleRtt();
            long first = recovery.nextPacketNumber();
            long sentNs = 10_000 * MS;
            send(1, sentNs);
            send(4, sentNs + 5_000 * MS);
            ack(sentNs + 5_150 * MS, first + 4, first + 4);
            assertThat(recovery.summary().isPersistentCongestion()).isTrue();
            assertThat(recovery.rtt().minNs()).isEqualTo(100 * MS);

            ack(sentNs + 5_150 * MS, first + 3, first + 3);
            send(1, sentNs + 6_000 * MS);
            ack(sentNs + 6_150 * MS, first + 5, first + 5);
            assertThat(recovery.rtt().minNs()).isEqualTo(150 * MS);
        }

        /** Samples of 100 ms, until the variation has all but vanished. */
        private void settleRtt() {
            for (int i = 0; i < 30; i++) {
                long number = recovery.nextPacketNumber();
                send(1, i * 200L * MS);
                ack(i * 200L * MS + 100 * MS, number, number);
            }
            outcomes.log.clear();
        }
    }

    @Test
    void closingDiscardsWhatIsOutstanding() {
        send(5, 0);
        ack(100 * MS, 3, 3, 1, 1);
        List<Long> discarded = new ArrayList<>();

        recovery.discardAll(packet -> discarded.add(packet.packetNumber()));

        assertThat(discarded).as("0 is lost already").containsExactly(2L, 4L);
        assertThat(recovery.bytesInFlight()).isZero();
        assertThat(recovery.timeoutNs()).isEqualTo(LossRecovery.NO_TIMEOUT);
        assertThat(recovery.nextPacketNumber()).isEqualTo(5);
        assertThat(ack(200 * MS, 0, 4)).isEqualTo(AckOutcome.NOTHING_NEW);
    }

    private void send(int packets, long nowNs) {
        for (int i = 0; i < packets; i++) {
            SentPacket packet = recovery.beginPacket(nowNs);
            packet.addFrame(1, 0, packet.packetNumber() * 10, 10);
            recovery.onPacketSent(packet, SIZE, true, true, nowNs);
        }
    }

    private AckOutcome ack(long nowNs, long... ranges) {
        return recovery.onAckReceived(ranges, ranges.length / 2, 0, nowNs, outcomes);
    }

    private static final class Outcomes implements PacketOutcomes {
        final List<String> log = new ArrayList<>();

        @Override
        public void onPacketAcked(SentPacket packet) {
            log.add("acked " + packet.packetNumber());
        }

        @Override
        public void onPacketLost(SentPacket packet) {
            log.add("lost " + packet.packetNumber());
        }

        @Override
        public void onSpuriousLoss(SentPacket packet) {
            log.add("spurious " + packet.packetNumber());
        }

        List<Long> acked() {
            return numbers("acked ");
        }

        List<Long> lost() {
            return numbers("lost ");
        }

        private List<Long> numbers(String kind) {
            return log.stream()
                    .filter(entry -> entry.startsWith(kind))
                    .map(entry -> Long.valueOf(entry.substring(kind.length())))
                    .toList();
        }
    }
}
