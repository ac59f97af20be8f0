package dev.tether.reactor.simulation.swarm;

import dev.tether.core.TransportSettings;
import dev.tether.core.simulation.BurstLoss;
import dev.tether.core.simulation.Jitter;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.core.simulation.NatSettings;
import dev.tether.core.simulation.SeededRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Draws a scenario. Most are small, as a small one that fails is understood sooner; some are large. */
final class ScenarioDraw {

    private static final List<NatSettings> NATS = List.of(
            NatSettings.FULL_CONE, NatSettings.ADDRESS_RESTRICTED, NatSettings.PORT_RESTRICTED, NatSettings.SYMMETRIC);

    /** What all connections of a scenario may move together; keeps the time of a run within bounds. */
    private static final int BYTE_BUDGET = 1 << 20;

    /** Takes eight bytes as a variable-length integer. */
    private static final long LARGE_CODE = 1L << 59;

    private final long seed;
    private final Scenario.Limits limits;
    private final SeededRandom random;
    private final List<Scenario.Nat> nats = new ArrayList<>();
    private final List<Scenario.Peer> peers = new ArrayList<>();
    private Duration faultPhase = Duration.ZERO;

    ScenarioDraw(long seed, Scenario.Limits limits) {
        this.seed = seed;
        this.limits = limits;
        this.random = new SeededRandom(seed).split("scenario");
    }

    Scenario draw() {
        faultPhase = limits.faultPhase() != null ? limits.faultPhase() : seconds(10, 60);
        drawPeers(limits.peers() != null ? limits.peers() : peerCount());
        LinkSettings link = limits.link() != null ? limits.link() : link();
        List<Scenario.Dial> dials = dials();
        IntroductionsDraw introductions = new IntroductionsDraw(seed, BYTE_BUDGET, nats, peers);
        dials.addAll(introductions.dials(dials));
        List<Scenario.OneWay> links = oneWays(dials);
        List<Fault> faults = introductions.withoutNewKeys(faults(dials));
        List<Scenario.Peer> peers = withAdmissions(dials);
        List<Scenario.Keep> keeps = keeps(dials);
        StreamsDraw streams = new StreamsDraw(seed, BYTE_BUDGET);
        return new Scenario(
                seed,
                nats,
                new DatagramsDraw(seed, BYTE_BUDGET).withQueues(streams.withStreamLimits(peers)),
                introductions.gateways(),
                link,
                links,
                streams.withLessTraffic(dials),
                keeps,
                streams.draw(dials),
                new DatagramsDraw(seed, BYTE_BUDGET).draw(dials),
                faults,
                faultPhase,
                Duration.ofSeconds(150));
    }

    // Who is there

    private int peerCount() {
        if (random.chance(0.03)) {
            return random.nextInt(12, 50);
        }
        return random.chance(0.4) ? 2 : random.nextInt(3, 8);
    }

    private void drawPeers(int count) {
        for (int i = 0; i < count; i++) {
            // The first one is always reachable: without help, nobody reaches a peer behind a NAT.
            String nat = i > 0 && (limits.nat() != null || random.chance(0.2)) ? nat(i) : null;
            peers.add(new Scenario.Peer("p" + i, nat, settings(), random.chance(0.8), reader(), null));
        }
    }

    private String nat(int index) {
        if (!nats.isEmpty() && random.chance(0.3)) {
            return random.pick(nats).name();
        }
        NatSettings kind = limits.nat() != null ? limits.nat() : random.pick(NATS);
        String behind = null;
        if (random.chance(0.2)) {
            behind = "carrier" + index;
            nats.add(new Scenario.Nat(behind, kind, null));
        }
        nats.add(new Scenario.Nat(
                "nat" + index, kind.mappingTimeout(seconds(20, 120)).hairpin(random.chance(0.5)), behind));
        return "nat" + index;
    }

    private TransportSettings settings() {
        int streamWindow = 1024 << random.nextInt(0, 10);
        int connectionWindow = 1024 << random.nextInt(0, 11);
        TransportSettings.Builder settings = TransportSettings.defaults().toBuilder()
                .idleTimeout(seconds(20, 60))
                .keepAlive(seconds(2, 9))
                .unresponsiveProbes(random.nextInt(2, 4));
        if (random.chance(0.7)) {
            settings.streamWindow(streamWindow)
                    .maxStreamWindow(streamWindow * (1 << random.nextInt(0, 4)))
                    .connectionWindow(connectionWindow)
                    .maxConnectionWindow(connectionWindow * (1 << random.nextInt(0, 4)));
        }
        if (random.chance(0.5)) {
            settings.sendBuffer(1024 << random.nextInt(0, 10));
        }
        if (random.chance(0.3)) {
            settings.inboundQueue(random.nextInt(2, 100)).outboundQueue(random.nextInt(64, 1000));
        }
        if (random.chance(0.3)) {
            settings.datagramSize(random.nextInt(1200, 1452));
        }
        return settings.build();
    }

