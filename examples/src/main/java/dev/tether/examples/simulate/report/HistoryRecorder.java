package dev.tether.examples.simulate.report;

import dev.tether.core.ConnectionState;
import dev.tether.core.PeerIdentity;
import dev.tether.core.connection.Connection;
import dev.tether.examples.ErrorReport;
import dev.tether.examples.simulate.scenario.FaultText;
import dev.tether.reactor.simulation.SimulatedHost;
import dev.tether.reactor.simulation.SimulatedNetwork;
import dev.tether.reactor.simulation.SimulationEvent;
import dev.tether.reactor.simulation.swarm.Fault;
import dev.tether.reactor.simulation.swarm.Scenario;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Looks on while a history happens, and keeps what is drawn of it: a bounded amount. */
public final class HistoryRecorder {

    /** More connections than these are counted, not drawn. */
    static final int MAX_CONNECTIONS = 50;

    static final int MAX_FAULTS = 1000;

    /** What a run takes to close all nodes, after its two phases. */
    private static final Duration ENDING = Duration.ofSeconds(30);

    private final SimulatedNetwork network;
    private final Scenario scenario;
    private final Buckets buckets;
    private final Map<String, Scenario.Peer> peers = new LinkedHashMap<>();
    private final Map<String, SimulatedHost> hosts = new HashMap<>();
    private final Map<PeerIdentity, String> names = new HashMap<>();
    private final Map<Key, ConnectionTrack> tracks = new LinkedHashMap<>();
    private final Senders senders = new Senders();
    private final Set<Key> leftOut = new HashSet<>();

    private HistoryRecorder(SimulatedNetwork network, Scenario scenario) {
        this.network = network;
        this.scenario = scenario;
        this.buckets = Buckets.of(
                scenario.faultPhase().plus(scenario.calmPhase()).plus(ENDING).toNanos());
        scenario.peers().forEach(peer -> peers.put(peer.name(), peer));
    }

    /** Begins to record a network that has all its hosts. */
    public static HistoryRecorder of(SimulatedNetwork network, Scenario scenario) {
        HistoryRecorder recorder = new HistoryRecorder(network, scenario);
        for (SimulatedHost host : network.hosts()) {
            recorder.hosts.put(host.name(), host);
            host.watch(connection -> recorder.sample(host.name(), connection));
        }
        network.onEvent(recorder::on);
        return recorder;
    }

    /** What was recorded so far. */
    public Recording history() {
        long nowNs = network.elapsed().toNanos();
        Map<String, Integer> numbers = new HashMap<>();
        List<History.Series> connections = new ArrayList<>();
        tracks.forEach(
                (key, track) -> connections.add(track.series(numbers.merge(track.label(), 1, Integer::sum), nowNs)));
        List<Fault> faults = scenario.faults().stream()
                .filter(fault -> fault.at().compareTo(scenario.faultPhase()) < 0)
                .sorted(Comparator.comparing(Fault::at))
                .toList();
        return new Recording(new History(
                nowNs / 1e9,
                buckets.widthSeconds(),
                seconds(scenario.faultPhase()),
                tracks.size() + leftOut.size(),
                connections,
                faults.stream()
                        .limit(MAX_FAULTS)
                        .map(fault -> new History.Mark(seconds(fault.at()), seconds(fault.end()), FaultText.of(fault)))
                        .toList(),
                Math.max(0, faults.size() - MAX_FAULTS)));
    }

    /** What a report is made of. */
    public static final class Recording {

        private final History history;

        private Recording(History history) {
            this.history = history;
        }

        History history() {
            return history;
        }
    }

    private void sample(String host, Connection connection) {
        ConnectionTrack track = tracks.get(new Key(host, connection.localConnectionId()));
        if (track != null) {
            track.sample(connection, network.elapsed().toNanos());
        }
    }

    private void on(SimulationEvent event) {
        senders.on(event);
        if (event instanceof SimulationEvent.StateEntered it) {
            ConnectionTrack track = track(it);
            if (track != null) {
                track.enter(it.state().getClass().getSimpleName(), it.timeNs());
            }
        } else if (event instanceof SimulationEvent.Ended it) {
            ConnectionTrack track = tracks.get(new Key(it.host(), it.connectionId()));
            if (track != null) {
                track.end(it.timeNs(), it.failure() == null ? null : ErrorReport.describe(it.failure()));
            }
        }
    }

    private @Nullable ConnectionTrack track(SimulationEvent.StateEntered event) {
        Key key = new Key(event.host(), event.connectionId());
        ConnectionTrack known = tracks.get(key);
        if (known != null || event.state() instanceof ConnectionState.Closing) {
            return known;
        }
        if (tracks.size() >= MAX_CONNECTIONS) {
            leftOut.add(key);
            return null;
        }
        ConnectionTrack track = new ConnectionTrack(event.host(), name(event), buckets);
        tracks.put(key, track);
        return track;
    }

    /**
     * Who has a key, as far as its address tells: its host's, or who sends from it, as through a NAT; else the beginning of the key.
     */
    private String name(SimulationEvent.StateEntered event) {
        String known = names.get(event.peer());
        if (known == null) {
            String found = find(event.host(), event.remote());
            known = found == null ? event.peer().shortName() : found;
            names.put(event.peer(), known);
        }
        return known;
    }

    private @Nullable String find(String host, InetSocketAddress remote) {
        Scenario.Peer self = peers.get(host);
        String behind = self == null ? null : self.behind();
        for (Scenario.Peer peer : peers.values()) {
            SimulatedHost candidate = hosts.get(peer.name());
            if (candidate != null
                    && candidate.address().equals(remote.getAddress())
                    && (peer.behind() == null || Objects.equals(peer.behind(), behind))) {
                return peer.name();
            }
        }
        return senders.of(remote);
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }

    private record Key(String host, long connectionId) {}
}
