package dev.tether.reactor.interleaving;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Explores all orders of the accesses of a {@link Scenario}'s threads, depth first. One thread runs at a time; before each
 * access to something shared it stops, and one of those that have stopped is chosen to go on. Of orders that differ only in
 * accesses that do not conflict, one is run to its end: sleep sets, P. Godefroid, "Partial-Order Methods for the Verification
 * of Concurrent Systems", 1996, chapter 5. They leave out no state that can be reached.
 *
 * <p>What is shared is found out by exploring: once two threads conflict about something that was not known to be, all begins
 * anew with it.
 */
public final class Interleavings {

    private static final ThreadLocal<@Nullable Actor> CURRENT = new ThreadLocal<>();

    private static final BooleanSupplier ALWAYS = () -> true;

    private static final ExecutorService POOL = Executors.newCachedThreadPool(body -> {
        Thread thread = new Thread(body, "interleaved");
        thread.setDaemon(true);
        return thread;
    });

    private final Supplier<? extends Scenario> scenarios;

    /** The choices of the run that is under way, or of the last one. */
    private final List<Choice> path = new ArrayList<>();

    private final Set<String> shared = new HashSet<>();

    private Interleavings(Supplier<? extends Scenario> scenarios) {
        this.scenarios = scenarios;
    }

    /** Runs all orders of what {@code scenarios} supplies for each, until one is bad. */
    public static Exploration explore(Supplier<? extends Scenario> scenarios) {
        return new Interleavings(scenarios).exploreAll();
    }

    /**
     * The calling thread is about to access something: others may go first. No effect outside of an exploration.
     *
     * @param what names the memory
     * @param alone if not empty: a name for this; it is a mistake if another thread is about to do the same
     */
    public static void access(String what, boolean write, String alone) {
        Actor actor = CURRENT.get();
        if (actor != null) {
            actor.access(new Access(what, write, alone, ALWAYS));
        }
    }

    /** As {@link #access}, once {@code ready}; false if nothing else happens any more, and it is not. */
    public static boolean await(String what, BooleanSupplier ready) {
        Actor actor = CURRENT.get();
        if (actor != null) {
            actor.access(new Access(what, true, "", ready));
        }
        return ready.getAsBoolean();
    }

    private record Access(String what, boolean write, String alone, BooleanSupplier ready) {

        boolean conflictsWith(Access other) {
            return (write || other.write) && what.equals(other.what);
        }
    }

    /** One choice of a run: sets of threads are bits. */
    private static final class Choice {
        private final @Nullable Access[] next;
        private final int enabled;
        private int sleeping;
        private int chosen;

        Choice(@Nullable Access[] next, int enabled, int sleeping) {
            this.next = next;
            this.enabled = enabled;
            this.sleeping = sleeping;
        }

        /** The threads whose next access was tried before the chosen one and does not conflict with that. */
        int sleepingAfter() {
            int after = 0;
            for (int i = 0; i < next.length; i++) {
                Access other = next[i];
                Access taken = next[chosen];
                if ((sleeping >> i & 1) != 0 && other != null && taken != null && !other.conflictsWith(taken)) {
                    after |= 1 << i;
                }
            }
            return after;
        }

        boolean chooseAnother() {
            sleeping |= 1 << chosen;
            return choose(chosen);
        }

        /** Rather the one that runs already; false if all that may run sleep. */
        boolean choose(int preferred) {
            int open = enabled & ~sleeping;
            if (open == 0) {
                return false;
            }
            chosen = (open >> preferred & 1) != 0 ? preferred : Integer.numberOfTrailingZeros(open);
            return true;
        }
    }

    private Exploration exploreAll() {
        int runs = 0;
        boolean more = true;
        while (more) {
            int known = shared.size();
            Scenario scenario = scenarios.get();
            Run run = new Run(scenario.threads());
            AssertionError violation = run.toTheEnd(scenario);
            if (shared.size() > known) {
                path.clear();
                runs = 0;
                continue;
            }
            runs += run.redundant ? 0 : 1;
            if (violation != null) {
                return new Exploration(runs, violation);
            }
            more = backtrack();
        }
        return new Exploration(runs, null);
    }

    private boolean backtrack() {
        while (!path.isEmpty()) {
            Choice last = path.get(path.size() - 1);
            if (last.chooseAnother()) {
                return true;
            }
            path.remove(path.size() - 1);
        }
        return false;
    }

    /** One order. */
    private final class Run {

        private final List<Actor> actors = new ArrayList<>();
        private final StringBuilder history = new StringBuilder();
        private final Semaphore ended = new Semaphore(0);