    private Scenario.Reader reader() {
        return random.chance(0.6) ? Scenario.Reader.EAGER : new Scenario.Reader(random.nextInt(1, 50), millis(0, 200));
    }

    // What is between them

    private LinkSettings link() {
        LinkSettings link = LinkSettings.PERFECT.latency(millis(0, 150));
        if (random.chance(0.5)) {
            link = link.jitter(
                    random.chance(0.5)
                            ? Jitter.uniform(millis(1, 30))
                            : random.chance(0.5) ? Jitter.normal(millis(1, 15)) : Jitter.exponential(millis(1, 15)));
        }
        if (random.chance(0.5)) {
            link = link.loss(random.nextDouble() * (random.chance(0.2) ? 0.3 : 0.05));
        }
        if (random.chance(0.15)) {
            link = link.burstLoss(new BurstLoss(0.01 * random.nextDouble(), 0.1 + 0.4 * random.nextDouble(), 0.8));
        }
        if (random.chance(0.3)) {
            link = link.reordering(0.2 * random.nextDouble()).reorderDelay(millis(1, 40));
        }
        if (random.chance(0.3)) {
            link = link.duplication(0.3 * random.nextDouble()).duplicateDelay(millis(0, 2000));
        }
        if (random.chance(0.15)) {
            link = link.corruption(0.05 * random.nextDouble());
        }
        if (random.chance(0.1)) {
            link = link.truncation(0.03 * random.nextDouble());
        }
        if (random.chance(0.2)) {
            link = link.bytesPerSecond(random.nextInt(50_000, 5_000_000)).queueBytes(random.nextInt(8, 256) << 10);
        }
        return link;
    }

    private List<Scenario.OneWay> oneWays(List<Scenario.Dial> dials) {
        List<Scenario.OneWay> drawn = new ArrayList<>();
        if (limits.link() == null) {
            for (Scenario.Dial dial : dials) {
                if (random.chance(0.2)) {
                    drawn.add(new Scenario.OneWay(dial.from(), dial.to(), link()));
                }
                if (random.chance(0.2)) {
                    drawn.add(new Scenario.OneWay(dial.to(), dial.from(), link()));
                }
            }
        }
        return drawn;
    }

    // Who talks to whom

    private List<Scenario.Dial> dials() {
        Set<List<Integer>> pairs = new LinkedHashSet<>();
        int shape = random.nextInt(3);
        for (int i = 1; i < peers.size(); i++) {
            switch (shape) {
                case 0 -> pairs.add(List.of(i, 0));
                case 1 -> pairs.add(List.of(i, i - 1));
                default -> pairs.add(List.of(i, random.nextInt(i)));
            }
        }
        if (peers.size() > 2 && peers.size() <= 8 && random.chance(0.5)) {
            pairs.add(List.of(peers.size() - 1, 0));
        }
        // Both sides dial: attempts cross.
        for (List<Integer> pair : List.copyOf(pairs)) {
            if (random.chance(0.3)) {
                pairs.add(List.of(pair.get(1), pair.get(0)));
            }
        }
        List<Scenario.Dial> dials = new ArrayList<>();
        boolean together = random.chance(0.3);
        for (List<Integer> pair : pairs) {
            if (isReachable(peers.get(pair.get(0)), peers.get(pair.get(1)))) {
                dials.add(new Scenario.Dial(
                        peers.get(pair.get(0)).name(),
                        peers.get(pair.get(1)).name(),
                        together ? Duration.ZERO : millis(0, 2000),
                        traffic(pairs.size()),
                        traffic(pairs.size())));
            }
        }
        return dials;
    }

    /** Whether one can dial the other without anybody's help. */
    private static boolean isReachable(Scenario.Peer from, Scenario.Peer to) {
        return to.behind() == null || to.behind().equals(from.behind());
    }

