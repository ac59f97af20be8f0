package dev.tether.core.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@link LossRecovery} and {@link AckTracker} over a network that loses, delays and reorders at random: whatever happens,
 * each packet gets its outcomes in a lawful order, and the counters agree with a naive model.
 */
class LossRecoveryModelTest {

    private static final long MS = 1_000_000L;

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14, 15, 16, 17, 18})
    void everyPacketIsSettledExactlyOnceAndTheBytesInFlightAddUp(long seed) {
        new Run(seed).play();
    }

    private enum Fate {
        OUTSTANDING,
        ACKED,
        LOST,
        LATE
    }

    private record Sent(int size, boolean inFlight) {}

    private record Event(long timeNs, long order, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(timeNs, other.timeNs);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private static final class Run implements PacketOutcomes {
        private static final int PACKETS = 20_000;

        private final Random random;
        private final String context;
        private final LossRecovery recovery =
                new LossRecovery(RttEstimator.INITIAL_RTT_NS, AckTracker.DEFAULT_MAX_ACK_DELAY_NS);
        private final AckTracker tracker = new AckTracker(AckTracker.DEFAULT_MAX_ACK_DELAY_NS);
        private final PriorityQueue<Event> events = new PriorityQueue<>();
        private final Map<Long, Fate> fates = new HashMap<>();
        private final Map<Long, Sent> sent = new HashMap<>();
        private long nowNs;
        private long order;
        private int lateCount;

        Run(long seed) {
            random = new Random(seed);
            context = "seed " + seed;
        }

        void play() {
            while (sent.size() < PACKETS || !events.isEmpty() || recovery.timeoutNs() != LossRecovery.NO_TIMEOUT) {
                if (sent.size() < PACKETS && recovery.bytesInFlight() < 100_000) {
                    send(random.nextInt(20) != 0);
                    nowNs += random.nextInt(100_000);
                }
                boolean idle = events.isEmpty() && sent.size() == PACKETS;
                nowNs = idle ? Math.max(nowNs, recovery.timeoutNs()) : nowNs + random.nextInt(100_000);
                deliverUntilNow();
                if (nowNs >= recovery.timeoutNs()) {
                    if (recovery.onTimeout(nowNs, this) == TimeoutOutcome.PROBE) {
                        send(true);
                    }
                }
                check();
            }
            assertThat(fates.values()).as(context).contains(Fate.ACKED, Fate.LOST, Fate.LATE);
            assertThat(recovery.hasAckElicitingInFlight()).as(context).isFalse();
            assertThat(lateCount).as(context).isPositive();
        }

        private void send(boolean ackEliciting) {
            if (random.nextInt(500) == 0) {
                recovery.skipPacketNumber();
            }
            SentPacket packet = recovery.beginPacket(nowNs);
            long number = packet.packetNumber();
            int size = 50 + random.nextInt(1400);
            recovery.onPacketSent(packet, size, ackEliciting, ackEliciting, nowNs);
            fates.put(number, Fate.OUTSTANDING);
            sent.put(number, new Sent(size, ackEliciting));
            if (random.nextInt(20) != 0) {
                after(delayNs(), () -> receive(number, ackEliciting));
            }
        }

        private void receive(long number, boolean ackEliciting) {
            tracker.onPacketReceived(number, ackEliciting, nowNs);
            if (tracker.isAckDue(nowNs)) {
                sendAck();
            } else if (tracker.hasPendingAck()) {
                after(AckTracker.DEFAULT_MAX_ACK_DELAY_NS, () -> {
                    if (tracker.isAckDue(nowNs)) {
                        sendAck();
                    }
                });
            }
        }

        private void sendAck() {
            long[] ranges = new long[2 * tracker.rangeCount()];
            for (int i = 0; i < tracker.rangeCount(); i++) {
                ranges[2 * i] = tracker.rangeSmallest(i);
                ranges[2 * i + 1] = tracker.rangeLargest(i);
            }
            long ackDelayNs = tracker.ackDelayNs(nowNs);
            tracker.onAckSent(nowNs);
            if (random.nextInt(20) != 0) {
                after(delayNs(), () -> {
                    AckOutcome outcome = recovery.onAckReceived(ranges, ranges.length / 2, ackDelayNs, nowNs, this);
                    assertThat(outcome).as(context).isNotEqualTo(AckOutcome.INVALID_ACK);
                    if (random.nextInt(10) == 0) {
                        tracker.onAckOfAck(ranges[1]);
                    }
                });
            }
        }

        private void deliverUntilNow() {
            long untilNs = nowNs;
            while (!events.isEmpty() && events.peek().timeNs <= untilNs) {
                Event event = events.remove();
                nowNs = event.timeNs;
                event.action.run();
            }
            nowNs = untilNs;
            if (sent.size() >= PACKETS && !events.isEmpty()) {
                nowNs = Math.max(nowNs, Math.min(events.peek().timeNs, recovery.timeoutNs()));
            }
        }

        private long delayNs() {
            return 10 * MS + random.nextInt(1_000_000) + (random.nextInt(50) == 0 ? random.nextInt(20_000_000) : 0);
        }

        private void after(long delayNs, Runnable action) {
            events.add(new Event(nowNs + delayNs, order++, action));
        }

        private void check() {
            if (random.nextInt(100) != 0) {
                return;
            }
            long expected = fates.entrySet().stream()
                    .filter(entry -> entry.getValue() == Fate.OUTSTANDING)
                    .map(entry -> sent.get(entry.getKey()))
                    .filter(Sent::inFlight)
                    .mapToLong(Sent::size)
                    .sum();
            assertThat(recovery.bytesInFlight()).as(context).isEqualTo(expected);
        }

        @Override
        public void onPacketAcked(SentPacket packet) {
            assertThat(fates.put(packet.packetNumber(), Fate.ACKED)).as(context).isEqualTo(Fate.OUTSTANDING);
            assertThat(sent)
                    .as(context)
                    .containsEntry(packet.packetNumber(), new Sent(packet.size(), packet.isInFlight()));
        }

        @Override
        public void onPacketLost(SentPacket packet) {
            assertThat(fates.put(packet.packetNumber(), Fate.LOST)).as(context).isEqualTo(Fate.OUTSTANDING);
        }

        @Override
        public void onSpuriousLoss(SentPacket packet) {
            assertThat(fates.put(packet.packetNumber(), Fate.LATE)).as(context).isEqualTo(Fate.LOST);
            lateCount++;
        }
    }
}
