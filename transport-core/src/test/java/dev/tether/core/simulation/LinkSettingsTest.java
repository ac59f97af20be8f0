package dev.tether.core.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LinkSettingsTest {

    /** For each component a value that differs from all defaults and from each other value of its type. */
    private static final Map<String, Object> OTHER_VALUES = Map.ofEntries(
            Map.entry("latency", Duration.ofMillis(101)),
            Map.entry("jitter", Jitter.uniform(Duration.ofMillis(102))),
            Map.entry("loss", 0.11),
            Map.entry("burstLoss", new BurstLoss(0.12, 0.13, 0.14)),
            Map.entry("reordering", 0.15),
            Map.entry("reorderDelay", Duration.ofMillis(103)),
            Map.entry("duplication", 0.16),
            Map.entry("duplicateDelay", Duration.ofMillis(104)),
            Map.entry("corruption", 0.17),
            Map.entry("truncation", 0.18),
            Map.entry("bytesPerSecond", 105L),
            Map.entry("queueBytes", 106),
            Map.entry("mtu", 107),
            Map.entry("blackHole", true));

    static Stream<RecordComponent> components() {
        return Arrays.stream(LinkSettings.class.getRecordComponents());
    }

    @ParameterizedTest
    @MethodSource("components")
    void aWitherChangesItsComponentAndNoOther(RecordComponent component) throws ReflectiveOperationException {
        LinkSettings settings = LinkSettings.PERFECT;
        for (RecordComponent other : LinkSettings.class.getRecordComponents()) {
            if (!other.getName().equals(component.getName())) {
                settings = with(settings, other);
            }
        }
        assertThat(component.getAccessor().invoke(settings))
                .isEqualTo(component.getAccessor().invoke(LinkSettings.PERFECT));
        LinkSettings changed = with(settings, component);
        for (RecordComponent each : LinkSettings.class.getRecordComponents()) {
            assertThat(each.getAccessor().invoke(changed))
                    .as(each.getName())
                    .isEqualTo(OTHER_VALUES.get(each.getName()));
        }
    }

    private static LinkSettings with(LinkSettings settings, RecordComponent component)
            throws ReflectiveOperationException {
        return (LinkSettings) LinkSettings.class
                .getMethod(component.getName(), component.getType())
                .invoke(settings, OTHER_VALUES.get(component.getName()));
    }

    static Stream<Arguments> outOfRange() {
        return Stream.of(
                refused("latency is PT-0.000000001S, it must be from 0 to PT24H", s -> s.latency(Duration.ofNanos(-1))),
                refused(
                        "latency is PT24H0.000000001S, it must be from 0 to PT24H",
                        s -> s.latency(Duration.ofDays(1).plusNanos(1))),
                refused(
                        "reorderDelay is PT-1S, it must be from 0 to PT24H",
                        s -> s.reorderDelay(Duration.ofSeconds(-1))),
                refused(
                        "duplicateDelay is PT-1S, it must be from 0 to PT24H",
                        s -> s.duplicateDelay(Duration.ofSeconds(-1))),
                refused("loss is -0.1, it must be a probability from 0 to 1", s -> s.loss(-0.1)),
                refused("loss is NaN, it must be a probability from 0 to 1", s -> s.loss(Double.NaN)),
                refused("reordering is 1.5, it must be a probability from 0 to 1", s -> s.reordering(1.5)),
                refused("duplication is 1.5, it must be a probability from 0 to 1", s -> s.duplication(1.5)),
                refused("corruption is 1.5, it must be a probability from 0 to 1", s -> s.corruption(1.5)),
                refused("truncation is 1.5, it must be a probability from 0 to 1", s -> s.truncation(1.5)),
                refused(
                        "enter is 1.5, it must be a probability from 0 to 1",
                        s -> s.burstLoss(new BurstLoss(1.5, 0, 0))),
                refused(
                        "leave is 1.5, it must be a probability from 0 to 1",
                        s -> s.burstLoss(new BurstLoss(0, 1.5, 0))),
                refused(
                        "loss is 1.5, it must be a probability from 0 to 1",
                        s -> s.burstLoss(new BurstLoss(0, 0, 1.5))),
                refused("bytesPerSecond is -1, it must be from 0 to 1000000000000", s -> s.bytesPerSecond(-1)),
                refused(
                        "bytesPerSecond is 1000000000001, it must be from 0 to 1000000000000",
                        s -> s.bytesPerSecond(1_000_000_000_001L)),
                refused("queueBytes is -1, it must be from 0 to 1073741824", s -> s.queueBytes(-1)),
                refused("mtu is 65536, it must be from 0 to 65535", s -> s.mtu(65_536)),
                refused("mtu is -1, it must be from 0 to 65535", s -> s.mtu(-1)));
    }

    @ParameterizedTest
    @MethodSource("outOfRange")
    void aValueOutOfItsRangeIsNamedWithIt(String message, Function<LinkSettings, LinkSettings> change) {
        assertThatThrownBy(() -> change.apply(LinkSettings.PERFECT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void itsTextSaysWhatIsNotPerfect() {
        assertThat(LinkSettings.PERFECT).hasToString("0 µs");
        assertThat(LinkSettings.PERFECT
                        .latency(Duration.ofMillis(20))
                        .jitter(Jitter.normal(Duration.ofMillis(3)))
                        .loss(0.0525)
                        .bytesPerSecond(1000)
                        .mtu(1400)
                        .blackHole(true))
                .hasToString(
                        "20000 µs, jitter 3000 µs normal, loss 5.25 %, 1000 bytes/s with a queue of 262144, mtu 1400"
                                + " with a black hole");
    }

    private static Arguments refused(String message, Function<LinkSettings, LinkSettings> change) {
        return Arguments.of(message, change);
    }
}
