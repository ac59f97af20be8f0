package dev.tether.testing;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import io.netty.util.ResourceLeakTracker;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Keeps Netty's leak reports instead of logging them, each with the test that was running when the resource was
 * allocated. Thread-safe: event loops allocate too.
 */
final class RecordingLeakDetector<T> extends ResourceLeakDetector<T> {

    private static final List<RecordingLeakDetector<?>> DETECTORS = new CopyOnWriteArrayList<>();
    private static final Queue<LeakReport> REPORTS = new ConcurrentLinkedQueue<>();
    private static volatile String currentTest = "no test";

    private RecordingLeakDetector(Class<?> resourceType, int samplingInterval) {
        super(resourceType, samplingInterval);
    }

    /** Makes every detector that Netty creates from now on record, at the level that tracks every allocation. */
    static void install() {
        // A stack trace for each byte that is read, and for each last release, would double the time of the tests.
        System.setProperty("io.netty.leakDetection.acquireAndReleaseOnly", "true");
        System.setProperty("io.netty.leakDetection.trackClose", "false");
        ResourceLeakDetector.setLevel(Level.PARANOID);
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new Factory());
    }

    /** Names the test that is charged with allocations from now on. */
    static void charge(String test) {
        currentTest = test;
    }

    static String currentTest() {
        return currentTest;
    }

    /** Makes the detectors report what the garbage collector has found, and returns all reports so far. */
    static List<LeakReport> reports() {
        for (RecordingLeakDetector<?> detector : DETECTORS) {
            detector.report();
        }
        return new ArrayList<>(REPORTS);
    }

    /** Takes the reports that are charged to {@code test} out of the record. */
    static List<LeakReport> takeReportsOf(String test) {
        List<LeakReport> taken = new ArrayList<>();
        for (Iterator<LeakReport> iterator = REPORTS.iterator(); iterator.hasNext(); ) {
            LeakReport report = iterator.next();
            if (report.isChargedTo(test)) {
                taken.add(report);
                iterator.remove();
            }
        }
        return taken;
    }

    /** A detector reports earlier leaks only when it is given something new to track. */
    @SuppressWarnings("unchecked")
    private void report() {
        T probe = (T) new Object();
        ResourceLeakTracker<T> tracker = trackForcibly(probe);
        tracker.close(probe);
    }

    @Override
    protected boolean needReport() {
        return true;
    }

    @Override
    protected void reportTracedLeak(String resourceType, String records) {
        REPORTS.add(new LeakReport(resourceType, records));
    }

    @Override
    protected void reportUntracedLeak(String resourceType) {
        REPORTS.add(new LeakReport(resourceType, ""));
    }

    @Override
    protected Object getInitialHint(String resourceType) {
        return LeakReport.hint(currentTest);
    }

    private static final class Factory extends ResourceLeakDetectorFactory {

        @Override
        @SuppressWarnings("deprecation") // the method to implement is the deprecated one
        public <T> ResourceLeakDetector<T> newResourceLeakDetector(
                Class<T> resource, int samplingInterval, long maxActive) {
            RecordingLeakDetector<T> detector = new RecordingLeakDetector<>(resource, samplingInterval);
            DETECTORS.add(detector);
            return detector;
        }
    }
}
