package dev.tether.reactor.simulation.swarm;

import dev.tether.core.simulation.SeededRandom;
import java.time.Duration;

/**
 * How one direction of a stream is taken.
 *
 * @param demand when its bytes are asked for
 * @param batch how many buffers at a time
 * @param pause and how long none after them
 * @param giveUp whether the rest is not wanted, and how that is said
 * @param before after how many bytes a subscription is cancelled
 * @param delay when it is given up, or asked for if that is late
 * @param code with which it is given up
 */
record ReceivingPlan(Demand demand, int batch, Duration pause, GiveUp giveUp, int before, Duration delay, long code) {

    enum Demand {
        /** For all at once. */
        ALL,
        /** For some, and after a pause for some more. */
        SOME,
        /** For all, after a while without a subscriber. */
        LATE,
        /** For none before the calm phase, by a subscriber. */
        NONE,
        /** Without a subscriber before the calm phase, or even the end of the connection. */
        UNREAD
    }

    enum GiveUp {
        /** It is taken to the end. */
        NEVER,
        /** It is cancelled after a while. */
        CANCEL,
        /** It is cancelled before anybody subscribes. */
        CANCEL_FIRST,
        /** The subscription is cancelled after some bytes. */
        UNSUBSCRIBE
    }

    static ReceivingPlan draw(SeededRandom random, int maxSize, double trouble) {
        Demand demand =
                random.chance(0.4) ? Demand.ALL : Demand.values()[random.nextInt(1, Demand.values().length - 1)];
        GiveUp giveUp =
                random.chance(trouble) ? GiveUp.values()[random.nextInt(1, GiveUp.values().length - 1)] : GiveUp.NEVER;
        return new ReceivingPlan(
                demand,
                random.chance(0.5) ? 1 : random.nextInt(2, 20),
                Duration.ofMillis(random.nextInt(0, 200)),
                giveUp,
                random.nextInt(0, random.chance(0.5) ? maxSize : maxSize / 16),
                Duration.ofMillis(random.nextInt(0, 4000)),
                SendingPlan.code(random));
    }
}
