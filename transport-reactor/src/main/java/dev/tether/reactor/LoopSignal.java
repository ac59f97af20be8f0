package dev.tether.reactor;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.Predicate;

/**
 * Tells the event loop, from any thread, that there is work: this is where application threads meet it. However often it is
 * raised, one task at a time waits in the loop, and whatever a thread has written before it raised the signal is seen by a
 * run of the work that begins afterwards.
 */
final class LoopSignal implements Runnable {

    private static final AtomicIntegerFieldUpdater<LoopSignal> RAISED =
            AtomicIntegerFieldUpdater.newUpdater(LoopSignal.class, "raised");

    private final Predicate<? super Runnable> loop;
    private final Runnable work;

    @SuppressWarnings("unused") // through RAISED
    private volatile int raised;

    /**
     * A signal that is not raised.
     *
     * @param loop takes a task to the event loop, or runs it now if this is it; false if there is none any more
     * @param work runs on the event loop
     */
    LoopSignal(Predicate<? super Runnable> loop, Runnable work) {
        this.loop = loop;
        this.work = work;
    }

    /**
     * Has the work run, once more if it runs already.
     *
     * @return false if the loop is gone: then the caller answers for what was written before, by whomever, as others that
     *     have raised it meanwhile were told true. Several callers may be told so at once, and the loop may be in its last
     *     run.
     */
    boolean raise() {
        if (RAISED.getAndSet(this, 1) != 0 || loop.test(this)) {
            return true;
        }
        raised = 0;
        return false;
    }

    /** On the event loop. Lowered before the work begins: what comes from then on raises it again. */
    @Override
    public void run() {
        raised = 0;
        work.run();
    }
}
