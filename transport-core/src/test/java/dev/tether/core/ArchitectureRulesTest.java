package dev.tether.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import dev.tether.core.violations.Impure;
import dev.tether.core.violations.Impure.KeyPair;
import dev.tether.core.violations.UsesWire;
import dev.tether.core.violations.frame.UsesWireAndRoot;
import dev.tether.core.violations.stray.HasNoPlace;
import dev.tether.core.violations.wire.UsesFrame;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each rule fires at classes that break it, and is content with those that only come near. */
class ArchitectureRulesTest {

    private static final String VIOLATIONS = "dev.tether.core.violations";

    static Stream<Arguments> violations() {
        return Stream.of(
                example(ArchitectureRules.packagesDependDownwards(VIOLATIONS), UsesFrame.class),
                example(ArchitectureRules.packagesDependDownwards(VIOLATIONS), UsesWire.class),
                example(ArchitectureRules.packagesDependDownwards(VIOLATIONS), HasNoPlace.class),
                example(ArchitectureRules.useOnlyTheJdkBuffersAndLogging(), Impure.ForeignLibrary.class),
                example(ArchitectureRules.useOnlyTheJdkBuffersAndLogging(), Impure.NettyExecutor.class),
                example(ArchitectureRules.readNoClock(), Impure.NanoTime.class),
                example(ArchitectureRules.readNoClock(), Impure.CurrentTime.class),
                example(ArchitectureRules.readNoClock(), Impure.InstantNow.class),
                example(ArchitectureRules.readNoClock(), Impure.HoldsAClock.class),
                example(ArchitectureRules.startNoThread(), Impure.StartsAThread.class),
                example(ArchitectureRules.startNoThread(), Impure.HoldsAnExecutor.class),
                example(ArchitectureRules.startNoThread(), Impure.HoldsAThreadLocal.class),
                example(ArchitectureRules.drawOnlyFromTheRandomSource(), Impure.MathRandom.class),
                example(ArchitectureRules.drawOnlyFromTheRandomSource(), Impure.ThreadsRandom.class),
                example(ArchitectureRules.drawOnlyFromTheRandomSource(), Impure.SeededRandom.class),
                example(ArchitectureRules.drawOnlyFromTheRandomSource(), Impure.StrongRandom.class),
                example(ArchitectureRules.openNoSocketOrFile(), Impure.OpensASocket.class),
                example(ArchitectureRules.openNoSocketOrFile(), Impure.ResolvesAName.class),
                example(ArchitectureRules.openNoSocketOrFile(), Impure.ResolvesASocketAddress.class),
                example(ArchitectureRules.haveNoStaticState(), Impure.StaticCounter.class),
                example(ArchitectureRules.haveNoStaticState(), Impure.StaticRegistry.class));
    }

    static Stream<Arguments> conformances() {
        return Stream.of(
                example(ArchitectureRules.packagesDependDownwards(VIOLATIONS), UsesWireAndRoot.class),
                example(ArchitectureRules.drawOnlyFromTheRandomSource(), KeyPair.class),
                example(ArchitectureRules.openNoSocketOrFile(), Impure.HoldsAnAddress.class),
                example(ArchitectureRules.haveNoStaticState(), Impure.StaticConstants.class),
                example(ArchitectureRules.readNoClock(), Impure.HoldsADuration.class));
    }

    @ParameterizedTest
    @MethodSource("violations")
    void aViolationIsFound(ArchRule rule, Class<?> violator) {
        assertThat(rule.evaluate(classes(violator)).hasViolation()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("conformances")
    void whatIsAllowedPasses(ArchRule rule, Class<?> conforming) {
        assertThatNoException().isThrownBy(() -> rule.check(classes(conforming)));
    }

    @Test
    void theOrderNamesNoPackageTwice() {
        assertThat(ArchitectureRules.PACKAGES).doesNotHaveDuplicates();
    }

    private static Arguments example(ArchRule rule, Class<?> violator) {
        return Arguments.of(rule, violator);
    }

    private static JavaClasses classes(Class<?> type) {
        return new ClassFileImporter().importClasses(type);
    }
}
