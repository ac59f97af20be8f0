package dev.tether.core.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each random fault, measured at the receiver. */
class LinkFaultsTest {

    private static final int DATAGRAMS = 50_000;
    private static final long MS = 1_000_000L;
    private static final int SEEDS = 4;

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.001, 0.05, 0.5, 1})
    void losesItsShare(double loss) {
        for (long seed = 0; seed < SEEDS; seed++) {
            LinkRun run = LinkRun.of(LinkSettings.PERFECT.loss(loss), seed, DATAGRAMS, MS);
            Statistics.assertShare("lost, seed " + seed, run.drops(DropCause.LOSS), DATAGRAMS, loss);
            assertThat(run.arrivals()).as("seed %d", seed).hasSize(DATAGRAMS - run.drops(DropCause.LOSS));
        }
    }

    /** Independent losses: after a loss, the next datagram is lost as often as any other. */
    @Test
    void losesEachDatagramOnItsOwn() {
        for (long seed = 0; seed < SEEDS; seed++) {
            List<Integer> bursts = burstLengths(LinkRun.of(LinkSettings.PERFECT.loss(0.2), seed, DATAGRAMS, MS));
            assertGeometricMean("run of losses, seed " + seed, bursts, 0.8);
        }
    }

    @ParameterizedTest
    @CsvSource({"0.01, 0.25", "0.05, 0.5", "0.001, 0.02", "0.3, 0.9", "1, 0.5", "0.1, 1"})
    void losesInBurstsOfTheirRateAndLength(double enter, double leave) {
        LinkSettings settings = LinkSettings.PERFECT.burstLoss(new BurstLoss(enter, leave, 1));
        for (long seed = 0; seed < SEEDS; seed++) {
            LinkRun run = LinkRun.of(settings, seed, DATAGRAMS, MS);
            assertBurstShare("seed " + seed, run.drops(DropCause.BURST_LOSS), enter, leave, 1);
            assertGeometricMean("burst, seed " + seed, burstLengths(run), leave);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.5, 0.9})
    void losesPartOfABurst(double loss) {
        LinkSettings settings = LinkSettings.PERFECT.burstLoss(new BurstLoss(0.02, 0.1, loss));
        for (long seed = 0; seed < SEEDS; seed++) {
            LinkRun run = LinkRun.of(settings, seed, DATAGRAMS, MS);
            assertBurstShare("seed " + seed, run.drops(DropCause.BURST_LOSS), 0.02, 0.1, loss);
        }
    }

    @Test
    void aBurstThatNeverEndsLosesEverythingFromItsBeginning() {
        LinkRun run = LinkRun.of(LinkSettings.PERFECT.burstLoss(new BurstLoss(0.001, 0, 1)), 1, 20_000, MS);
        assertThat(run.fates().lastIndexOf(null)).isBetween(0, 19_998);
        assertThat(run.arrivals()).hasSize(run.fates().lastIndexOf(null) + 1);
    }

    @Test
    void tellsBothKindsOfLossApart() {
        LinkSettings settings = LinkSettings.PERFECT.loss(0.1).burstLoss(new BurstLoss(0.05, 0.25, 1));
        for (long seed = 0; seed < SEEDS; seed++) {
            LinkRun run = LinkRun.of(settings, seed, DATAGRAMS, MS);
            Statistics.assertShare("lost, seed " + seed, run.drops(DropCause.LOSS), DATAGRAMS, 0.1);
            assertBurstShare(
                    "seed " + seed,
                    run.drops(DropCause.BURST_LOSS),
                    DATAGRAMS - run.drops(DropCause.LOSS),
                    0.05,
                    0.25,
                    1);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.001, 0.1, 1})
    void duplicatesItsShare(double duplication) {
        for (long seed = 0; seed < SEEDS; seed++) {
            LinkRun run = LinkRun.of(LinkSettings.PERFECT.duplication(duplication), seed, DATAGRAMS, MS);
            int[] copies = new int[DATAGRAMS];
            run.received().forEach(arrival -> copies[arrival.index()]++);
            long twice = Arrays.stream(copies).filter(count -> count == 2).count();
            Statistics.assertShare("twice, seed " + seed, twice, DATAGRAMS, duplication);
            assertThat(copies).as("seed %d", seed).containsOnly(duplication == 1 ? new int[] {2} : new int[] {1, 2});
            assertThat(run.arrivals(Link.Alteration.DUPLICATE)).hasSize((int) twice);
        }
    }

    @Test
    void theSecondCopyComesUniformlyUpToItsDelayLater() {
        LinkSettings settings = LinkSettings.PERFECT
                .latency(Duration.ofMillis(5))
                .duplication(1)
                .duplicateDelay(Duration.ofMillis(3));
        for (long seed = 0; seed < SEEDS; seed++) {
            List<LinkRun.Arrival> arrivals =
                    LinkRun.of(settings, seed, DATAGRAMS, MS).arrivals();
            long[] laterNs = new long[DATAGRAMS];
            for (int i = 0; i < DATAGRAMS; i++) {
                LinkRun.Arrival first = arrivals.get(2 * i);
                LinkRun.Arrival second = arrivals.get(2 * i + 1);
                assertThat(first.alteration()).isEqualTo(Link.Alteration.NONE);
                assertThat(second.alteration()).isEqualTo(Link.Alteration.DUPLICATE);
                assertThat(second.received()).isSameAs(first.received());
                assertThat(first.delayNs()).isEqualTo(5 * MS);
                laterNs[i] = second.atNs() - first.atNs();
            }
            Statistics.assertBetween(
                    "delay, seed " + seed,
                    Arrays.stream(laterNs).asDoubleStream().toArray(),
                    0,
                    3 * MS);
            for (double quantile : new double[] {0.1, 0.5, 0.9}) {
                Statistics.assertShare(
                        "within " + quantile + " of the delay, seed " + seed,
                        Arrays.stream(laterNs)
                                .filter(later -> later <= quantile * 3 * MS)
                                .count(),
                        DATAGRAMS,
                        quantile);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.001, 0.05, 0.1})
    void reordersItsShare(double reordering) {
        LinkSettings settings =
                LinkSettings.PERFECT.latency(Duration.ofMillis(20)).reordering(reordering);
        for (long seed = 0; seed < SEEDS; seed++) {
            LinkRun run = LinkRun.of(settings, seed, DATAGRAMS, MS / 2);
            int highest = -1;
            int overtaken = 0;
            for (LinkRun.Arrival arrival : run.received()) {
                overtaken += arrival.index() < highest ? 1 : 0;
                highest = Math.max(highest, arrival.index());
            }
            Statistics.assertShare("overtaken, seed " + seed, overtaken, DATAGRAMS, reordering);
            assertThat(run.arrivals(Link.Alteration.REORDERED))
                    .as("seed %d", seed)
                    .allMatch(a -> a.delayNs() == 30 * MS);
            assertThat(run.arrivals(Link.Alteration.NONE)).as("seed %d", seed).allMatch(a -> a.delayNs() == 20 * MS);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.001, 0.1, 1})
    void flipsOneBitOfItsShare(double corruption) {
        for (long seed = 0; seed < SEEDS; seed++) {
            LinkRun run = LinkRun.of(LinkSettings.PERFECT.corruption(corruption), seed, DATAGRAMS, MS);
            List<LinkRun.Arrival> corrupted = run.received().stream()
                    .filter(arrival -> !Arrays.equals(arrival.sent(), arrival.received()))
                    .toList();
            Statistics.assertShare("corrupted, seed " + seed, corrupted.size(), DATAGRAMS, corruption);
            assertThat(corrupted)
                    .as("seed %d", seed)
                    .allMatch(arrival -> differingBits(arrival) == 1)
                    .allMatch(arrival -> arrival.alteration() == Link.Alteration.CORRUPTED);
            assertThat(run.arrivals(Link.Alteration.CORRUPTED)).hasSameSizeAs(corrupted);
        }
    }

    @Test
    void flipsEveryBitEquallyOften() {
        for (long seed = 0; seed < SEEDS; seed++) {
            LinkRun run = new LinkRun(LinkSettings.PERFECT.corruption(1), seed).send(DATAGRAMS, 2, MS);
            int[] flips = new int[16];
            for (LinkRun.Arrival arrival : run.arrivals()) {
                int sent = (arrival.sent()[0] & 0xff) << 8 | arrival.sent()[1] & 0xff;
                int received = (arrival.received()[0] & 0xff) << 8 | arrival.received()[1] & 0xff;
                flips[Integer.numberOfTrailingZeros(sent ^ received)]++;
            }
            for (int bit = 0; bit < flips.length; bit++) {
                Statistics.assertShare("bit " + bit + ", seed " + seed, flips[bit], DATAGRAMS, 1.0 / 16);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.001, 0.1, 1})
    void truncatesItsShare(double truncation) {
        for (long seed = 0; seed < SEEDS; seed++) {
            LinkRun run = LinkRun.of(LinkSettings.PERFECT.truncation(truncation), seed, DATAGRAMS, MS);
            List<LinkRun.Arrival> shorter = run.received().stream()
                    .filter(arrival -> arrival.received().length < arrival.sent().length)
                    .toList();
            Statistics.assertShare("truncated, seed " + seed, shorter.size(), DATAGRAMS, truncation);
            assertThat(run.received()).as("seed %d", seed).allMatch(LinkFaultsTest::isPrefix);
            assertThat(run.arrivals(Link.Alteration.TRUNCATED)).hasSameSizeAs(shorter);
        }
    }

    @Test
    void truncatesToEveryLengthEquallyOften() {
        for (long seed = 0; seed < SEEDS; seed++) {
            LinkRun run = new LinkRun(LinkSettings.PERFECT.truncation(1), seed).send(DATAGRAMS, 11, MS);
            int[] lengths = new int[11];
            run.arrivals().forEach(arrival -> lengths[arrival.received().length]++);
            assertThat(lengths[0]).isZero();
            for (int length = 1; length < lengths.length; length++) {
                Statistics.assertShare("length " + length + ", seed " + seed, lengths[length], DATAGRAMS, 0.1);
            }
        }
    }

    @Test
    void whatIsTooShortToCorruptOrToTruncateArrivesAsItIs() {
        LinkSettings settings = LinkSettings.PERFECT.corruption(1).truncation(1);
        assertThat(new LinkRun(settings, 1).send(100, 0, MS).arrivals(Link.Alteration.NONE))
                .hasSize(100);
        assertThat(new LinkRun(settings, 1).send(100, 1, MS).arrivals(Link.Alteration.CORRUPTED))
                .hasSize(100)
                .allMatch(arrival -> arrival.received().length == 1);
    }

    @Test
    void aDuplicateOfACorruptedDatagramHasTheSameContent() {
        LinkRun run = LinkRun.of(LinkSettings.PERFECT.corruption(1).duplication(1), 1, 1000, MS);
        assertThat(run.arrivals()).hasSize(2000).allMatch(arrival -> differingBits(arrival) == 1);
        for (int i = 0; i < 2000; i += 2) {
            assertThat(run.arrivals().get(i + 1).received())
                    .isSameAs(run.arrivals().get(i).received());
        }
    }

    @Test
    void anArrivalTellsTheGravestOfItsAlterations() {
        LinkSettings settings = LinkSettings.PERFECT.reordering(1);
        assertThat(alterations(settings)).containsOnly(Link.Alteration.REORDERED);
        assertThat(alterations(settings.corruption(1))).containsOnly(Link.Alteration.CORRUPTED);
        assertThat(alterations(settings.corruption(1).truncation(1))).containsOnly(Link.Alteration.TRUNCATED);
        assertThat(alterations(settings.corruption(1).truncation(1).duplication(1)))
                .containsOnly(Link.Alteration.TRUNCATED, Link.Alteration.DUPLICATE);
    }

    @Test
    void neverModifiesWhatWasSent() {
        LinkSettings settings =
                LinkSettings.PERFECT.corruption(0.5).truncation(0.5).duplication(0.5);
        LinkRun run = LinkRun.of(settings, 1, 1000, MS);
        for (LinkRun.Arrival arrival : run.arrivals()) {
            byte[] original = new byte[100];
            new SeededRandom(arrival.index()).nextBytes(original);
            assertThat(arrival.sent()).isEqualTo(original);
        }
    }

    @Test
    void whatIsUnalteredArrivesAsTheSameArray() {
        LinkSettings settings =
                LinkSettings.PERFECT.reordering(0.5).loss(0.1).duplication(0.5).corruption(0.1);
        assertThat(LinkRun.of(settings, 1, 1000, MS).arrivals())
                .allMatch(arrival -> (arrival.received() == arrival.sent()) == (differingBits(arrival) == 0));
    }

    @Test
    void allFaultsTogetherKeepTheirShares() {
        LinkSettings settings = LinkSettings.PERFECT
                .loss(0.1)
                .burstLoss(new BurstLoss(0.01, 0.2, 1))
                .corruption(0.05)
                .truncation(0.04)
                .reordering(0.03)
                .duplication(0.02);
        for (long seed = 0; seed < SEEDS; seed++) {
            LinkRun run = LinkRun.of(settings, seed, DATAGRAMS, MS);
            int duplicates = run.arrivals(Link.Alteration.DUPLICATE).size();
            int arrived = DATAGRAMS - run.drops();
            assertThat(run.arrivals()).as("seed %d", seed).hasSize(arrived + duplicates);
            Statistics.assertShare("duplicates, seed " + seed, duplicates, arrived, 0.02);
            Statistics.assertShare(
                    "truncated, seed " + seed,
                    run.arrivals(Link.Alteration.TRUNCATED).size(),
                    arrived,
                    0.04);
            Statistics.assertShare(
                    "corrupted only, seed " + seed,
                    run.arrivals(Link.Alteration.CORRUPTED).size(),
                    arrived,
                    0.05 * 0.96);
            Statistics.assertShare(
                    "reordered only, seed " + seed,
                    run.arrivals(Link.Alteration.REORDERED).size(),
                    arrived,
                    0.03 * 0.95 * 0.96);
        }
    }

    private static List<Link.Alteration> alterations(LinkSettings settings) {
        return LinkRun.of(settings, 1, 100, MS).arrivals().stream()
                .map(LinkRun.Arrival::alteration)
                .toList();
    }

    private static void assertBurstShare(String what, int lost, double enter, double leave, double loss) {
        assertBurstShare(what, lost, DATAGRAMS, enter, leave, loss);
    }

    /** The deviation is that of a two-state Markov chain, whose states are correlated with factor 1 - enter - leave. */
    private static void assertBurstShare(
            String what, int lost, int datagrams, double enter, double leave, double loss) {
        double bad = enter / (enter + leave);
        double correlation = 1 - enter - leave;
        double variance = datagrams
                * (bad * loss * (1 - loss) + loss * loss * bad * (1 - bad) * (1 + correlation) / (1 - correlation));
        Statistics.assertWithin("lost in bursts, " + what, lost, datagrams * bad * loss, Math.sqrt(variance));
    }

    /** Runs of a geometric distribution that end with this probability at each step. */
    private static void assertGeometricMean(String what, List<Integer> lengths, double end) {
        double mean = lengths.stream().mapToInt(Integer::intValue).average().orElseThrow();
        Statistics.assertWithin(
                "mean length of a " + what, mean, 1 / end, Math.sqrt(1 - end) / end / Math.sqrt(lengths.size()));
    }

    /** The lengths of the runs of losses; not the last one, which the end of the measurement may have cut. */
    private static List<Integer> burstLengths(LinkRun run) {
        List<Integer> lengths = new ArrayList<>();
        int length = 0;
        for (DropCause fate : run.fates()) {
            if (fate != null) {
                length++;
            } else if (length > 0) {
                lengths.add(length);
                length = 0;
            }
        }
        return lengths;
    }

    private static int differingBits(LinkRun.Arrival arrival) {
        int bits = 0;
        for (int i = 0; i < arrival.sent().length; i++) {
            bits += Integer.bitCount((arrival.sent()[i] ^ arrival.received()[i]) & 0xff);
        }
        return bits;
    }

    private static boolean isPrefix(LinkRun.Arrival arrival) {
        int length = arrival.received().length;
        return length >= 1 && Arrays.equals(arrival.received(), Arrays.copyOf(arrival.sent(), length));
    }
}
