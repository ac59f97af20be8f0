package dev.tether.core;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The order of the engine's packages, and its purity: no clock, thread, socket, static state or unseeded randomness. */
@AnalyzeClasses(packages = "dev.tether.core", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule packagesDependDownwards = ArchitectureRules.packagesDependDownwards("dev.tether.core");

    @ArchTest
    static final ArchRule theEngineUsesOnlyTheJdkBuffersAndLogging = ArchitectureRules.useOnlyTheJdkBuffersAndLogging();

    @ArchTest
    static final ArchRule theEngineReadsNoClock = ArchitectureRules.readNoClock();

    @ArchTest
    static final ArchRule theEngineStartsNoThread = ArchitectureRules.startNoThread();

    @ArchTest
    static final ArchRule theEngineDrawsOnlyFromTheRandomSource = ArchitectureRules.drawOnlyFromTheRandomSource();

    @ArchTest
    static final ArchRule theEngineOpensNoSocketOrFile = ArchitectureRules.openNoSocketOrFile();

    @ArchTest
    static final ArchRule theEngineHasNoStaticState = ArchitectureRules.haveNoStaticState();
}
