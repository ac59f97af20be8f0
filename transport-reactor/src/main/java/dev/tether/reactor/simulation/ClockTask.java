package dev.tether.reactor.simulation;

import reactor.core.Disposable;

/** One thing that is to happen on a {@link VirtualClock}. */
final class ClockTask implements Disposable {

    final Runnable body;
    final long timeNs;

    /** Its number among the tasks of its queue. */
    long sequence;

    /** Where it is in the heap of its queue; negative if it is in none. */
    int index = -1;

    private final VirtualClock clock;

    ClockTask(VirtualClock clock, Runnable body, long timeNs) {
        this.clock = clock;
        this.body = body;
        this.timeNs = timeNs;
    }

    boolean isBefore(ClockTask other) {
        return timeNs != other.timeNs ? timeNs < other.timeNs : sequence < other.sequence;
    }

    @Override
    public void dispose() {
        clock.remove(this);
    }
}
