package dev.tether.reactor;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.tether.reactor.codec.JacksonCodec;
import org.junit.jupiter.api.Test;

/** The layers of this module: sockets below, connections and nodes above. */
class ArchitectureTest {

    @Test
    void socketsKnowNothingOfTheConnectionsAboveThem() {
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.tether.reactor");

        socketsUseNothingAbove("dev.tether.reactor").check(classes);
    }

    @Test
    void aSocketThatUsesAConnectionIsFound() {
        JavaClasses classes = new ClassFileImporter().importPackages("dev.tether.reactor.violations");

        assertThat(socketsUseNothingAbove("dev.tether.reactor.violations")
                        .evaluate(classes)
                        .hasViolation())
                .isTrue();
    }

    @Test
    void nodesKnowNothingOfTheSimulationTheyMayRunOn() {
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.tether.reactor");

        noClasses()
                .that()
                .resideInAnyPackage("dev.tether.reactor", "dev.tether.reactor.socket")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.tether.reactor.simulation..")
                .check(classes);
    }

    @Test
    void codecsKnowNothingOfTheConnectionsThatUseThem() {
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.tether.reactor");

        noClasses()
                .that()
                .resideInAPackage("dev.tether.reactor.codec")
                .should()
                .dependOnClassesThat(
                        resideInAPackage("dev.tether..").and(not(resideInAPackage("dev.tether.reactor.codec"))))
                .check(classes);
    }

    @Test
    void onlyItsCodecUsesJackson() {
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.tether");

        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(JacksonCodec.class.getName())
                .should()
                .dependOnClassesThat(resideInAPackage("com.fasterxml..").or(type(JacksonCodec.class)))
                .check(classes);
    }

    private static ArchRule socketsUseNothingAbove(String root) {
        return noClasses()
                .that()
                .resideInAPackage(root + ".socket..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(root);
    }
}
