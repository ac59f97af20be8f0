package dev.tether.examples.simulate.scenario;

import dev.tether.core.TransportSettings;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.core.simulation.NatSettings;
import dev.tether.examples.simulate.scenario.ScenarioFields.AdmissionFields;
import dev.tether.examples.simulate.scenario.ScenarioFields.DatagramsOfFields;
import dev.tether.examples.simulate.scenario.ScenarioFields.DialFields;
import dev.tether.examples.simulate.scenario.ScenarioFields.KeepFields;
import dev.tether.examples.simulate.scenario.ScenarioFields.NatFields;
import dev.tether.examples.simulate.scenario.ScenarioFields.OneWayFields;
import dev.tether.examples.simulate.scenario.ScenarioFields.PeerFields;
import dev.tether.examples.simulate.scenario.ScenarioFields.ReaderFields;
import dev.tether.examples.simulate.scenario.ScenarioFields.RefusalFields;
import dev.tether.examples.simulate.scenario.ScenarioFields.StreamsFields;
import dev.tether.examples.simulate.scenario.ScenarioFields.TrafficFields;
import dev.tether.reactor.simulation.SimulatedNetwork;
import dev.tether.reactor.simulation.swarm.Scenario;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Turns the fields of a file into a scenario. */
final class ScenarioReader {

    private static final Duration DEFAULT_FAULT_PHASE = Duration.ofSeconds(30);

    /** What a calm phase needs beyond the longest idle timeout: to dial again, to deliver, and to be silent for 30 s. */
    private static final Duration MIN_CALM = Duration.ofSeconds(60);

    private static final Duration DEFAULT_CALM = Duration.ofSeconds(90);

    /** At rest, that few datagrams are expected. */
    private static final Duration MIN_KEEP_ALIVE = Duration.ofSeconds(2);

    private static final int MAX_PEERS = 10_000;
    private static final int MAX_SIZE = 16 << 20;

    private final ScenarioFields file;
    private final Names names = new Names();

    private ScenarioReader(ScenarioFields file) {
        this.file = file;
    }

    /** The seed that the file names. */
    static @Nullable Long seed(ScenarioFields file) {
        return file.seed() == null
                ? null
                : Values.of("", "seed", file.seed(), text -> Amounts.whole(text, Long.MIN_VALUE, Long.MAX_VALUE));
    }

    /** @throws InvalidFieldException naming the field, the value and what is allowed */
    static Scenario scenario(ScenarioFields file, long seed) {
        return new ScenarioReader(file).scenario(seed);
    }

    private Scenario scenario(long seed) {
        List<Scenario.Nat> nats = new ArrayList<>();
        forEach("nats", file.nats(), (path, it) -> nats.add(nat(path, it)));
        List<Scenario.Peer> peers = peers();
        LinkSettings link = file.link() == null
                ? SimulatedNetwork.DEFAULT_LINK
                : Field.read("link", file.link(), LinkFields.ALL, LinkSettings.PERFECT);
        List<String> gateways = new ArrayList<>();
        forEach("gateways", file.gateways(), (path, it) -> gateways.add(names.requirePeer(path, it)));
        List<Scenario.OneWay> links = new ArrayList<>();
        forEach("links", file.links(), (path, it) -> addLinks(links, path, it));
        List<Scenario.Dial> dials = new ArrayList<>();
        forEach("dials", file.dials(), (path, it) -> addDials(dials, path, it));
        List<Scenario.Keep> keeps = new ArrayList<>();
        forEach("keeps", file.keeps(), (path, it) -> addKeeps(keeps, path, it));
        List<Scenario.Streams> streams = new ArrayList<>();
        forEach("streams", file.streams(), (path, it) -> addStreams(streams, path, it));
        List<Scenario.Datagrams> datagrams = new ArrayList<>();
        forEach("datagrams", file.datagrams(), (path, it) -> addDatagrams(datagrams, path, it));
        Duration faultPhase = Values.duration("", "faultPhase", file.faultPhase(), DEFAULT_FAULT_PHASE);
        Duration calmPhase = calmPhase(peers);
        FaultReader faults = new FaultReader(names, faultPhase);
        forEach("faults", file.faults(), faults::add);
        try {
            return new Scenario(
                    seed,
                    nats,
                    peers,
                    gateways,
                    link,
                    links,
                    dials,
                    keeps,
                    streams,
                    datagrams,
                    faults.faults(),
                    faultPhase,
                    calmPhase);
        } catch (IllegalArgumentException e) {
            throw new InvalidFieldException("", String.valueOf(e.getMessage()));
        }
    }

    // Who is there

