package dev.tether.core.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** How the window follows what a path and a reader can do: a sender that always has more, over a path of a given rate. */
class ReceiveWindowGrowthTest {

    private static final int STEPS_PER_RTT = 128;
    private static final int ROUND_TRIPS = 100;
    private static final long MAX_WINDOW = 16 << 20;

    @Test
    void theWindowEndsAtFourToEightBandwidthDelayProducts() {
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            long rttNs = (long) (1e6 * Math.pow(10, 2.5 * random.nextDouble()));
            double bytesPerSecond = Math.pow(10, 5 + 4 * random.nextDouble());
            double product = bytesPerSecond * rttNs / 1e9;
            long first = 1024L << random.nextInt(11);

            Path path = new Path(first, bytesPerSecond, rttNs);
            path.run(Double.MAX_VALUE);

            String label = "seed " + seed + ", product " + (long) product + ", first window " + first;
            assertThat((double) path.credit.window())
                    .as(label)
                    .isGreaterThanOrEqualTo(Math.min(MAX_WINDOW, 3.9 * product))
                    .isLessThanOrEqualTo(Math.max(first, Math.min(MAX_WINDOW, 8.2 * product)));
            if (product < MAX_WINDOW / 4) {
                assertThat(path.consumedInLastRoundTrips()).as(label).isGreaterThan(0.95 * 10 * product);
            }
        }
    }

    @Test
    void theWindowNeverGrowsForASlowReader() {
        for (long seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            long rttNs = (long) (1e6 * Math.pow(10, 2.5 * random.nextDouble()));
            long first = 64L * 1024 << random.nextInt(5);
            double window = first * 1e9 / rttNs;

            Path path = new Path(first, 50 * window, rttNs);
            path.run(window / 4.5);

            assertThat(path.credit.window()).as("seed %d", seed).isEqualTo(first);
        }
    }

    @Test
    void theWindowNeverGrowsForAReaderThatPauses() {
        for (int pause = 3; pause < 20; pause++) {
            Path path = new Path(1 << 20, 1e9, 10_000_000);
            path.runWithPauses(pause * STEPS_PER_RTT);

            assertThat(path.credit.window())
                    .as("pauses of %d round trips", pause)
                    .isEqualTo(1 << 20);
        }
    }

    /** One round trip in steps: bytes and limits each take half of it. */
    private static final class Path {

        private static final int DELAY = STEPS_PER_RTT / 2;

        private final ReceiveCredit credit;
        private final double bytesPerStep;
        private final long rttNs;
        private final long[] arriving = new long[DELAY];
        private final long[] limits = new long[DELAY];
        private double allowance;
        private long knownLimit;
        private long sent;
        private long received;
        private long consumed;
        private long consumedBeforeLastRoundTrips;

        Path(long window, double bytesPerSecond, long rttNs) {
            this.credit = new ReceiveCredit(window, MAX_WINDOW);
            this.bytesPerStep = bytesPerSecond * rttNs / 1e9 / STEPS_PER_RTT;
            this.rttNs = rttNs;
            this.knownLimit = window;
        }

        void run(double readBytesPerSecond) {
            double readPerStep = readBytesPerSecond * rttNs / 1e9 / STEPS_PER_RTT;
            double mayRead = 0;
            for (int step = 0; step < ROUND_TRIPS * STEPS_PER_RTT; step++) {
                transmit(step);
                mayRead = Math.min(mayRead + readPerStep, Long.MAX_VALUE / 2);
                long bytes = Math.min(received - consumed, (long) mayRead);
                mayRead = bytes == received - consumed ? 0 : mayRead - bytes;
                read(step, bytes);
                if (step == (ROUND_TRIPS - 10) * STEPS_PER_RTT) {
                    consumedBeforeLastRoundTrips = consumed;
                }
            }
        }

        void runWithPauses(int pauseSteps) {
            for (int step = 0; step < ROUND_TRIPS * STEPS_PER_RTT; step++) {
                transmit(step);
                read(step, step % pauseSteps == 0 ? Math.min(received - consumed, credit.window() / 2) : 0);
            }
        }

        double consumedInLastRoundTrips() {
            return consumed - consumedBeforeLastRoundTrips;
        }

        private void transmit(int step) {
            int slot = step % DELAY;
            received += arriving[slot];
            if (credit.onReceived(arriving[slot]) != ReceiveCredit.Outcome.WITHIN_LIMIT) {
                throw new AssertionError("the model goes beyond its limit of " + credit.limit());
            }
            knownLimit = Math.max(knownLimit, limits[slot]);
            allowance = Math.min(allowance + bytesPerStep, bytesPerStep + 1);
            long bytes = Math.min((long) allowance, knownLimit - sent);
            allowance -= bytes;
            sent += bytes;
            arriving[slot] = bytes;
            limits[slot] = 0;
        }

        private void read(int step, long bytes) {
            consumed += bytes;
            credit.onConsumed(bytes);
            if (credit.isUpdateDue()) {
                limits[step % DELAY] = credit.update(step * rttNs / STEPS_PER_RTT, rttNs);
            }
        }
    }
}
