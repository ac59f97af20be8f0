package dev.tether.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VersionRangeTest {

    @ParameterizedTest
    @CsvSource({"1,3,2,5,3", "2,5,1,3,3", "1,9,4,5,5", "1,1,1,1,1", "1,2,3,4,-1", "3,4,1,2,-1"})
    void theHighestCommonVersionIsTheSameFromBothSides(
            long min, long max, long otherMin, long otherMax, long expected) {
        VersionRange range = new VersionRange(min, max);
        VersionRange other = new VersionRange(otherMin, otherMax);
        assertThat(range.highestCommon(other).orElse(-1)).isEqualTo(expected);
        assertThat(other.highestCommon(range).orElse(-1)).isEqualTo(expected);
    }

    @Test
    void aRangeContainsBothOfItsEnds() {
        VersionRange range = new VersionRange(2, 4);
        assertThat(range.contains(1)).isFalse();
        assertThat(range.contains(2)).isTrue();
        assertThat(range.contains(4)).isTrue();
        assertThat(range.contains(5)).isFalse();
        assertThat(range).hasToString("2-4");
    }

    @ParameterizedTest
    @CsvSource({"0,1", "2,1", "-1,1", "1,4294967296"})
    void numbersThatAreNoRangeAreRefused(long min, long max) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new VersionRange(min, max))
                .withMessageContaining("versions " + min + " to " + max);
    }
}
