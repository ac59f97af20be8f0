package dev.tether.reactor.simulation.swarm;

import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.reactor.Admission;
import dev.tether.reactor.ConnectionRequest;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Whom the application of a peer lets in, and whether only those come in, and only the others are turned away. */
final class Doorkeeper {

    static final String REASON = "not now";

    /** Until the one who is refused learns of it, and how much earlier it may have been decided than somebody joins. */
    private static final Duration UNDER_WAY = Duration.ofSeconds(3);

    private final Population population;
    private final Scheduler scheduler;
    private final Scenario.Peer plan;
    private final Scenario.Admission rules;
    private final SeededRandom random;

    /** For how many of the attempts of a peer that were admitted no connection was seen yet. */
    private final Map<String, Integer> expected = new HashMap<>();

    Doorkeeper(Population population, Scheduler scheduler, Scenario.Peer plan, Scenario.Admission rules) {
        this.population = population;
        this.scheduler = scheduler;
        this.plan = plan;
        this.rules = rules;
        this.random = new SeededRandom(population.seed()).split("doorkeeper " + plan.name());
    }

    /** Decides after a while, or at once. */
    Mono<Admission> decide(ConnectionRequest request) {
        PeerProcess from = population.process(request.remoteIdentity());
        Mono<Admission> decision = Mono.fromSupplier(() -> decideNow(from));
        Duration delay =
                Duration.ofNanos((long) (random.nextDouble() * rules.maxDelay().toNanos()));
        return random.chance(0.2) ? decision : Mono.delay(delay, scheduler).then(decision);
    }

    /** A new node knows of nobody. */
    void startOver() {
        expected.clear();
    }

    /** Somebody has come in. */
    void onConnection(@Nullable PeerProcess from) {
        if (from == null || population.hasDial(plan.name(), from.name())) {
            return;
        }
        if (expected.merge(from.name(), -1, Integer::sum) < 0) {
            population.violations().add(plan.name(), "has a connection with " + from.name() + " that nobody admitted");
        }
    }

    /** Whether this is what a peer is told that has dialed since {@code sinceNs} and was refused. */
    boolean explains(ConnectionEstablishmentException failure, PeerProcess dialing, long sinceNs) {
        return failure.isByApplication()
                && failure.reason() == ConnectionEstablishmentException.Reason.REFUSED
                && String.valueOf(failure.getMessage()).endsWith(": " + REASON)
                && rules.refusals().stream()
                        .anyMatch(it -> it.code() == failure.code() && hasRefused(it, dialing, sinceNs));
    }

    /** Whether the peer may have been turned away since {@code sinceNs}. */
    boolean hasRefused(PeerProcess dialing, long sinceNs) {
        return rules.refusals().stream().anyMatch(it -> hasRefused(it, dialing, sinceNs));
    }

    private boolean hasRefused(Scenario.Refusal refusal, PeerProcess dialing, long sinceNs) {
        return refusal.peer().equals(dialing.name())
                && refusal.from().toNanos() <= population.nowNs()
                && population.endOf(refusal).plus(UNDER_WAY).toNanos() >= sinceNs;
    }

    private Admission decideNow(@Nullable PeerProcess from) {
        if (from == null) {
            return Admission.accept();
        }
        Duration now = population.elapsed();
        for (Scenario.Refusal refusal : rules.refusals()) {
            if (refusal.peer().equals(from.name())
                    && refusal.from().compareTo(now) <= 0
                    && population.endOf(refusal).compareTo(now) > 0) {
                return Admission.refuse(refusal.code(), REASON);
            }
        }
        expected.merge(from.name(), 1, Integer::sum);
        return Admission.accept();
    }
}
