package dev.tether.reactor.simulation.swarm;

import dev.tether.core.simulation.NatSettings.Mapping;
import dev.tether.core.simulation.SeededRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Draws which peers are gateways, and who is to be introduced to whom: only those that the NATs between them let meet. */
final class IntroductionsDraw {

    private static final int MAX_PAIRS = 4;

    private final SeededRandom random;
    private final int byteBudget;
    private final List<Scenario.Nat> nats;
    private final List<Scenario.Peer> peers;
    private final List<String> gateways = new ArrayList<>();

    IntroductionsDraw(long seed, int byteBudget, List<Scenario.Nat> nats, List<Scenario.Peer> peers) {
        this.random = new SeededRandom(seed).split("introductions");
        this.byteBudget = byteBudget;
        this.nats = nats;
        this.peers = peers;
        if (peers.size() > 2 && random.chance(0.5)) {
            peers.stream()
                    .filter(peer -> peer.behind() == null)
                    .limit(random.nextInt(1, 3))
                    .forEach(peer -> gateways.add(peer.name()));
        }
    }

    List<String> gateways() {
        return gateways;
    }

    /** Who is to be introduced to whom, beside those who dial each other on their own. */
    List<Scenario.Dial> dials(List<Scenario.Dial> others) {
        List<Scenario.Dial> dials = new ArrayList<>();
        if (gateways.isEmpty()) {
            return dials;
        }
        for (Scenario.Peer from : peers) {
            for (Scenario.Peer to : peers) {
                if (dials.size() < MAX_PAIRS && mayBeIntroduced(from, to) && random.chance(0.5)) {
                    dials.add(new Scenario.Dial(
                            from.name(),
                            to.name(),
                            Duration.ofMillis(random.nextInt(0, 20_000)),
                            traffic(others.size()),
                            traffic(others.size())));
                }
            }
        }
        return dials;
    }

    /** Nobody finds a gateway that has lost its key. */
    List<Fault> withoutNewKeys(List<Fault> faults) {
        return faults.stream()
                .map(fault -> fault instanceof Fault.Crash it && gateways.contains(it.peer())
                        ? new Fault.Crash(it.at(), it.downtime(), it.peer(), false)
                        : fault)
                .toList();
    }

    private Scenario.Traffic traffic(int pairs) {
        int maxSize = random.nextInt(1, 2_000);
        int messages = Math.max(1, Math.min(100, byteBudget / (maxSize * (pairs + MAX_PAIRS))));
        return new Scenario.Traffic(
                random.nextInt(1, 3), random.nextInt(1, messages), maxSize, Duration.ofMillis(random.nextInt(0, 8000)));
    }

    private boolean mayBeIntroduced(Scenario.Peer from, Scenario.Peer to) {
        return !from.equals(to)
                && to.behind() != null
                && !gateways.contains(from.name())
                && !Objects.equals(outermost(from.behind()), outermost(to.behind()))
                && keepsItsAddress(from.behind())
                && keepsItsAddress(to.behind());
    }

    private boolean keepsItsAddress(@Nullable String behind) {
        for (Scenario.Nat nat = nat(behind); nat != null; nat = nat(nat.behind())) {
            if (nat.settings().mapping() != Mapping.ENDPOINT_INDEPENDENT) {
                return false;
            }
        }
        return true;
    }

    private @Nullable String outermost(@Nullable String behind) {
        Scenario.Nat nat = nat(behind);
        return nat == null ? null : nat.behind() == null ? nat.name() : outermost(nat.behind());
    }

    private Scenario.@Nullable Nat nat(@Nullable String name) {
        return nats.stream().filter(it -> it.name().equals(name)).findFirst().orElse(null);
    }
}
