package dev.tether.core.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.RandomSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The exact values are those of every JVM: a history that a seed gave once is found again with it anywhere. */
class SeededRandomTest {

    /** The first values of SplitMix64 for the seed 1234567, as published with other implementations of it. */
    @Test
    void isSplitMix64() {
        SeededRandom random = new SeededRandom(1234567);
        assertThat(LongStream.generate(random::nextLong).limit(5).toArray())
                .containsExactly(
                        6457827717110365317L,
                        3203168211198807973L,
                        Long.parseUnsignedLong("9817491932198370423"),
                        4593380528125082431L,
                        Long.parseUnsignedLong("16408922859458223821"));
    }

    @Test
    void drawsExactlyTheseDoubles() {
        SeededRandom random = new SeededRandom(42);
        assertThat(DoubleStream.generate(random::nextDouble).limit(5).toArray())
                .containsExactly(
                        0x1.7bae644c5fd6dp-1,
                        0x1.477f199d93378p-3,
                        0x1.1d499d5c4c3e6p-2,
                        0x1.607387fc392b8p-2,
                        0x1.378b0b448904p-5);
    }

    @Test
    void drawsExactlyTheseGaussians() {
        SeededRandom random = new SeededRandom(42);
        assertThat(DoubleStream.generate(random::nextGaussian).limit(5).toArray())
                .containsExactly(
                        0x1.f8c80e851c08cp-2,
                        -0x1.47f4af60c7f94p0,
                        -0x1.342959c9fa344p-1,
                        -0x1.8ad8264f1e64dp0,
                        -0x1.73962f43d35a8p0);
    }

    @Test
    void drawsExactlyTheseExponentials() {
        SeededRandom random = new SeededRandom(42);
        assertThat(DoubleStream.generate(random::nextExponential).limit(5).toArray())
                .containsExactly(
                        0x1.5a6574c7543bcp0,
                        0x1.64db768f3aec5p-3,
                        0x1.4e668d23c24a3p-2,
                        0x1.b002b073625c4p-2,
                        0x1.3d9f2c7d1487p-5);
    }

    /** Long enough for the compiler to replace the interpreter on the way, and for every branch of the functions. */
    @Test
    void drawsTheSameHalfMillionGaussiansAndExponentialsEverywhere() {
        SeededRandom random = new SeededRandom(1);
        long hash = 0;
        for (int i = 0; i < 500_000; i++) {
            hash = 31 * hash + Double.doubleToLongBits(random.nextGaussian());
            hash = 31 * hash + Double.doubleToLongBits(random.nextExponential());
        }
        assertThat(hash).isEqualTo(-6515061134647509036L);
    }

    @Test
    void drawsExactlyTheseIntegers() {
        SeededRandom bounded = new SeededRandom(42);
        assertThat(IntStream.generate(() -> bounded.nextInt(1000)).limit(8).toArray())
                .containsExactly(741, 159, 278, 344, 38, 868, 218, 800);
        SeededRandom ranged = new SeededRandom(42);
        assertThat(IntStream.generate(() -> ranged.nextInt(-5, 5)).limit(8).toArray())
                .containsExactly(3, -4, -2, -2, -5, 4, -3, 3);
        SeededRandom widest = new SeededRandom(42);
        assertThat(IntStream.generate(() -> widest.nextInt(Integer.MIN_VALUE, Integer.MAX_VALUE))
                        .limit(4)
                        .toArray())
                .containsExactly(1037513254, -1460673741, -950900905, -669195777);
    }

    @Test
    void drawsExactlyTheseBytes() {
        byte[] bytes = new byte[11];
        new SeededRandom(42).nextBytes(bytes);
        assertThat(HexFormat.of().formatHex(bytes)).isEqualTo("bdd732262feb6e9528efe3");
    }

    @Test
    void splitsIntoExactlyTheseSequences() {
        SeededRandom random = new SeededRandom(42);
        assertThat(random.split("").nextLong()).isEqualTo(-107075949138981823L);
        assertThat(random.split("link 1").nextLong()).isEqualTo(-135132473550855480L);
        assertThat(random.split("link 2").nextLong()).isEqualTo(-9200224875223466192L);
        assertThat(random.split("ä").nextLong()).isEqualTo(-5298690270051962106L);
        assertThat(random.split("a").split("b").nextLong()).isEqualTo(-3429420740324977651L);
    }

    @Test
    void drawsAsTheDefaultMethodsOfARandomSourceWould() {
        RandomSource bytesOnly = new SeededRandom(5)::nextBytes;
        SeededRandom random = new SeededRandom(5);
        for (int i = 0; i < 100; i++) {
            assertThat(random.nextLong()).isEqualTo(bytesOnly.nextLong());
            assertThat(random.nextDouble()).isEqualTo(bytesOnly.nextDouble());
        }
    }

    @Test
    void aSplitDoesNotDependOnWhatWasDrawn() {
        SeededRandom fresh = new SeededRandom(9);
        SeededRandom used = new SeededRandom(9);
        used.nextBytes(new byte[1000]);
        used.split("other").nextLong();
        assertThat(used.split("link").nextLong()).isEqualTo(fresh.split("link").nextLong());
        SeededRandom child = fresh.split("link");
        child.nextLong();
        assertThat(child.split("jitter").nextLong())
                .isEqualTo(fresh.split("link").split("jitter").nextLong());
    }

    @Test
    void aSplitLeavesItsSourceAsItWas() {
        SeededRandom random = new SeededRandom(9);
        random.split("link").nextLong();
        assertThat(random.nextLong()).isEqualTo(new SeededRandom(9).nextLong());
    }

