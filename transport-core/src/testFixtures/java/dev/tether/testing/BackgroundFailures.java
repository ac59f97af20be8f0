package dev.tether.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What went wrong on a thread that has no test to fail, such as an event loop, where the code under test may handle or
 * swallow it. Whatever is here when the last test has ended fails the run. Thread-safe.
 */
public final class BackgroundFailures {

    private static final Queue<Throwable> FAILURES = new ConcurrentLinkedQueue<>();

    private BackgroundFailures() {}

    public static void add(Throwable failure) {
        FAILURES.add(failure);
    }

    /** Returns the failures so far and forgets them: for tests that cause one on purpose. */
    public static List<Throwable> take() {
        List<Throwable> taken = new ArrayList<>();
        for (Throwable failure = FAILURES.poll(); failure != null; failure = FAILURES.poll()) {
            taken.add(failure);
        }
        return taken;
    }
}
