package dev.tether.reactor.interleaving;

import java.util.List;

/** What is run once for each order: fresh state, and the threads that share it. */
public interface Scenario {

    /** What each thread does, up to thirty of them; the same at each run, but for what the others do. */
    List<Runnable> threads();

    /** All threads have ended: throws an {@link AssertionError} for a result that must not be. */
    void check();
}
