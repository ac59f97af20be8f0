package dev.tether.reactor.simulation;

import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;
import reactor.test.scheduler.VirtualTimeScheduler;

/** The virtual time of Reactor Test, if that is on the class path and installed. */
final class InstalledVirtualTime {

    private InstalledVirtualTime() {}

    static @Nullable Scheduler find() {
        try {
            return VirtualTimeScheduler.isFactoryEnabled() ? VirtualTimeScheduler.get() : null;
        } catch (NoClassDefFoundError withoutReactorTest) {
            return null;
        }
    }
}