    private Scenario.Nat nat(String path, NatFields it) {
        String behind = it.behind() == null ? null : names.requireNat(path + ".behind", it.behind());
        NatSettings settings = Values.of(path, "kind", it.kind(), NatKind::parse);
        String name = names.addNat(path + ".name", Values.required(path, "name", it.name()));
        return new Scenario.Nat(
                name,
                Values.checked(
                                path + ".mappingTimeout",
                                () -> settings.mappingTimeout(Values.duration(
                                        path, "mappingTimeout", it.mappingTimeout(), settings.mappingTimeout())))
                        .hairpin(Values.flag(path, "hairpin", it.hairpin(), false)),
                behind);
    }

    private Duration calmPhase(List<Scenario.Peer> peers) {
        Duration longest = peers.stream()
                .map(peer -> peer.settings().idleTimeout())
                .max(Comparator.naturalOrder())
                .orElseThrow();
        Duration calmPhase = Values.duration("", "calmPhase", file.calmPhase(), longest.plus(DEFAULT_CALM));
        if (calmPhase.compareTo(longest.plus(MIN_CALM)) < 0) {
            throw new InvalidFieldException(
                    "calmPhase",
                    "'" + file.calmPhase() + "' is too short: the longest idleTimeout is " + Amounts.text(longest)
                            + ", and all comes to rest only 60s after it; make it "
                            + Amounts.text(longest.plus(MIN_CALM)) + " at least, or leave it out");
        }
        return calmPhase;
    }

    private List<Scenario.Peer> peers() {
        ScenarioFields.Peers peers = file.peers();
        if (peers == null) {
            throw new InvalidFieldException("peers", "it is missing; give a number, or a list of names and blocks");
        }
        List<PeerFields> each = new ArrayList<>(peers.each());
        if (peers.count() != null) {
            long count = Values.of("", "peers", peers.count(), text -> Amounts.whole(text, 2, MAX_PEERS));
            for (int i = 0; i < count; i++) {
                each.add(new PeerFields("p" + i, null, null, null, null, null));
            }
        }
        if (each.size() < 2 || each.size() > MAX_PEERS) {
            throw new InvalidFieldException(
                    "peers", "there are " + each.size() + ", there must be from 2 to " + MAX_PEERS);
        }
        TransportSettings common = settings("settings", file.settings(), TransportSettings.defaults());
        List<Scenario.Peer> result = new ArrayList<>();
        // All names have to be known before a peer can refuse another one.
        forEach("peers", each, (path, it) -> names.addPeer(path, Values.required(path, "name", it.name())));
        forEach("peers", each, (path, it) -> result.add(peer(path, it, common)));
        return result;
    }

    private Scenario.Peer peer(String path, PeerFields it, TransportSettings common) {
        String name = Values.required(path, "name", it.name());
        return new Scenario.Peer(
                name,
                it.behind() == null ? null : names.requireNat(path + ".behind", it.behind()),
                settings(path + ".settings", it.settings(), common),
                Values.flag(path, "offload", it.offload(), true),
                reader(path + ".reader", it.reader()),
                admission(path + ".admission", it.admission(), name));
    }

    private Scenario.@Nullable Admission admission(String path, @Nullable AdmissionFields it, String peer) {
        if (it == null) {
            return null;
        }
        List<Scenario.Refusal> refusals = new ArrayList<>();
        forEach(path + ".refusals", it.refusals(), (at, refusal) -> refusals.add(refusal(at, refusal, peer)));
        return new Scenario.Admission(Values.duration(path, "maxDelay", it.maxDelay(), Duration.ZERO), refusals);
    }

    private Scenario.Refusal refusal(String path, RefusalFields it, String by) {
        return new Scenario.Refusal(
                names.requireOther(path + ".peer", Values.required(path, "peer", it.peer()), by),
                Values.duration(path, "from", it.from(), Duration.ZERO),
                Values.duration(path, "until", it.until(), null),
                Values.whole(path, "code", it.code(), 0, FaultReader.MAX_CODE, 0));
    }

    private static TransportSettings settings(
            String path, @Nullable Map<String, String> block, TransportSettings common) {
        if (block == null) {
            return common;
        }
        TransportSettings settings = Values.checked(
                path,
                () -> Field.read(path, block, SettingsFields.ALL, common.toBuilder())
                        .build());
        if (!settings.keepAlive().isZero() && settings.keepAlive().compareTo(MIN_KEEP_ALIVE) < 0) {
            throw new InvalidFieldException(
                    path + ".keepAlive",
                    "'" + Amounts.text(settings.keepAlive())
                            + "' is too often, it must be 2s at least, or 0s for never:"
                            + " at rest, almost nothing may be sent");
        }
        return settings;
    }

    private static Scenario.Reader reader(String path, @Nullable ReaderFields it) {
        if (it == null) {
            return Scenario.Reader.EAGER;
        }
        return new Scenario.Reader(
                (int) Values.whole(path, "batch", it.batch(), 1, Integer.MAX_VALUE, Scenario.Reader.EAGER.batch()),
                Values.duration(path, "pause", it.pause(), Duration.ZERO));
    }

    // What is between them

