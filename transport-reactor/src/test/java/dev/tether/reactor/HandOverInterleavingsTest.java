package dev.tether.reactor;

import static net.bytebuddy.matcher.ElementMatchers.named;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.error.ChannelClosedException;
import dev.tether.core.error.PeerContext;
import dev.tether.reactor.interleaving.Exploration;
import dev.tether.reactor.interleaving.InterleavedClasses;
import dev.tether.reactor.interleaving.Interleavings;
import dev.tether.reactor.interleaving.Scenario;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import java.lang.reflect.Constructor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.asm.AsmVisitorWrapper;
import net.bytebuddy.dynamic.DynamicType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;

/**
 * The hand-over from application threads to the event loop in every order of its accesses to shared memory: no wake-up is
 * lost, the commands of a thread keep their order, every message is sent or released, and an end is signalled once. The same
 * exploration has to find each of some broken variants.
 */
class HandOverInterleavingsTest {

    private static final Set<String> EXPLORED =
            Set.of(LoopSignal.class.getName(), CommandLimit.class.getName(), SendSubscriber.class.getName());

    /** A scenario, and with what it is made. */
    private record Case(Class<? extends Scenario> scenario, Object... arguments) {

        @Override
        public String toString() {
            return scenario.getSimpleName() + List.of(arguments);
        }
    }

    private record Mutant(String rule, Class<?> broken, String method, Class<?> advice, Case shownBy) {

        Map<String, UnaryOperator<DynamicType.Builder<?>>> mutation() {
            AsmVisitorWrapper change = Advice.to(advice).on(named(method));
            return Map.of(broken.getName(), it -> it.visit(change));
        }

        @Override
        public String toString() {
            return rule;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case(Signals.class, 1, 3, false),
                new Case(Signals.class, 2, 2, false),
                new Case(Signals.class, 3, 1, false),
                new Case(Signals.class, 1, 2, true),
                new Case(Signals.class, 2, 1, true),
                new Case(Commands.class, 2, 2, 2, false),
                new Case(Commands.class, 2, 2, 1, false),
                new Case(Commands.class, 2, 1, 1, true),
                new Case(Sends.class, "emit complete", false),
                new Case(Sends.class, "emit emit complete", false),
                new Case(Sends.class, "emit error", false),
                new Case(Sends.class, "emit complete|cancel", false),
                new Case(Sends.class, "emit complete|fail", false),
                new Case(Sends.class, "emit emit complete|cancel", false),
                new Case(Sends.class, "emit|cancel", true),
                new Case(Sends.class, "emit complete", true),
                new Case(Sends.class, "emit|fail", true),
                new Case(CancelledAtOnce.class));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyOrderIsRight(Case it) throws Exception {
        Exploration explored = explore(it, Map.of());

        assertThat(explored.violation()).isNull();
        assertThat(explored.runs()).isGreaterThan(1);
    }

