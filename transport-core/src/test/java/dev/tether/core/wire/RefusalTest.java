package dev.tether.core.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class RefusalTest {

    @Test
    void aLongReasonIsCutBetweenItsCharacters() {
        String reason = new Refusal(1, "a" + "ü".repeat(200)).reason();
        assertThat(reason).isEqualTo("a" + "ü".repeat(127));
        assertThat(reason.getBytes(UTF_8)).hasSizeLessThanOrEqualTo(256);
    }

    @Test
    void aReasonOfTheFullLengthIsKept() {
        assertThat(new Refusal(1, "a".repeat(256)).reason()).hasSize(256);
    }

    @Test
    void aCodeThatIsNoVariableLengthIntegerIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Refusal(-1, ""));
        assertThatIllegalArgumentException().isThrownBy(() -> new Refusal(VarInt.MAX + 1, ""));
        assertThatIllegalArgumentException().isThrownBy(() -> new Refusal(2, OptionalLong.of(-1), ""));
        assertThatIllegalArgumentException().isThrownBy(() -> new Refusal(2, OptionalLong.of(VarInt.MAX + 1), ""));
    }
}
