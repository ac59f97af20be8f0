package dev.tether.examples.transfer;

import static dev.tether.examples.transfer.ConflictPolicy.OVERWRITE;
import static dev.tether.examples.transfer.ConflictPolicy.REFUSE;
import static dev.tether.examples.transfer.ConflictPolicy.RENAME;
import static dev.tether.examples.transfer.ReceivePlan.Existing.ABSENT;
import static dev.tether.examples.transfer.ReceivePlan.Existing.NOT_A_FILE;
import static dev.tether.examples.transfer.ReceivePlan.Existing.OTHER_CONTENT;
import static dev.tether.examples.transfer.ReceivePlan.Existing.SAME_CONTENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.tether.examples.transfer.ReceivePlan.Existing;
import dev.tether.examples.transfer.ReceivePlan.Present;
import dev.tether.examples.transfer.ReceivePlan.Receive;
import dev.tether.examples.transfer.ReceivePlan.Refuse;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ReceivePlanTest {

    static Stream<Arguments> decisions() {
        return Stream.of(
                arguments(ABSENT, REFUSE, new Receive("a", false)),
                arguments(ABSENT, OVERWRITE, new Receive("a", false)),
                arguments(ABSENT, RENAME, new Receive("a", false)),
                arguments(SAME_CONTENT, REFUSE, new Present("a")),
                arguments(SAME_CONTENT, OVERWRITE, new Present("a")),
                arguments(SAME_CONTENT, RENAME, new Present("a")),
                arguments(OTHER_CONTENT, REFUSE, TransferFailure.EXISTS),
                arguments(OTHER_CONTENT, OVERWRITE, new Receive("a", true)),
                arguments(OTHER_CONTENT, RENAME, new Receive("a-1", false)),
                arguments(NOT_A_FILE, REFUSE, TransferFailure.NOT_A_FILE),
                arguments(NOT_A_FILE, OVERWRITE, TransferFailure.NOT_A_FILE),
                arguments(NOT_A_FILE, RENAME, new Receive("a-1", false)));
    }

    @ParameterizedTest
    @MethodSource("decisions")
    void whatIsThereAndThePolicyDecide(Existing existing, ConflictPolicy policy, Object expected) throws IOException {
        ReceivePlan plan = ReceivePlan.decide("a", policy, name -> name.equals("a") ? existing : ABSENT);

        assertThat(plan instanceof Refuse refuse ? refuse.failure() : plan).isEqualTo(expected);
    }

    @Test
    void theFirstFreeAlternativeIsTaken() throws IOException {
        Map<String, Existing> there = Map.of("a", OTHER_CONTENT, "a-1", OTHER_CONTENT, "a-2", NOT_A_FILE);

        assertThat(ReceivePlan.decide("a", RENAME, name -> there.getOrDefault(name, ABSENT)))
                .isEqualTo(new Receive("a-3", false));
    }

    @Test
    void anAlternativeWithTheSameContentIsEnough() throws IOException {
        Map<String, Existing> there = Map.of("a", OTHER_CONTENT, "a-1", SAME_CONTENT);

        assertThat(ReceivePlan.decide("a", RENAME, name -> there.getOrDefault(name, ABSENT)))
                .isEqualTo(new Present("a-1"));
    }

    @Test
    void theSearchForAnAlternativeEnds() throws IOException {
        assertThat(ReceivePlan.decide("a", RENAME, name -> OTHER_CONTENT)).isInstanceOf(Refuse.class);
    }
}
