package dev.tether.reactor.simulation.swarm;

import dev.tether.core.PeerAddress;
import dev.tether.core.PeerIdentity;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.TransportNode;
import dev.tether.reactor.simulation.SimulatedHost;
import dev.tether.reactor.simulation.SimulatedNat;
import dev.tether.reactor.simulation.SimulatedNetwork;
import dev.tether.reactor.simulation.SimulationEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The peers of a scenario on their hosts, and all the connections that they have ever had. */
final class Population {

    private final Scenario scenario;
    private final SimulatedNetwork network;
    private final Violations violations;
    private final History history;
    private final Map<String, SimulatedNat> nats = new HashMap<>();
    private final Map<String, PeerProcess> processes = new LinkedHashMap<>();
    private final Map<PeerIdentity, PeerProcess> byIdentity = new HashMap<>();
    private final List<Session> sessions = new ArrayList<>();
    private final List<Keeper> keepers = new ArrayList<>();
    private final List<PeerProcess.Attempt> attempts = new ArrayList<>();
    private final List<SimulationEvent.Ended> ends = new ArrayList<>();
    private boolean eager;

    Population(Scenario scenario, SimulatedNetwork network, Violations violations) {
        this.scenario = scenario;
        this.network = network;
        this.violations = violations;
        this.history = new History(scenario, this);
        network.onEvent(event -> {
            if (event instanceof SimulationEvent.Ended it) {
                ends.add(it);
            }
        });
        for (Scenario.Nat nat : scenario.nats()) {
            SimulatedNat outer = nat.behind() == null ? null : nat(nat.behind());
            nats.put(
                    nat.name(),
                    outer == null ? network.nat(nat.name(), nat.settings()) : outer.nat(nat.name(), nat.settings()));
        }
        for (Scenario.Peer peer : scenario.peers()) {
            SimulatedHost host = peer.behind() == null
                    ? network.host(peer.name())
                    : nat(peer.behind()).host(peer.name());
            List<Scenario.Dial> dials = scenario.dials().stream()
                    .filter(dial -> dial.from().equals(peer.name()))
                    .toList();
            List<Scenario.Keep> keeps = scenario.keeps().stream()
                    .filter(keep -> keep.from().equals(peer.name()))
                    .toList();
            Doorkeeper doorkeeper =
                    peer.admission() == null ? null : new Doorkeeper(this, network.scheduler(), peer, peer.admission());
            processes.put(peer.name(), new PeerProcess(this, peer, host, dials, keeps, doorkeeper));
        }
    }

    long seed() {
        return scenario.seed();
    }

    long nowNs() {
        return network.elapsed().toNanos();
    }

    Duration elapsed() {
        return network.elapsed();
    }

    Violations violations() {
        return violations;
    }

    History history() {
        return history;
    }