    static Stream<Mutant> mutants() {
        Case signals = new Case(Signals.class, 1, 2, false);
        Case emitAndCancel = new Case(Sends.class, "emit|cancel", true);
        return Stream.of(
                new Mutant("lowered after the work", LoopSignal.class, "run", LowerAfterwards.class, signals),
                new Mutant("never lowered", LoopSignal.class, "run", LowerNever.class, signals),
                new Mutant(
                        "read, then raised",
                        LoopSignal.class,
                        "raise",
                        ReadThenRaise.class,
                        new Case(Signals.class, 2, 1, false)),
                new Mutant(
                        "raised for good once the loop is gone",
                        LoopSignal.class,
                        "raise",
                        RaisedForGood.class,
                        new Case(Signals.class, 2, 1, true)),
                new Mutant("a send with such a signal", LoopSignal.class, "raise", RaisedForGood.class, emitAndCancel),
                new Mutant(
                        "several discard at once", SendSubscriber.class, "discard", DiscardAtOnce.class, emitAndCancel),
                new Mutant(
                        "the end is read, then set",
                        SendSubscriber.class,
                        "fail",
                        ReadThenEnd.class,
                        new Case(Sends.class, "emit|fail", true)),
                new Mutant(
                        "an outbox does not look at what came before",
                        SendSubscriber.class,
                        "isIdle",
                        AlwaysIdle.class,
                        new Case(CancelledAtOnce.class)),
                new Mutant(
                        "the limit is read, then taken",
                        CommandLimit.class,
                        "enter",
                        ReadThenEnter.class,
                        new Case(Commands.class, 2, 1, 1, false)));
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void aBrokenVariantIsFound(Mutant mutant) throws Exception {
        assertThat(explore(mutant.shownBy(), mutant.mutation()).violation()).isNotNull();
    }

    private static Exploration explore(Case it, Map<String, UnaryOperator<DynamicType.Builder<?>>> mutations)
            throws Exception {
        ClassLoader classes =
                new InterleavedClasses(HandOverInterleavingsTest.class.getPackageName(), EXPLORED, mutations);
        Constructor<?> constructor = classes.loadClass(it.scenario().getName()).getConstructors()[0];
        return Interleavings.explore(() -> {
            try {
                return (Scenario) constructor.newInstance(it.arguments());
            } catch (ReflectiveOperationException e) {
                throw new AssertionError(e);
            }
        });
    }

    // What is explored

    /** Threads write and raise one signal: all that was written is read by a run of the work, or by who was refused. */
    public static final class Signals implements Scenario {

        private final InterleavedLoop loop = new InterleavedLoop();
        private final LoopSignal signal = new LoopSignal(loop::execute, this::read);
        private final int[] written;
        private final int[] read;
        private final int times;
        private final boolean ends;

        public Signals(int threads, int times, boolean ends) {
            this.written = new int[threads];
            this.read = new int[threads];
            this.times = times;
            this.ends = ends;
        }

        @Override
        public List<Runnable> threads() {
            List<Runnable> threads = new ArrayList<>(List.of(loop::run));
            for (int i = 0; i < written.length; i++) {
                int thread = i;
                threads.add(() -> write(thread));
            }
            if (ends) {
                threads.add(loop::end);
            }
            return threads;
        }

        private void write(int thread) {
            for (int i = 0; i < times; i++) {
                Interleavings.access("written." + thread, true, "");
                written[thread]++;
                if (!signal.raise()) {
                    read();
                }
            }
        }

        private void read() {
            for (int thread = 0; thread < written.length; thread++) {
                Interleavings.access("written." + thread, false, "");
                read[thread] = Math.max(read[thread], written[thread]);
            }
        }

        @Override
        public void check() {
            assertThat(read).as("read").isEqualTo(written);
            assertThat(loop.mostWaiting()).as("tasks that wait").isLessThanOrEqualTo(1);
        }
    }

    /** Threads submit commands: those accepted run, in each thread's order, and no more wait than may. */
    public static final class Commands implements Scenario {

        private final InterleavedLoop loop = new InterleavedLoop();
        private final CommandLimit commands;
        private final List<List<Integer>> accepted;
        private final List<List<Integer>> run;
        private final int each;
        private final int limit;
        private final boolean ends;

        public Commands(int threads, int each, int limit, boolean ends) {
            this.commands = new CommandLimit(loop, limit, new Incidents());
            this.accepted = lists(threads);
            this.run = lists(threads);
            this.each = each;
            this.limit = limit;
            this.ends = ends;
        }

        private static List<List<Integer>> lists(int count) {
            return IntStream.range(0, count)
                    .mapToObj(i -> (List<Integer>) new ArrayList<Integer>())
                    .toList();
        }

        @Override
        public List<Runnable> threads() {
            List<Runnable> threads = new ArrayList<>(List.of(loop::run));
            for (int i = 0; i < run.size(); i++) {
                int thread = i;
                threads.add(() -> submit(thread));
            }
            if (ends) {
                threads.add(loop::end);
            }
            return threads;
        }

        private void submit(int thread) {
            for (int i = 0; i < each; i++) {
                int number = i;
                if (commands.submit(() -> run.get(thread).add(number), () -> PeerContext.NONE) == null) {
                    accepted.get(thread).add(number);
                }
            }
        }

        @Override
        public void check() {
            assertThat(run).as("commands run").isEqualTo(accepted);
            assertThat(loop.mostWaiting()).as("commands that wait").isLessThanOrEqualTo(limit);
            if (!ends && each * run.size() <= limit) {
                assertThat(accepted).allSatisfy(all -> assertThat(all).hasSize(each));
            }
            for (int i = 0; i < limit; i++) {
                RuntimeException refusal = commands.submit(() -> {}, () -> PeerContext.NONE);
                if (loop.isGone()) {
                    assertThat(refusal).as("place %d", i).isInstanceOf(ChannelClosedException.class);
                } else {
                    assertThat(refusal).as("place %d", i).isNull();
                }
            }
        }
    }

    /** One send; its publisher, the application that cancels it, and a connection that ends meanwhile, all on their threads. */
    public static final class Sends implements Scenario {

        private final InterleavedLoop loop = new InterleavedLoop();
        private final Outbox outbox = new Outbox();
        private final String steps;
        private final boolean ends;

        public Sends(String steps, boolean ends) {
            this.steps = steps;
            this.ends = ends;
            outbox.send = new SendSubscriber(outbox, loop, outbox::onReady, SendSubscriber.MAX_DEMAND);
            outbox.send.onSubscribe(Operators.emptySubscription());
            loop.run();
        }

        @Override
        public List<Runnable> threads() {
            List<Runnable> threads = new ArrayList<>(List.of(loop::run));
            for (String one : steps.split("\\|", -1)) {
                threads.add(() -> Stream.of(one.split(" ", -1)).forEach(this::step));
            }
            if (ends) {
                threads.add(loop::end);
            }
            return threads;
        }

        private void step(String step) {
            switch (step) {
                case "emit" -> outbox.send.onNext(outbox.message());
                case "complete" -> outbox.send.onComplete();
                case "error" -> outbox.send.onError(new IllegalStateException());
                case "cancel" -> outbox.send.cancel();
                case "fail" -> loop.execute(outbox::fail);
                default -> throw new IllegalArgumentException(step);
            }
        }

        @Override
        public void check() {
            outbox.check();
            assertThat(loop.waiting()).isZero();
            boolean cancels = steps.contains("cancel");
            boolean over = ends || steps.contains("complete") || steps.contains("error") || steps.contains("fail");
            if (over && !cancels && !loop.isGone()) {
                assertThat(outbox.signals).hasSize(1);
            }
            if (!cancels && !ends && !steps.contains("fail")) {
                assertThat(outbox.taken).isEqualTo(outbox.messages);
                assertThat(outbox.signals).containsExactly(steps.contains("error") ? "error" : "complete");
            }
            if (cancels && !loop.isGone()) {
                assertThat(outbox.over).isTrue();
            }
        }
    }

    /** A send that is cancelled on another thread while it is handed over to the outbox of a link. */
    public static final class CancelledAtOnce implements Scenario {

        private final InterleavedLoop loop = new InterleavedLoop();
        private final LinkOutbox outbox = new LinkOutbox(1, 1_000);
        private final SendSubscriber send =
                new SendSubscriber(new Outbox(), loop, outbox::onReady, SendSubscriber.MAX_DEMAND);

        @Override
        public List<Runnable> threads() {
            return List.of(loop::run, this::subscribe, send::cancel);
        }

        private void subscribe() {
            loop.execute(() -> outbox.add(send, 0));
            send.onSubscribe(Operators.emptySubscription());
        }

        @Override
        public void check() {
            assertThat(outbox.waitingSinceNs()).as("since when a send waits").isEqualTo(Long.MAX_VALUE);
        }
    }

    /** Takes what one send gives, as a connection does, and is its subscriber. */
    private static final class Outbox implements CoreSubscriber<Void> {

        private final List<ByteBuf> messages = new ArrayList<>();
        private final List<ByteBuf> taken = new ArrayList<>();
        private final List<String> signals = new ArrayList<>();
        private SendSubscriber send;
        private boolean over;

        private ByteBuf message() {
            ByteBuf message = new UnpooledHeapByteBuf(UnpooledByteBufAllocator.DEFAULT, 1, 1);
            messages.add(message);
            return message;
        }

        private void onReady(SendSubscriber ready) {
            if (over) {
                ready.discard();
            } else if (ready.enterReady()) {
                for (ByteBuf message = ready.poll(); message != null; message = ready.poll()) {
                    taken.add(message);
                    message.release();
                }
                if (ready.leaveReady()) {
                    over = true;
                    end(ready.error());
                }
            }
        }

        private void end(@Nullable Throwable error) {
            if (error == null) {
                send.complete();
            } else {
                send.fail(error);
            }
        }

        private void fail() {
            if (!over) {
                over = true;
                send.fail(new IllegalStateException());
            }
        }

        private void check() {
            assertThat(messages).as("buffers").allMatch(message -> message.refCnt() == 0);
            assertThat(signals).as("signals of the end").hasSizeLessThanOrEqualTo(1);
        }

        @Override
        public void onSubscribe(Subscription subscription) {}

        @Override
        public void onNext(Void nothing) {}

        @Override
        public void onError(Throwable failure) {
            signals.add("error");
        }

        @Override
        public void onComplete() {
            signals.add("complete");
        }
    }

    // How it is broken: what each of these does comes instead of the method's body

    private static final class LowerAfterwards {

        @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
        static boolean enter() {
            return true;
        }

        @Advice.OnMethodExit
        static void exit(
                @Advice.FieldValue("work") Runnable work,
                @Advice.FieldValue(value = "raised", readOnly = false) int raised) {
            work.run();
            raised = 0;
        }
    }

    private static final class LowerNever {

        @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
        static boolean enter() {
            return true;
        }

        @Advice.OnMethodExit
        static void exit(@Advice.FieldValue("work") Runnable work) {
            work.run();
        }
    }

    private static final class ReadThenRaise {

        @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
        static boolean enter() {
            return true;
        }

        @Advice.OnMethodExit
        static void exit(
                @Advice.This Runnable signal,
                @Advice.FieldValue("loop") Predicate<Runnable> loop,
                @Advice.FieldValue(value = "raised", readOnly = false) int raised,
                @Advice.Return(readOnly = false) boolean accepted) {
            accepted = true;
            if (raised == 0) {
                raised = 1;
                accepted = loop.test(signal);
            }
        }
    }

    private static final class RaisedForGood {

        @Advice.OnMethodExit
        static void exit(
                @Advice.FieldValue(value = "raised", readOnly = false) int raised, @Advice.Return boolean accepted) {
            if (!accepted) {
                raised = 1;
            }
        }
    }

    private static final class DiscardAtOnce {

        @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
        static boolean enter() {
            return true;
        }

        @Advice.OnMethodExit
        static void exit(@Advice.FieldValue("queue") Queue<ByteBuf> queue) {
            for (ByteBuf message = queue.poll(); message != null; message = queue.poll()) {
                message.release();
            }
        }
    }

    private static final class ReadThenEnd {

        @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
        static boolean enter() {
            return true;
        }

        @Advice.OnMethodExit
        static void exit(
                @Advice.This SendSubscriber send,
                @Advice.Argument(0) Throwable failure,
                @Advice.FieldValue("actual") CoreSubscriber<?> actual,
                @Advice.FieldValue(value = "done", readOnly = false) boolean done,
                @Advice.FieldValue(value = "ended", readOnly = false) int ended) {
            if (ended == 0) {
                ended = 1;
                done = true;
                send.discard();
                actual.onError(failure);
            }
        }
    }

    private static final class AlwaysIdle {

        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false) boolean idle) {
            idle = true;
        }
    }

    private static final class ReadThenEnter {

        @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
        static boolean enter() {
            return true;
        }

        @Advice.OnMethodExit
        static void exit(
                @Advice.FieldValue("waiting") AtomicInteger waiting,
                @Advice.FieldValue("limit") int limit,
                @Advice.Return(readOnly = false) boolean entered) {
            entered = waiting.get() < limit;
            if (entered) {
                waiting.getAndIncrement();
            }
        }
    }
}
