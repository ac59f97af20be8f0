package dev.tether.core.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TransmitQueueTest {

    private static final int SEEDS = 200;

    @Test
    void givesTheTimesAndDropsOfAnExactModel() {
        int full = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            SeededRandom random = new SeededRandom(seed);
            TransmitQueue queue = new TransmitQueue();
            ExactModel model = new ExactModel();
            long nowNs = 1_000_000_000L;
            for (int i = 0; i < 2_000; i++) {
                if (i == 0 || random.chance(0.002)) {
                    long rate = random.pick(List.of(1_000L, 777_777L, 1_000_000L, 3_000_000_000L, 999_999_999_999L));
                    int capacity = random.nextInt(0, 60_000);
                    queue.configure(rate, capacity);
                    model.configure(rate, capacity);
                }
                int bytes = random.nextInt(28, 1_500);
                long expectedNs = model.offer(bytes, nowNs);
                assertThat(queue.offer(bytes, nowNs))
                        .as("offer %d, seed %d", i, seed)
                        .isEqualTo(expectedNs);
                full += expectedNs == TransmitQueue.FULL ? 1 : 0;
                if (random.chance(0.3)) {
                    nowNs += (long) (random.nextExponential() * 3 * bytes * 1e9 / model.bytesPerSecond);
                }
            }
        }
        assertThat(full).as("offers that found no room").isBetween(SEEDS * 20, SEEDS * 1_500);
    }

    /** At 1 TB/s, 100 bytes take 0.1 ns. */
    @Test
    void aRateOfManyBytesPerNanosecondIsLimitedToo() {
        TransmitQueue queue = new TransmitQueue();
        queue.configure(1_000_000_000_000L, 1 << 30);
        long sentNs = 0;
        for (int i = 0; i < 10_000; i++) {
            sentNs = queue.offer(100, 5_000);
        }
        assertThat(sentNs).isEqualTo(6_000);
    }

    /** What rounding has left over is far less than 1 ns at a high rate, and would be minutes at a low one. */
    @Test
    void whatRoundingLeftOverIsNotCarriedToAnotherRate() {
        TransmitQueue queue = new TransmitQueue();
        queue.configure(1_000_000_000_000L, 1 << 20);
        assertThat(queue.offer(999, 5_000)).isEqualTo(5_000);
        queue.configure(1, 1 << 20);
        assertThat(queue.offer(1, 5_000)).isEqualTo(1_000_005_000L);
    }

    /** Remembers every datagram, and works each time out from the beginning of the period in which the link never rests. */
    private static final class ExactModel {

        private record Taken(long startNs, int bytes) {}

        private final List<Taken> taken = new ArrayList<>();
        private long bytesPerSecond;
        private int capacity;
        private long periodNs = Long.MIN_VALUE;
        private long periodBytes;

        void configure(long bytesPerSecond, int capacity) {
            periodNs = freeNs();
            periodBytes = 0;
            this.bytesPerSecond = bytesPerSecond;
            this.capacity = capacity;
        }

        long offer(int bytes, long nowNs) {
            if (freeNs() < nowNs) {
                periodNs = nowNs;
                periodBytes = 0;
            }
            taken.removeIf(each -> each.startNs() <= nowNs);
            long startNs = freeNs();
            int waiting = taken.stream().mapToInt(Taken::bytes).sum();
            if (startNs > nowNs && waiting + bytes > capacity) {
                return TransmitQueue.FULL;
            }
            taken.add(new Taken(startNs, bytes));
            periodBytes += bytes;
            return freeNs();
        }

        private long freeNs() {
            if (periodBytes == 0) {
                return periodNs;
            }
            return periodNs
                    + BigInteger.valueOf(periodBytes)
                            .multiply(BigInteger.valueOf(1_000_000_000L))
                            .divide(BigInteger.valueOf(bytesPerSecond))
                            .longValueExact();
        }
    }
}
