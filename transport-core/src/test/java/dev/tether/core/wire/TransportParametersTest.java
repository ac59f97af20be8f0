package dev.tether.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 9000 §18.2; docs/PROTOCOL.md, "Transport parameters". */
class TransportParametersTest {

    @Test
    void whatIsAbsentHasTheDocumentedValues() {
        assertThat(TransportParameters.WHEN_ABSENT)
                .isEqualTo(new TransportParameters(0, 65_527, 0, 0, 0, 0, 25, 0, 16_777_216, 0));
    }

    @Test
    void eachSetterSetsItsOwnParameter() {
        TransportParameters parameters = TransportParameters.builder()
                .idleTimeoutMs(1)
                .maxUdpPayload(1202)
                .initialMaxData(3)
                .initialMaxStreamData(4)
                .initialMaxStreamsBidi(5)
                .initialMaxStreamsUni(6)
                .maxAckDelayMs(7)
                .maxDatagramFrameSize(8)
                .maxMessageSize(9)
                .instance(10)
                .build();
        assertThat(parameters).isEqualTo(new TransportParameters(1, 1202, 3, 4, 5, 6, 7, 8, 9, 10));
    }

    @ParameterizedTest
    @CsvSource({
        "0x10, 0,    4294967295",
        "0x11, 1200, 65527",
        "0x12, 0,    4611686018427387903",
        "0x13, 0,    4611686018427387903",
        "0x14, 0,    1152921504606846976",
        "0x15, 0,    1152921504606846976",
        "0x16, 0,    16383",
        "0x17, 0,    4611686018427387903",
        "0x18, 0,    4611686018427387903",
        "0x19, 0,    4611686018427387903"
    })
    void eachParameterHasItsRange(String id, long min, long max) {
        assertThatCode(() -> build(id, min)).doesNotThrowAnyException();
        assertThatCode(() -> build(id, max)).doesNotThrowAnyException();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> build(id, min - 1))
                .withMessageContaining("(" + id + ") is " + (min - 1) + ", not in " + min + " to " + max);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> build(id, max + 1))
                .withMessageContaining("(" + id + ") is " + (max + 1));
    }

    private static TransportParameters build(String id, long value) {
        TransportParameter parameter = Objects.requireNonNull(TransportParameter.ofId(Long.decode(id)));
        return TransportParameters.builder().set(parameter, value).build();
    }
}
