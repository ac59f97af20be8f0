package dev.tether.testing;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Fails a test run in which a Netty buffer was leaked, naming the tests that allocated it, or in which there were {@link
 * BackgroundFailures}.
 *
 * <p>JUnit finds it by itself, in both of its roles: a launcher session listener installs the detector before any class
 * of Netty is initialized; a Jupiter extension tells it which test is running, and looks for leaks when the last test of
 * the run has ended, after forced garbage collections.
 */
public final class LeakDetection
        implements LauncherSessionListener, BeforeAllCallback, BeforeEachCallback, AfterEachCallback {

    private static final Namespace NAMESPACE = Namespace.create(LeakDetection.class);
    private static final long COLLECTION_TIMEOUT_MS = 10_000;

    /**
     * Collects garbage and returns the leaks of the running test, one description each. The run does not fail because of
     * leaks returned here: for tests that leak on purpose.
     */
    public static List<String> takeLeaksOfThisTest() {
        collectGarbage();
        RecordingLeakDetector.reports();
        return RecordingLeakDetector.takeReportsOf(RecordingLeakDetector.currentTest()).stream()
                .map(LeakReport::toString)
                .collect(Collectors.toList());
    }

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        RecordingLeakDetector.install();
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        RecordingLeakDetector.charge(context.getRequiredTestClass().getName());
        // Only the first one counts: what entered the root's store first is closed last.
        context.getRoot().getStore(NAMESPACE).getOrComputeIfAbsent(EndOfRun.class);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        RecordingLeakDetector.charge(context.getRequiredTestClass().getName() + "."
                + context.getRequiredTestMethod().getName());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        RecordingLeakDetector.charge(context.getRequiredTestClass().getName());
    }

    /**
     * Returns when the references to all that was garbage before the call are in their queues. The JVM enqueues the
     * references found by one collection as a batch in no certain order, so the sentinel of a second one follows them.
     */
    private static void collectGarbage() {
        for (int collection = 0; collection < 2; collection++) {
            ReferenceQueue<Object> queue = new ReferenceQueue<>();
            WeakReference<Object> sentinel = new WeakReference<>(new Object(), queue);
            System.gc();
            try {
                if (queue.remove(COLLECTION_TIMEOUT_MS) == null) {
                    throw new IllegalStateException("System.gc() collects nothing, so leaks cannot be found");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while looking for leaks", e);
            } finally {
                Reference.reachabilityFence(sentinel);
            }
        }
    }

    /** Closed by JUnit after the last test; what {@link #close()} throws fails the run. */
    static final class EndOfRun implements AutoCloseable {

        @Override
        public void close() {
            List<Throwable> failures = BackgroundFailures.take();
            collectGarbage();
            for (LeakReport leak : RecordingLeakDetector.reports()) {
                failures.add(new AssertionError(leak.toString()));
            }
            if (!failures.isEmpty()) {
                String message =
                        failures.stream().map(Throwable::toString).collect(Collectors.joining("\n\n", "", "\n"));
                AssertionError error =
                        new AssertionError(failures.size() + " failed outside of the tests:\n" + message);
                failures.forEach(error::addSuppressed);
                throw error;
            }
        }
    }
}
