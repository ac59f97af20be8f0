package dev.tether.core;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasModifiers.Predicates.modifier;
import static com.tngtech.archunit.lang.conditions.ArchConditions.beFinal;
import static com.tngtech.archunit.lang.conditions.ArchConditions.haveRawType;
import static com.tngtech.archunit.lang.conditions.ArchConditions.never;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The rules of the engine's architecture: {@link ArchitectureTest} applies them, {@link ArchitectureRulesTest} breaks them. */
final class ArchitectureRules {

    /** Bottom-up: each package may use those before it, and the root package. */
    static final List<String> PACKAGES = List.of(
            "error",
            "wire",
            "frame",
            "noise",
            "protection",
            "recovery",
            "congestion",
            "path",
            "flow",
            "stream",
            "connection",
            "endpoint",
            "simulation");

    private ArchitectureRules() {}

    /** Every class below {@code root} uses only its own package, packages before it, and {@code root} itself. */
    static ArchRule packagesDependDownwards(String root) {
        return classes()
                .that(resideInAPackage(root + ".."))
                .should(new DependDownwards(root))
                .as("the packages of " + root + " are, bottom-up, " + PACKAGES + ", and none uses a later one");
    }

    static ArchRule useOnlyTheJdkBuffersAndLogging() {
        return classes()
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        "dev.tether.core..",
                        "java..",
                        "javax.crypto..",
                        "io.netty.buffer",
                        "io.netty.util",
                        "io.netty.util.collection",
                        "org.slf4j..",
                        "org.jspecify.annotations"))
                .as("the engine uses the JDK, Netty's buffers, SLF4J and nothing else");
    }

    static ArchRule readNoClock() {
        return noClasses()
                .should()
                .accessTargetWhere(access(
                        "reads a clock",
                        access -> isCall(access, System.class, "nanoTime", "currentTimeMillis")
                                || inPackage(access.getTargetOwner(), "java.time")
                                        && access.getName().equals("now")
                                || access.getTargetOwner().isEquivalentTo(java.util.Date.class)))
                .orShould()
                .dependOnClassesThat(
                        named("java.time.Clock", "java.time.InstantSource", "java.util.Calendar", "java.util.Timer"))
                .as("the engine reads no clock: time is an argument");
    }

    static ArchRule startNoThread() {
        return noClasses()
                .should()
                .dependOnClassesThat(describe(
                        "threads, executors or what coordinates them",
                        type -> inPackage(type, "java.util.concurrent")
                                        && !type.isEquivalentTo(java.util.concurrent.TimeUnit.class)
                                || type.isAssignableTo(Thread.class)
                                || type.isAssignableTo(ThreadLocal.class)
                                || type.getName().startsWith("java.util.TimerTask")
                                || type.getName().equals("io.netty.util.Timer")
                                || type.getName().equals("io.netty.util.HashedWheelTimer")))
                .as("the engine starts, schedules and coordinates no threads: its caller confines it to one");
    }

    /** {@code generate} methods of a class named {@code KeyPair} may draw from {@code SecureRandom}; nothing else may. */
    static ArchRule drawOnlyFromTheRandomSource() {
        return noClasses()
                .should()
                .accessTargetWhere(access(
                        "draws from another source of randomness than RandomSource",
                        access -> isCall(access, Math.class, "random")
                                || isCall(access, StrictMath.class, "random")
                                || isCall(access, java.util.UUID.class, "randomUUID")
                                || isCall(access, java.util.Collections.class, "shuffle")
                                || isCall(access, java.security.KeyPairGenerator.class, "generateKeyPair", "genKeyPair")
                                || isRandom(access.getTargetOwner())
                                        && !(access.getOriginOwner()
                                                        .getSimpleName()
                                                        .equals("KeyPair")
                                                && access.getOrigin().getName().equals("generate"))))
                .as("the engine draws from RandomSource only, except to generate a key pair");
    }

    static ArchRule openNoSocketOrFile() {
        return noClasses()
                .should()
                .dependOnClassesThat(describe(
                        "sockets, channels or files",
                        type -> inPackage(type, "java.net") && !ADDRESS_TYPES.contains(type.getName())
                                || inPackage(type, "java.nio.channels")
                                || inPackage(type, "java.nio.file")
                                || type.getName().startsWith("java.io.File")))
                .orShould()
                .accessTargetWhere(access(
                        "looks a name up",
                        access -> access.getTargetOwner().isAssignableTo(java.net.InetAddress.class)
                                        && NAME_LOOKUPS.contains(access.getName())
                                || access.getTargetOwner().isEquivalentTo(java.net.InetSocketAddress.class)
                                        && (access.getName().equals("getHostName")
                                                || access.getTarget()
                                                        .getFullName()
                                                        .contains("<init>(java.lang.String"))))
                .as("the engine opens no socket or file and looks up no name: addresses are values");
    }

    static ArchRule haveNoStaticState() {
        return fields().that(modifier(JavaModifier.STATIC))
                .should(beFinal())
                .andShould(never(haveRawType(describe(
                        "a mutable type",
                        (JavaClass type) -> inPackage(type, "java.util.concurrent.atomic")
                                || assignableTo(ThreadLocal.class).test(type)
                                || assignableTo(StringBuilder.class).test(type)
                                || !type.isInterface()
                                        && !type.isAssignableTo(java.security.Provider.class)
                                        && (assignableTo(Collection.class).test(type)
                                                || assignableTo(Map.class).test(type))))))
                .allowEmptyShould(true)
                .as("the engine has no static state");
    }

    private static final Set<String> ADDRESS_TYPES = Set.of(
            "java.net.InetAddress",
            "java.net.Inet4Address",
            "java.net.Inet6Address",
            "java.net.InetSocketAddress",
            "java.net.SocketAddress",
            "java.net.UnknownHostException",
            "java.net.URI",
            "java.net.URISyntaxException");

    private static final Set<String> NAME_LOOKUPS =
            Set.of("getByName", "getAllByName", "getLocalHost", "getHostName", "getCanonicalHostName", "isReachable");

    private static DescribedPredicate<JavaAccess<?>> access(
            String description, java.util.function.Predicate<JavaAccess<?>> predicate) {
        return describe(description, predicate);
    }

    private static boolean isCall(JavaAccess<?> access, Class<?> owner, String... names) {
        return access.getTargetOwner().isEquivalentTo(owner) && List.of(names).contains(access.getName());
    }

    private static boolean isRandom(JavaClass type) {
        return type.isAssignableTo(java.util.Random.class)
                || type.isAssignableTo(java.util.random.RandomGenerator.class)
                || inPackage(type, "java.util.random");
    }

    private static boolean inPackage(JavaClass type, String name) {
        return type.getPackageName().equals(name) || type.getPackageName().startsWith(name + ".");
    }

    private static DescribedPredicate<JavaClass> named(String... names) {
        return describe("one of " + List.of(names), type -> List.of(names).contains(type.getName()));
    }

    private static final class DependDownwards extends ArchCondition<JavaClass> {

        private static final int ROOT = -1;

        private final String root;

        DependDownwards(String root) {
            super("depend downwards");
            this.root = root;
        }

        @Override
        public void check(JavaClass origin, ConditionEvents events) {
            int level = levelOf(origin);
            if (level == PACKAGES.size()) {
                events.add(SimpleConditionEvent.violated(
                        origin, origin.getName() + " is in a package that has no place in the order"));
            }
            for (Dependency dependency : origin.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                if (inPackage(target, root) && levelOf(target) > level) {
                    events.add(SimpleConditionEvent.violated(origin, dependency.getDescription()));
                }
            }
        }

        /** The place of the type's package in the order; beyond its end for an unknown package. */
        private int levelOf(JavaClass type) {
            String name = type.getPackageName();
            if (name.equals(root)) {
                return ROOT;
            }
            String child = name.substring(root.length() + 1).split("\\.", 2)[0];
            int index = PACKAGES.indexOf(child);
            return index < 0 ? PACKAGES.size() : index;
        }
    }
}