    private void addLinks(List<Scenario.OneWay> links, String path, OneWayFields it) {
        String from = names.requirePeer(path + ".from", Values.required(path, "from", it.from()));
        String to = names.requireOther(path + ".to", Values.required(path, "to", it.to()), from);
        if (it.link() == null) {
            throw new InvalidFieldException(path, "'link' is missing");
        }
        LinkSettings link = Field.read(path + ".link", it.link(), LinkFields.ALL, LinkSettings.PERFECT);
        links.add(new Scenario.OneWay(from, to, link));
        if (Values.flag(path, "bothWays", it.bothWays(), false)) {
            links.add(new Scenario.OneWay(to, from, link));
        }
    }

    // Who talks to whom

    private void addDials(List<Scenario.Dial> dials, String path, DialFields it) {
        String to = names.requirePeer(path + ".to", Values.required(path, "to", it.to()));
        String from = Values.required(path, "from", it.from());
        Duration start = Values.duration(path, "start", it.start(), Duration.ZERO);
        Scenario.Traffic there = traffic(path + ".there", it.there());
        Scenario.Traffic back = traffic(path + ".back", it.back());
        if (from.equals(Names.ALL)) {
            names.allBut(List.of(to)).forEach(peer -> dials.add(new Scenario.Dial(peer, to, start, there, back)));
        } else {
            dials.add(new Scenario.Dial(names.requireOther(path + ".from", from, to), to, start, there, back));
        }
    }

    private void addKeeps(List<Scenario.Keep> keeps, String path, KeepFields it) {
        String to = names.requirePeer(path + ".to", Values.required(path, "to", it.to()));
        String from = Values.required(path, "from", it.from());
        Duration start = Values.duration(path, "start", it.start(), Duration.ZERO);
        Scenario.Traffic traffic = traffic(path + ".traffic", it.traffic());
        if (from.equals(Names.ALL)) {
            names.allBut(List.of(to)).forEach(peer -> keeps.add(new Scenario.Keep(peer, to, start, traffic)));
        } else {
            keeps.add(new Scenario.Keep(names.requireOther(path + ".from", from, to), to, start, traffic));
        }
    }

    private void addStreams(List<Scenario.Streams> streams, String path, StreamsFields it) {
        String to = names.requirePeer(path + ".to", Values.required(path, "to", it.to()));
        double trouble = it.trouble() == null ? 0 : Values.of(path, "trouble", it.trouble(), Amounts::probability);
        for (String opener : senders(path, it.from(), to)) {
            streams.add(new Scenario.Streams(
                    opener,
                    to,
                    (int) Values.whole(path, "count", it.count(), 0, 1_000_000, 1),
                    (int) Values.whole(path, "atOnce", it.atOnce(), 1, 1_000_000, 1),
                    maxSize(path, it.maxSize()),
                    Values.duration(path, "pause", it.pause(), Duration.ZERO),
                    trouble));
        }
    }

    private void addDatagrams(List<Scenario.Datagrams> datagrams, String path, DatagramsOfFields it) {
        String to = names.requirePeer(path + ".to", Values.required(path, "to", it.to()));
        Scenario.Traffic traffic = traffic(path + ".traffic", it.traffic());
        for (String sender : senders(path, it.from(), to)) {
            datagrams.add(new Scenario.Datagrams(sender, to, traffic));
        }
    }

    /** One other peer, or all. */
    private List<String> senders(String path, @Nullable String from, String to) {
        String name = Values.required(path, "from", from);
        return name.equals(Names.ALL)
                ? names.allBut(List.of(to))
                : List.of(names.requireOther(path + ".from", name, to));
    }

    private static Scenario.Traffic traffic(String path, @Nullable TrafficFields it) {
        if (it == null) {
            return Scenario.Traffic.NONE;
        }
        return new Scenario.Traffic(
                (int) Values.whole(path, "sends", it.sends(), 0, 1_000_000, 1),
                (int) Values.whole(path, "messages", it.messages(), 0, 1_000_000, 1),
                maxSize(path, it.maxSize()),
                Values.duration(path, "pause", it.pause(), Duration.ZERO));
    }

    private static int maxSize(String path, @Nullable String text) {
        int maxSize = text == null ? 0 : Values.of(path, "maxSize", text, Amounts::intSize);
        if (maxSize > MAX_SIZE) {
            throw new InvalidFieldException(path + ".maxSize", "it is " + text + ", it must be up to 16M");
        }
        return maxSize;
    }

    private static <T> void forEach(String field, @Nullable List<T> list, Item<T> action) {
        if (list != null) {
            for (int i = 0; i < list.size(); i++) {
                String path = field + "[" + i + "]";
                if (Objects.isNull(list.get(i))) {
                    throw new InvalidFieldException(path, "it is empty");
                }
                action.read(path, list.get(i));
            }
        }
    }

    /** What is done with one item of a list, at {@code path}. */
    private interface Item<T> {

        void read(String path, T item);
    }
}