    @Test
    void splitsDifferByNameSeedAndDepth() {
        SeededRandom random = new SeededRandom(9);
        assertThat(List.of(
                        random.nextLong(),
                        random.split("").nextLong(),
                        random.split("a").nextLong(),
                        random.split("b").nextLong(),
                        random.split("ab").nextLong(),
                        random.split("a").split("b").nextLong(),
                        random.split("b").split("a").nextLong(),
                        random.split("a").split("").nextLong(),
                        new SeededRandom(10).split("a").nextLong()))
                .doesNotHaveDuplicates();
    }

    /** The names have the same {@link String#hashCode}. */
    @Test
    void splitsOfNamesWithEqualHashCodesDiffer() {
        assertThat("Aa".hashCode()).isEqualTo("BB".hashCode());
        SeededRandom random = new SeededRandom(9);
        assertThat(random.split("Aa").nextLong())
                .isNotEqualTo(random.split("BB").nextLong());
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, -1, Long.MIN_VALUE})
    void splitsOfOneSourceAreNotCorrelated(long seed) {
        SeededRandom source = new SeededRandom(seed);
        List<SeededRandom> parts = List.of(
                source, source.split("1"), source.split("2"), source.split("1").split("1"));
        int draws = 100_000;
        double[][] values = new double[parts.size()][];
        for (int i = 0; i < values.length; i++) {
            values[i] =
                    DoubleStream.generate(parts.get(i)::nextDouble).limit(draws).toArray();
        }
        for (int i = 0; i < values.length; i++) {
            for (int j = 0; j < i; j++) {
                double correlation = 0;
                for (int k = 0; k < draws; k++) {
                    correlation += 12 * (values[i][k] - 0.5) * (values[j][k] - 0.5) / draws;
                }
                Statistics.assertWithin(
                        "correlation of " + i + " and " + j + ", seed " + seed, correlation, 0, 1 / Math.sqrt(draws));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 1000})
    void integersAreUniform(int bound) {
        for (long seed = 0; seed < 3; seed++) {
            SeededRandom random = new SeededRandom(seed);
            int draws = 200_000;
            int[] counts = new int[bound];
            for (int i = 0; i < draws; i++) {
                counts[random.nextInt(bound)]++;
            }
            for (int value = 0; value < bound; value++) {
                Statistics.assertShare("value " + value + ", seed " + seed, counts[value], draws, 1.0 / bound);
            }
        }
    }

    /** Of 2^32 values, 3 * 2^29 go 2.67 times: without rejection one third of the range would come too often. */
    @Test
    void integersBelowABoundThatDividesTheRangeBadlyAreUniform() {
        for (long seed = 0; seed < 3; seed++) {
            SeededRandom random = new SeededRandom(seed);
            int draws = 100_000;
            int[] counts = new int[3];
            for (int i = 0; i < draws; i++) {
                counts[random.nextInt(3 << 29) % 3]++;
            }
            for (int third = 0; third < 3; third++) {
                Statistics.assertShare("remainder " + third + ", seed " + seed, counts[third], draws, 1.0 / 3);
            }
        }
    }

    @Test
    void aRangeHasBothItsEnds() {
        SeededRandom random = new SeededRandom(1);
        assertThat(IntStream.generate(() -> random.nextInt(-1, 1))
                        .limit(100)
                        .distinct()
                        .toArray())
                .containsExactlyInAnyOrder(-1, 0, 1);
        assertThat(random.nextInt(7, 7)).isEqualTo(7);
        assertThat(random.nextInt(Integer.MAX_VALUE, Integer.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void certaintyAndImpossibilityAreExact() {
        SeededRandom random = new SeededRandom(1);
        for (int i = 0; i < 1000; i++) {
            assertThat(random.chance(1)).isTrue();
            assertThat(random.chance(0)).isFalse();
        }
    }

    @Test
    void gaussiansAndExponentialsHaveTheirMoments() {
        for (long seed = 0; seed < 5; seed++) {
            SeededRandom random = new SeededRandom(seed);
            int draws = 200_000;
            double[] gaussians =
                    DoubleStream.generate(random::nextGaussian).limit(draws).toArray();
            double[] exponentials =
                    DoubleStream.generate(random::nextExponential).limit(draws).toArray();
            double root = Math.sqrt(draws);
            Statistics.assertWithin("gaussian mean, seed " + seed, mean(gaussians), 0, 1 / root);
            Statistics.assertWithin("gaussian square, seed " + seed, meanSquare(gaussians), 1, Math.sqrt(2) / root);
            Statistics.assertWithin("exponential mean, seed " + seed, mean(exponentials), 1, 1 / root);
            Statistics.assertWithin(
                    "exponential square, seed " + seed, meanSquare(exponentials), 2, Math.sqrt(20) / root);
            Statistics.assertBetween("exponential, seed " + seed, exponentials, 0, 37);
        }
    }

    @Test
    void picksEachElementEquallyOften() {
        SeededRandom random = new SeededRandom(3);
        int[] counts = new int[3];
        for (int i = 0; i < 100_000; i++) {
            counts[random.pick(List.of(0, 1, 2))]++;
        }
        for (int count : counts) {
            Statistics.assertShare("picked, seed 3", count, 100_000, 1.0 / 3);
        }
    }

    @Test
    void refusesAnEmptyRange() {
        SeededRandom random = new SeededRandom(1);
        assertThatThrownBy(() -> random.nextInt(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> random.nextInt(2, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> random.pick(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    private static double meanSquare(double[] values) {
        return Arrays.stream(values).map(value -> value * value).average().orElseThrow();
    }
}
