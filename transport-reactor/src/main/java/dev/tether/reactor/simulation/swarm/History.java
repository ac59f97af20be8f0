package dev.tether.reactor.simulation.swarm;

import dev.tether.core.error.ChannelClosedException;
import dev.tether.core.error.ConnectionLostException;
import dev.tether.core.error.ProtocolViolationException;
import dev.tether.core.simulation.BurstLoss;
import dev.tether.core.simulation.LinkSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What has been done to whom and when, and so whether the end of a connection has a cause. */
final class History {

    /** Nothing that was disturbed takes longer than this to be found, or to be overcome. */
    private static final long AFTERMATH_NS = Duration.ofSeconds(90).toNanos();

    /** How long what one end does may take to be seen at the other. */
    private static final long CROSSING_NS = Duration.ofSeconds(3).toNanos();

    /** Below this share of lost datagrams, no attempt and no connection may be lost for the loss alone. */
    private static final double HARMLESS_LOSS = 0.08;

    /** A queue that holds longer than this lets handshakes time out. */
    private static final double HARMLESS_QUEUE_SECONDS = 0.5;

    /** How long it takes all peers to be connected with their gateways, after the beginning. */
    private static final long REGISTRATION_NS = Duration.ofSeconds(15).toNanos();

    private record Disturbance(long fromNs, long toNs, Set<String> some, Set<String> others) {

        boolean concerns(String one, String other) {
            return some.contains(one) && others.contains(other) || some.contains(other) && others.contains(one);
        }
    }

    private final Population population;
    private final List<Disturbance> disturbances = new ArrayList<>();
    private final Set<String> everybody = new HashSet<>();
    private final List<Long> rebindsNs = new ArrayList<>();
    private final Set<String> newKeys = new HashSet<>();
    private final Set<List<String>> closes = new HashSet<>();

    History(Scenario scenario, Population population) {
        this.population = population;
        scenario.peers().forEach(peer -> everybody.add(peer.name()));
        long calmNs = scenario.faultPhase().toNanos();
        if (isRough(scenario.link())) {
            disturb(0, calmNs, everybody, everybody);
        }
        for (Scenario.OneWay link : scenario.links()) {
            if (isRough(link.settings())) {
                disturb(0, calmNs, Set.of(link.from()), Set.of(link.to()));
            }
        }
        scenario.faults().forEach(fault -> note(fault, calmNs));
    }

    /** Whether something at or after {@code sinceNs}, or not long before it, explains that two peers lose each other. */
    boolean isDisturbed(PeerProcess one, PeerProcess other, long sinceNs) {
        long nowNs = population.nowNs();
        return disturbances.stream()
                .anyMatch(it -> it.concerns(one.name(), other.name())
                        && it.fromNs <= nowNs
                        && it.toNs + AFTERMATH_NS >= sinceNs);
    }

    /**
     * Whether something explains that no gateway brings two peers together: they have just started, or one of the three cannot reach
     * another one, or does not let it in, or a NAT has just forgotten what was found.
     */
    boolean mayNotBeIntroduced(PeerProcess one, PeerProcess other, long sinceNs) {
        boolean rebound =
                rebindsNs.stream().anyMatch(atNs -> atNs + AFTERMATH_NS >= sinceNs && atNs <= population.nowNs());
        return sinceNs < REGISTRATION_NS
                || rebound
                || isDisturbed(one, other, sinceNs)
                || population.gateways().stream()
                        .anyMatch(
                                gateway -> isSeparated(gateway, one, sinceNs) || isSeparated(gateway, other, sinceNs));
    }

    private boolean isSeparated(PeerProcess gateway, PeerProcess peer, long sinceNs) {
        return isDisturbed(gateway, peer, sinceNs)
                || gateway.mayHaveRefused(peer, sinceNs - AFTERMATH_NS)
                || closes.contains(List.of(gateway.name(), peer.name()))
                || closes.contains(List.of(peer.name(), gateway.name()));
    }

    /** Why the end of a session is wrong; null if it has a cause. */
    @Nullable
    String unexplained(Session session) {
        PeerProcess remote = session.remote();
        Throwable failure = session.failure();
        PeerProcess owner = session.owner();
        if (remote == null) {
            boolean found = failure instanceof ProtocolViolationException;
            return found || owner.hasCrashedSince(session.startNs())
                    ? null
                    : "a peer that acknowledges what it was never sent is not found out: " + failure;
        }
        boolean disturbed = isDisturbed(owner, remote, session.endNs());
        boolean explained;
        if (failure == null) {
            // The other end may have closed before this one was established.
            explained = owner.hasCrashedSince(session.startNs() - CROSSING_NS)
                    || remote.hasCrashedSince(session.startNs() - CROSSING_NS)
                    || closes.contains(List.of(owner.name(), remote.name()))
                    || closes.contains(List.of(remote.name(), owner.name()));
        } else if (failure instanceof ChannelClosedException) {
            explained = owner.hasCrashedSince(session.startNs());
        } else if (failure instanceof ConnectionLostException lost) {
            explained = switch (lost.reason()) {
                case IDLE_TIMEOUT, UNREACHABLE -> disturbed;
                case PEER_RESTARTED ->
                    disturbed || remote.hasCrashedSince(session.startNs()) || population.hasLostOtherEnd(session);
                case IDENTITY_CHANGED ->
                    disturbed
                            && (newKeys.contains(remote.name()) || remote.plan().behind() != null);
                case STATELESS_RESET ->
                    remote.hasCrashedSince(session.startNs() - CROSSING_NS)
                            || population.hasEndedAtOtherEnd(session, session.startNs() - CROSSING_NS);
                default -> false;
            };
        } else {
            explained = false;
        }
        return explained ? null : "ends without a cause: " + failure;
    }

    private void note(Fault fault, long calmNs) {
        long fromNs = fault.at().toNanos();
        long toNs = fault.end().toNanos();
        if (fault instanceof Fault.Partition it) {
            disturb(fromNs, toNs, new HashSet<>(it.some()), new HashSet<>(it.others()));
        } else if (fault instanceof Fault.ChangeLink it) {
            if (isRough(it.settings())) {
                disturb(fromNs, calmNs, Set.of(it.from()), Set.of(it.to()));
            }
        } else if (fault instanceof Fault.Close it) {
            closes.add(List.of(it.peer(), it.other()));
        } else if (fault instanceof Fault.Crash
                || fault instanceof Fault.Shutdown
                || fault instanceof Fault.Suspend
                || fault instanceof Fault.Stall) {
            disturb(fromNs, toNs, new HashSet<>(fault.peers()), everybody);
        }
        if (fault instanceof Fault.Rebind) {
            rebindsNs.add(fromNs);
        }
        if (fault instanceof Fault.Crash it && it.newKey()) {
            newKeys.add(it.peer());
        }
    }

    private void disturb(long fromNs, long toNs, Set<String> some, Set<String> others) {
        disturbances.add(new Disturbance(fromNs, toNs, some, others));
    }

    private static boolean isRough(LinkSettings link) {
        double lost = link.loss()
                + link.corruption()
                + link.truncation()
                + (link.burstLoss().equals(BurstLoss.NONE) ? 0 : 1);
        double queueSeconds = link.bytesPerSecond() == 0 ? 0 : (double) link.queueBytes() / link.bytesPerSecond();
        return lost > HARMLESS_LOSS || queueSeconds > HARMLESS_QUEUE_SECONDS;
    }
}
