package dev.tether.reactor.simulation.swarm;

import static net.bytebuddy.matcher.ElementMatchers.isConstructor;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.PeerIdentity;
import dev.tether.core.connection.Connection;
import dev.tether.core.connection.ConnectionCounters;
import dev.tether.core.connection.ConnectionObserver;
import dev.tether.core.endpoint.Endpoint;
import dev.tether.core.error.ConnectionLostException;
import dev.tether.core.frame.PunchOffer;
import dev.tether.core.noise.HandshakeState;
import dev.tether.core.wire.Refusal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.implementation.FixedValue;
import net.bytebuddy.implementation.StubMethod;
import net.bytebuddy.pool.TypePool;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whether the swarm finds what it is for: core rules, broken one at a time in a copy of the classes of its own, have to
 * break an invariant of some history.
 */
class MutantsTest {

    /** A part of what {@link SwarmTest} runs. */
    private static final int SEEDS = 1000;

    private static final int SEEDS_UNBROKEN = 300;

    /**
     * A broken rule.
     *
     * @param classes by name, how each is changed
     */
    private record Mutant(String rule, Map<String, UnaryOperator<DynamicType.Builder<?>>> classes) {

        @Override
        public String toString() {
            return rule;
        }
    }

    static Stream<Mutant> mutants() {
        return Stream.of(
                new Mutant(
                        "an acknowledgement of what was never sent is accepted",
                        Map.of(
                                "dev.tether.core.connection.Delivery",
                                it -> it.visit(Advice.to(AcceptAnyAck.class).on(named("onAck"))))),
                new Mutant(
                        "the replay window is off",
                        Map.of(
                                "dev.tether.core.protection.ReplayWindow",
                                it -> it.method(named("mayAccept")).intercept(FixedValue.value(true)))),
                new Mutant(
                        "what was lost is not sent again",
                        Map.of(
                                "dev.tether.core.connection.FrameSettlement",
                                it -> it.method(named("onPacketLost")).intercept(StubMethod.INSTANCE))),
                new Mutant(
                        "credit is never extended",
                        Map.of(
                                "dev.tether.core.flow.ReceiveCredit",
                                it -> it.method(named("isUpdateDue")).intercept(FixedValue.value(false)))),
                new Mutant(
                        "an old connection is dropped for a copy of an initiation",
                        Map.of(
                                "dev.tether.core.endpoint.ConnectionTable$Peer",
                                it -> it.method(named("isNewer")).intercept(FixedValue.value(true)),
                                "dev.tether.core.endpoint.Initiations",
                                it -> it.visit(Advice.to(DropEstablished.class).on(named("answer"))))),
                new Mutant(
                        "what an earlier connection has delivered is delivered again",
                        Map.of(
                                "dev.tether.core.connection.LinkLedger",
                                it -> it.method(named("delivered")).intercept(FixedValue.value(0L)))),
                new Mutant(
                        "whoever the application refuses is let in",
                        Map.of(
                                "dev.tether.core.endpoint.Initiations",
                                it -> it.visit(Advice.to(AcceptRefused.class).on(named("decide"))))),
                new Mutant(
                        "a refusal by the application loses its code",
                        Map.of(
                                "dev.tether.core.wire.Refusal",
                                it -> it.visit(Advice.to(LoseCode.class).on(named("applicationCode"))))),
                new Mutant(
                        "nobody is asked",
                        Map.of(
                                "dev.tether.core.endpoint.Initiations",
                                it -> it.visit(Advice.to(AskNobody.class).on(isConstructor())))),
                new Mutant(
                        "bytes of a stream are handed out twice",
                        Map.of(
                                "dev.tether.core.stream.StreamSet",
                                it -> it.visit(Advice.to(ReadTwice.class).on(named("read"))))),
                new Mutant(
                        "a stream is at its end when that is known, and not when all is there",
                        Map.of(
                                "dev.tether.core.stream.ReceiveStream",
                                it -> it.visit(Advice.to(EndEarly.class).on(named("isAtEnd"))))),
                new Mutant(
                        "a reset that was lost is not sent again",
                        Map.of(
                                "dev.tether.core.stream.SendStream",
                                it -> it.method(named("onResetLost")).intercept(StubMethod.INSTANCE))),
                new Mutant(
                        "what a reset drops never becomes credit again",
                        Map.of(
                                "dev.tether.core.stream.ReceiveStream",
                                it -> it.visit(Advice.to(KeepCredit.class).on(named("creditUpTo"))))),
                new Mutant(
                        "a datagram is handed out twice",
                        Map.of(
                                "dev.tether.core.connection.IncomingDatagrams",
                                it -> it.visit(Advice.to(PutTwice.class).on(named("onDatagram"))))),
                new Mutant(
                        "datagrams that are dropped are not counted",
                        Map.of(
                                "dev.tether.core.connection.IncomingDatagrams",
                                it -> it.visit(Advice.to(CountNothing.class).on(named("onDatagram"))))),
                new Mutant(
                        "a peer that moves is not looked for",
                        Map.of(
                                "dev.tether.core.path.Paths",
                                it -> it.method(named("onPacket")).intercept(StubMethod.INSTANCE))),
                new Mutant(
                        "no address at which an introduced peer answers counts",
                        Map.of(
                                "dev.tether.core.path.PunchSession",
                                it -> it.method(named("onReply")).intercept(StubMethod.INSTANCE))),
                new Mutant(
                        "a gateway forgets whom it has asked for consent",
                        Map.of(
                                "dev.tether.core.endpoint.IntroductionBroker",
                                it -> it.method(named("handleAnswer")).intercept(StubMethod.INSTANCE))),
                new Mutant(
                        "a gateway tells nobody where the other one is",
                        Map.of(
                                "dev.tether.core.endpoint.IntroductionBroker",
                                it -> it.visit(Advice.to(NoCandidates.class).on(named("passedOn"))))),
                new Mutant(
                        "an address is challenged without a limit",
                        Map.of(
                                "dev.tether.core.path.AmplificationLimit",
                                it -> it.method(named("available")).intercept(FixedValue.value(1L << 20)))));
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void theSwarmFindsABrokenRule(Mutant mutant) throws Exception {
        assertThat(firstBrokenSeed(mutant, SEEDS))
                .as("the first of %d seeds in which something breaks although %s", SEEDS, mutant)
                .isNotNegative();
    }

    /** Otherwise the test above would show nothing. */
    @Test
    void anUnbrokenCopyBreaksNothing() throws Exception {
        assertThat(firstBrokenSeed(new Mutant("nothing is broken", Map.of()), SEEDS_UNBROKEN))
                .isEqualTo(-1);
    }

    private static long firstBrokenSeed(Mutant mutant, long seeds) throws Exception {
        Class<?> swarm = new MutantLoader(mutant).loadClass(Histories.class.getName());
        return (long) swarm.getMethod("firstBroken", long.class).invoke(null, seeds);
    }

    /** What runs within a mutant's classes. */
    public static final class Histories {

        private Histories() {}

        /** The first seed whose history breaks an invariant; -1 if none does. */
        public static long firstBroken(long seeds) {
            for (long seed = 0; seed < seeds; seed++) {
                if (!ScenarioRun.run(Scenario.draw(seed)).isOk()) {
                    return seed;
                }
            }
            return -1;
        }
    }

    /** Inlined into {@code Delivery.onAck}, which returns whether the acknowledged packets were sent. */
    private static final class AcceptAnyAck {

        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false) boolean valid) {
            valid = true;
        }
    }

    /** Inlined into {@code Initiations.answer}. */
    private static final class DropEstablished {

        @Advice.OnMethodExit
        static void exit(
                @Advice.FieldValue("observer") ConnectionObserver observer, @Advice.Argument(0) HandshakeState noise) {
            PeerIdentity peer = noise.remoteStatic();
            Connection established = ((Endpoint) observer).establishedWith(peer);
            if (established != null) {
                established.fail(new ConnectionLostException(
                        ConnectionLostException.Reason.PEER_RESTARTED, "mutant", established.context()));
            }
        }
    }

    /** Inlined into {@code Initiations.decide}. */
    private static final class AcceptRefused {

        @Advice.OnMethodEnter
        static void enter(@Advice.Argument(value = 1, readOnly = false) @Nullable Refusal refusal) {
            refusal = null;
        }
    }

    /** Inlined into {@code Refusal.applicationCode}. */
    private static final class LoseCode {

        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false) OptionalLong code) {
            code = OptionalLong.empty();
        }
    }

    /** Inlined into the constructor of {@code Initiations}. */
    private static final class AskNobody {

        @Advice.OnMethodEnter
        static void enter(@Advice.Argument(value = 4, readOnly = false) boolean asksForAdmission) {
            asksForAdmission = false;
        }
    }

    /** Inlined into {@code StreamSet.read}. */
    private static final class ReadTwice {

        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false) ByteBuf bytes) {
            bytes = Unpooled.wrappedBuffer(bytes.retainedDuplicate(), bytes);
        }
    }

    /** Inlined into {@code ReceiveStream.isAtEnd}. */
    private static final class EndEarly {

        @Advice.OnMethodExit
        static void exit(@Advice.FieldValue("finalSize") long finalSize, @Advice.Return(readOnly = false) boolean end) {
            end |= finalSize >= 0;
        }
    }

    /** Inlined into {@code ReceiveStream.creditUpTo}, which it leaves at once. */
    private static final class KeepCredit {

        @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
        static boolean enter(@Advice.FieldValue("resetCode") long resetCode) {
            return resetCode >= 0;
        }
    }

    /** Inlined into {@code IncomingDatagrams.onDatagram}, which it runs once more. */
    private static final class PutTwice {

        @Advice.OnMethodEnter
        static void enter(@Advice.Local("again") boolean again) {
            again = true;
        }

        @Advice.OnMethodExit(repeatOn = Advice.OnNonDefaultValue.class)
        static boolean exit(@Advice.Local("again") boolean again) {
            boolean repeat = again;
            again = false;
            return repeat;
        }
    }

    /** Inlined into {@code IncomingDatagrams.onDatagram}. */
    private static final class CountNothing {

        @Advice.OnMethodExit
        static void exit(@Advice.FieldValue("counters") ConnectionCounters counters) {
            counters.datagramsDropped = 0;
        }
    }

    /** Inlined into {@code IntroductionBroker.passedOn}. */
    private static final class NoCandidates {

        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false) PunchOffer offer) {
            offer = offer.withCandidates(List.of());
        }
    }

    /** Loads all classes of this project anew, those of the mutant changed. */
    private static final class MutantLoader extends ClassLoader {

        private final Mutant mutant;
        private final ClassFileLocator files = ClassFileLocator.ForClassLoader.of(MutantsTest.class.getClassLoader());

        MutantLoader(Mutant mutant) {
            super(MutantsTest.class.getClassLoader());
            this.mutant = mutant;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith("dev.tether.")) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded != null ? loaded : define(name);
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            try {
                byte[] bytes = mutant.classes().containsKey(name) ? mutated(name) : original(name);
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }

        private byte[] mutated(String name) {
            TypeDescription type = TypePool.Default.of(files).describe(name).resolve();
            return mutant.classes()
                    .get(name)
                    .apply(new ByteBuddy().redefine(type, files))
                    .make()
                    .getBytes();
        }

        private byte[] original(String name) throws IOException {
            try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (in == null) {
                    throw new IOException("there is no class file of " + name);
                }
                return in.readAllBytes();
            }
        }
    }
}