        /** The accesses so far to what is not known to be shared, by thread. */
        private final List<Set<Access>> unshared = new ArrayList<>();

        private int depth;
        private int running;
        private @Nullable Throwable failure;

        /** It has come to a state in which all that can follow has been run. */
        private boolean redundant;

        Run(List<Runnable> bodies) {
            for (Runnable body : bodies) {
                actors.add(new Actor(this, actors.size(), body));
                unshared.add(new HashSet<>());
            }
        }

        @Nullable
        AssertionError toTheEnd(Scenario scenario) {
            goOn(null);
            ended.acquireUninterruptibly();
            try {
                if (failure == null && !redundant) {
                    scenario.check();
                }
            } catch (Throwable thrown) {
                failure = thrown;
            }
            return failure == null ? null : new AssertionError(failure + ", after" + history, failure);
        }

        /** From the thread that has run so far, or from none at the start: returns when it is its turn again, unless it has ended. */
        void goOn(@Nullable Actor from) {
            Actor next = choose();
            if (next == null) {
                ended.release();
                return;
            }
            running = next.number;
            if (next != from) {
                next.resume();
                if (from != null && from.next != null) {
                    from.pause();
                }
            }
        }

        /** Whether a thread has to stop before an access; remembers it if not. */
        boolean isShared(Actor actor, Access access) {
            if (shared.contains(access.what)) {
                return true;
            }
            Access plain = new Access(access.what, access.write, "", ALWAYS);
            if (unshared.get(actor.number).add(plain)) {
                for (Actor other : actors) {
                    if (other != actor && unshared.get(other.number).stream().anyMatch(plain::conflictsWith)) {
                        shared.add(access.what);
                    }
                }
            }
            return false;
        }

        /** Who goes on; null once all have ended. */
        private @Nullable Actor choose() {
            @Nullable Access[] next = new Access[actors.size()];
            int enabled = 0;
            int waiting = 0;
            for (Actor actor : actors) {
                Access access = actor.next;
                next[actor.number] = access;
                if (access != null) {
                    waiting |= 1 << actor.number;
                    enabled |= access.ready.getAsBoolean() ? 1 << actor.number : 0;
                }
            }
            checkAlone(next);
            // Where nobody else does anything any more, those that wait are told so.
            enabled = enabled == 0 ? waiting : enabled;
            if (enabled == 0) {
                return null;
            }
            if (redundant || failure != null) {
                return actors.get(Integer.numberOfTrailingZeros(enabled));
            }
            if (depth == path.size()) {
                int sleeping = depth == 0 ? 0 : path.get(depth - 1).sleepingAfter();
                Choice choice = new Choice(next, enabled, sleeping);
                if (!choice.choose(running)) {
                    redundant = true;
                    return choose();
                }
                path.add(choice);
            }
            int chosen = path.get(depth++).chosen;
            Access access = next[chosen];
            if (access == null) {
                throw new IllegalStateException("not the same as before: thread " + chosen + " has ended," + history);
            }
            history.append("\n  ")
                    .append(chosen)
                    .append(access.write ? " w " : " r ")
                    .append(access.what);
            return actors.get(chosen);
        }

        private void checkAlone(@Nullable Access[] next) {
            for (int i = 0; i < next.length; i++) {
                for (int j = 0; j < i; j++) {
                    Access one = next[i];
                    Access other = next[j];
                    if (one != null && other != null && !one.alone.isEmpty() && one.alone.equals(other.alone)) {
                        fail(new AssertionError("two threads at once: " + one.alone));
                    }
                }
            }
        }

        private void fail(Throwable thrown) {
            failure = failure == null ? thrown : failure;
        }
    }

    /** One thread of a run. */
    private static final class Actor {

        private final Run run;
        private final int number;
        private final Runnable body;
        private final Semaphore turn = new Semaphore(0);

        /** What it is about to do; null once it has ended. */
        private @Nullable Access next = new Access("", false, "", ALWAYS);

        private boolean started;

        Actor(Run run, int number, Runnable body) {
            this.run = run;
            this.number = number;
            this.body = body;
        }

        void resume() {
            if (started) {
                turn.release();
            } else {
                started = true;
                POOL.execute(this::live);
            }
        }

        void pause() {
            turn.acquireUninterruptibly();
        }

        private void live() {
            CURRENT.set(this);
            try {
                body.run();
            } catch (Throwable thrown) {
                run.fail(thrown);
            } finally {
                CURRENT.remove();
                next = null;
                run.goOn(this);
            }
        }

        private void access(Access access) {
            if (run.isShared(this, access) || access.ready != ALWAYS) {
                next = access;
                run.goOn(this);
            }
        }
    }
}
