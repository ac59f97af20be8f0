package dev.tether.reactor.simulation.swarm;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether the parts of a scenario name only what there is. */
final class ScenarioCheck {

    private final Set<String> nats = new HashSet<>();
    private final Set<String> peers = new HashSet<>();
    private final Set<List<String>> streams = new HashSet<>();
    private final Set<List<String>> datagrams = new HashSet<>();

    private ScenarioCheck() {}

    static void check(
            List<Scenario.Nat> nats,
            List<Scenario.Peer> peers,
            List<String> gateways,
            List<Scenario.OneWay> links,
            List<Scenario.Dial> dials,
            List<Scenario.Keep> keeps,
            List<Scenario.Streams> streams,
            List<Scenario.Datagrams> datagrams,
            List<Fault> faults) {
        ScenarioCheck check = new ScenarioCheck();
        for (Scenario.Nat nat : nats) {
            check.requireNat(nat.behind(), "the NAT '" + nat.name() + "' is behind");
            check.requireNew(check.nats, nat.name());
        }
        for (Scenario.Peer peer : peers) {
            check.requireNat(peer.behind(), "the peer '" + peer.name() + "' is behind");
            check.requireNew(check.peers, peer.name());
        }
        if (peers.size() < 2) {
            throw new IllegalArgumentException("there are " + peers.size() + " peers, there must be 2 at least");
        }
        gateways.forEach(gateway -> check.requireGateway(gateway, peers, faults));
        links.forEach(link -> check.requirePair(link.from(), link.to(), "a link is between"));
        for (Scenario.Peer peer : peers) {
            if (peer.admission() != null) {
                peer.admission()
                        .refusals()
                        .forEach(it -> check.requirePair(peer.name(), it.peer(), "a refusal is between"));
            }
        }
        dials.forEach(dial -> check.requirePair(dial.from(), dial.to(), "a connection is between"));
        keeps.forEach(keep -> check.requirePair(keep.from(), keep.to(), "a link is between"));
        streams.forEach(it -> check.requireOnce(check.streams, it.from(), it.to(), "streams"));
        datagrams.forEach(it -> check.requireOnce(check.datagrams, it.from(), it.to(), "datagrams"));
        faults.forEach(check::requireKnown);
    }

    private void requireGateway(String name, List<Scenario.Peer> all, List<Fault> faults) {
        requirePeer(name, "a gateway is");
        if (all.stream().anyMatch(peer -> peer.name().equals(name) && peer.behind() != null)) {
            throw new IllegalArgumentException(
                    "the gateway '" + name + "' is behind a NAT, so that nobody can find it: put it on the internet");
        }
        if (faults.stream()
                .anyMatch(it -> it instanceof Fault.Crash crash
                        && crash.newKey()
                        && crash.peer().equals(name))) {
            throw new IllegalArgumentException(
                    "the gateway '" + name + "' gets another key, and nobody could find it again: let it keep its key");
        }
    }

    private void requireOnce(Set<List<String>> pairs, String from, String to, String what) {
        requirePair(from, to, what + " are between");
        if (!pairs.add(List.of(from, to))) {
            throw new IllegalArgumentException("the " + what + " of '" + from + "' to '" + to + "' are given twice");
        }
    }

    private void requireKnown(Fault fault) {
        String what = "a fault concerns";
        fault.peers().forEach(peer -> requirePeer(peer, what));
        if (fault instanceof Fault.ChangeLink it) {
            requirePair(it.from(), it.to(), what);
        } else if (fault instanceof Fault.Close it) {
            requirePair(it.peer(), it.other(), what);
        } else if (fault instanceof Fault.Rebind it) {
            requireNat(it.nat(), what);
        }
    }

    private void requireNew(Set<String> names, String name) {
        if (nats.contains(name) || peers.contains(name)) {
            throw new IllegalArgumentException("the name '" + name + "' is given twice");
        }
        names.add(name);
    }

    private void requirePair(String from, String to, String what) {
        requirePeer(from, what);
        requirePeer(to, what);
        if (from.equals(to)) {
            throw new IllegalArgumentException(what + " '" + from + "' and itself");
        }
    }

    private void requirePeer(String name, String what) {
        if (!peers.contains(name)) {
            throw new IllegalArgumentException(what + " '" + name + "', and there is no such peer");
        }
    }

    private void requireNat(@Nullable String name, String what) {
        if (name != null && !nats.contains(name)) {
            throw new IllegalArgumentException(what + " '" + name + "', and there is no such NAT before it");
        }
    }
}