    private List<Scenario.Keep> keeps(List<Scenario.Dial> dials) {
        List<Scenario.Keep> keeps = new ArrayList<>();
        for (Scenario.Dial dial : dials) {
            if (random.chance(0.3)) {
                keeps.add(new Scenario.Keep(dial.from(), dial.to(), millis(0, 5000), traffic(2 * dials.size())));
            }
        }
        return keeps;
    }

    private Scenario.Traffic traffic(int pairs) {
        if (random.chance(0.2)) {
            return Scenario.Traffic.NONE;
        }
        int budget = BYTE_BUDGET / pairs;
        int sends = random.nextInt(1, 4);
        int maxSize = random.chance(0.3) ? random.nextInt(0, 50_000) : random.nextInt(1, 2_000);
        int messages = Math.max(1, Math.min(300, budget / (sends * Math.max(1, maxSize))));
        return new Scenario.Traffic(sends, random.nextInt(1, messages), maxSize, millis(0, 8000));
    }

    // What goes wrong

    private List<Fault> faults(List<Scenario.Dial> dials) {
        List<Fault> faults = new ArrayList<>();
        if (dials.isEmpty()) {
            return faults;
        }
        for (int i = random.nextInt(0, 5); i > 0; i--) {
            faults.add(fault(random.pick(dials)));
        }
        return faults;
    }

    private Fault fault(Scenario.Dial dial) {
        Duration at = Duration.ofNanos((long) (random.nextDouble() * faultPhase.toNanos()));
        String peer = random.chance(0.5) ? dial.from() : dial.to();
        String other = peer.equals(dial.from()) ? dial.to() : dial.from();
        return switch (random.nextInt(13)) {
            case 0 -> new Fault.Partition(at, millis(100, 40_000), List.of(peer), List.of(other), random.chance(0.4));
            case 1 -> partition(at);
            case 2 -> new Fault.ChangeLink(at, peer, other, link());
            case 3, 4 -> new Fault.Crash(at, millis(0, 10_000), peer, random.chance(0.2));
            case 5 -> new Fault.Suspend(at, millis(100, 50_000), peer);
            case 6 -> new Fault.Stall(at, millis(10, 5_000), peer);
            case 7 -> new Fault.ClockStep(at, peer, Duration.ofSeconds(random.nextInt(-3600, 3600)));
            case 8 ->
                nats.isEmpty()
                        ? new Fault.Garbage(at, peer, random.nextInt(1, 100))
                        : new Fault.Rebind(at, random.pick(nats).name());
            case 9 -> new Fault.Close(at, peer, other, random.nextInt(3));
            case 10 -> new Fault.Shutdown(at, millis(0, 5_000), peer);
            case 11 -> new Fault.Replay(at, peer, random.nextInt(1, 50));
            default -> new Fault.OptimisticAck(at, peer);
        };
    }

    private Fault partition(Duration at) {
        List<String> some = new ArrayList<>();
        List<String> others = new ArrayList<>();
        for (Scenario.Peer peer : peers) {
            (random.chance(0.5) ? some : others).add(peer.name());
        }
        return new Fault.Partition(at, millis(100, 30_000), some, others, false);
    }

    // Who may connect

    private List<Scenario.Peer> withAdmissions(List<Scenario.Dial> dials) {
        return peers.stream()
                .map(it -> random.chance(0.2)
                        ? new Scenario.Peer(
                                it.name(),
                                it.behind(),
                                it.settings(),
                                it.offload(),
                                it.reader(),
                                new Scenario.Admission(millis(0, 500), refusals(it.name(), dials)))
                        : it)
                .toList();
    }

    /** Codes that are those of the transport, too, must not be mistaken for them. */
    private List<Scenario.Refusal> refusals(String peer, List<Scenario.Dial> dials) {
        List<Scenario.Refusal> refusals = new ArrayList<>();
        for (Scenario.Dial dial : dials) {
            if (dial.to().equals(peer) && random.chance(0.5)) {
                Duration from = Duration.ofNanos((long) (random.nextDouble() * faultPhase.toNanos()));
                long code = random.chance(0.5) ? random.nextInt(0, 0x50) : LARGE_CODE;
                refusals.add(new Scenario.Refusal(dial.from(), from, from.plus(millis(100, 20_000)), code));
            }
        }
        return refusals;
    }

    private Duration seconds(int min, int max) {
        return Duration.ofSeconds(random.nextInt(min, max));
    }

    private Duration millis(int min, int max) {
        return Duration.ofMillis(random.nextInt(min, max));
    }
}