    void later(Runnable task, Duration delay) {
        network.scheduler().schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    SimulatedNat nat(String name) {
        SimulatedNat nat = nats.get(name);
        if (nat == null) {
            throw new IllegalArgumentException("there is no NAT '" + name + "'");
        }
        return nat;
    }

    Collection<PeerProcess> processes() {
        return processes.values();
    }

    PeerProcess process(String name) {
        PeerProcess process = processes.get(name);
        if (process == null) {
            throw new IllegalArgumentException("there is no peer '" + name + "'");
        }
        return process;
    }

    /** Whose key this is or was; null for that of somebody else. */
    @Nullable
    PeerProcess process(PeerIdentity identity) {
        return byIdentity.get(identity);
    }

    /** Whether the scenario has one peer dial another. */
    boolean hasDial(String from, String to) {
        return scenario.dials().stream()
                        .anyMatch(dial -> dial.from().equals(from) && dial.to().equals(to))
                || isGateway(to)
                || scenario.keeps().stream()
                        .anyMatch(keep -> keep.from().equals(from) && keep.to().equals(to));
    }

    /** In the calm phase, nobody is refused. */
    Duration endOf(Scenario.Refusal refusal) {
        return refusal.until().compareTo(scenario.faultPhase()) < 0 ? refusal.until() : scenario.faultPhase();
    }

    List<SimulatedHost> hosts(List<String> names) {
        return names.stream().map(name -> process(name).host()).toList();
    }

    boolean isGateway(String name) {
        return scenario.gateways().contains(name);
    }

    List<PeerProcess> gateways() {
        return scenario.gateways().stream().map(this::process).toList();
    }

    /** Whether one can be reached by the other only after both were introduced. */
    boolean isIntroduced(PeerProcess from, PeerProcess to) {
        String behind = to.plan().behind();
        return !scenario.gateways().isEmpty()
                && behind != null
                && !behind.equals(from.plan().behind());
    }

    /** How one dials the other: where it is, unless only a gateway knows that, and its key of today. */
    PeerAddress address(PeerProcess from, PeerProcess to) {
        return isIntroduced(from, to) ? PeerAddress.of(to.key().identity()) : address(to);
    }

    /** Where a peer is, and its key of today. */
    PeerAddress address(PeerProcess process) {
        return PeerAddress.of(process.key().identity(), process.name(), PeerProcess.PORT);
    }

    void introduce(PeerIdentity identity, PeerProcess process) {
        byIdentity.put(identity, process);
    }

    // Connections

    void open(PeerProcess owner, PeerConnection connection) {
        PeerProcess remote = byIdentity.get(connection.remoteIdentity());
        Session session = new Session(this, sessions.size(), owner, remote, connection, traffic(owner, remote));
        sessions.add(session);
        session.start();
        if (eager) {
            session.readEagerly();
        }
    }

    void onEnded(Session session) {
        String unexplained = history.unexplained(session);
        if (unexplained != null) {
            session.violation(unexplained);
        }
    }

    void onAttempt(PeerProcess.Attempt attempt) {
        attempts.add(attempt);
    }

    List<PeerProcess.Attempt> attempts() {
        return attempts;
    }

    void keep(PeerProcess owner, Scenario.Keep plan, TransportNode node) {
        Keeper keeper = new Keeper(this, -1 - keepers.size(), owner, process(plan.to()), plan, node);
        keepers.add(keeper);
        keeper.start();
    }

    List<Keeper> keepers() {
        return keepers;
    }

    @Nullable
    Keeper keeper(int serial) {
        return serial < 0 && -1 - serial < keepers.size() ? keepers.get(-1 - serial) : null;
    }

    List<Session> sessions() {
        return sessions;
    }

    @Nullable
    Session session(int serial) {
        return serial >= 0 && serial < sessions.size() ? sessions.get(serial) : null;
    }

    List<Session> sessionsOf(PeerProcess owner) {
        return sessions.stream().filter(session -> session.owner() == owner).toList();
    }

    List<Session> live(PeerProcess owner, PeerProcess remote) {
        return sessions.stream()
                .filter(session -> session.isLive() && session.owner() == owner && session.remote() == remote)
                .toList();
    }

    /** Whether the other side has lost this connection, or one of its time, so that it rightly starts over. */
    boolean hasLostOtherEnd(Session of) {
        return sessions.stream()
                .anyMatch(session -> session.owner() == of.remote()
                        && session.remote() == of.owner()
                        && session.endNs() >= of.startNs());
    }

    /** Whether the other side has ended this connection, or one of its time, if only an attempt that it had answered. */
    boolean hasEndedAtOtherEnd(Session of, long sinceNs) {
        return ends.stream()
                .anyMatch(end -> end.timeNs() >= sinceNs
                        && byIdentity.get(end.peer()) == of.owner()
                        && of.remote() != null
                        && end.host().equals(of.remote().name()));
    }

    /** The streams that one opens to the other; null for none. */
    Scenario.@Nullable Streams streams(@Nullable PeerProcess from, @Nullable PeerProcess to) {
        return scenario.streams().stream()
                .filter(it -> from != null
                        && to != null
                        && it.from().equals(from.name())
                        && it.to().equals(to.name()))
                .findFirst()
                .orElse(null);
    }

    /** The datagrams that one sends to the other. */
    Scenario.Traffic datagrams(@Nullable PeerProcess from, @Nullable PeerProcess to) {
        return scenario.datagrams().stream()
                .filter(it -> from != null
                        && to != null
                        && it.from().equals(from.name())
                        && it.to().equals(to.name()))
                .findFirst()
                .map(Scenario.Datagrams::traffic)
                .orElse(Scenario.Traffic.NONE);
    }

    void readEagerly() {
        eager = true;
        sessions.forEach(Session::readEagerly);
    }

    private Scenario.Traffic traffic(PeerProcess owner, @Nullable PeerProcess remote) {
        for (Scenario.Dial dial : scenario.dials()) {
            if (remote != null && dial.from().equals(owner.name()) && dial.to().equals(remote.name())) {
                return dial.there();
            }
        }
        for (Scenario.Dial dial : scenario.dials()) {
            if (remote != null && dial.to().equals(owner.name()) && dial.from().equals(remote.name())) {
                return dial.back();
            }
        }
        return Scenario.Traffic.NONE;
    }
}
