package dev.tether.examples.simulate.scenario;

import dev.tether.core.simulation.LinkSettings;
import dev.tether.examples.simulate.scenario.ScenarioFields.ChangeLinkFields;
import dev.tether.examples.simulate.scenario.ScenarioFields.CloseFields;
import dev.tether.examples.simulate.scenario.ScenarioFields.FaultFields;
import dev.tether.examples.simulate.scenario.ScenarioFields.PartitionFields;
import dev.tether.reactor.simulation.swarm.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Turns the faults of a file into those of a scenario. */
final class FaultReader {

    private static final int MAX_DATAGRAMS = 100_000;
    static final long MAX_CODE = 999_999_999_999_999_999L;

    private final Names names;
    private final Duration faultPhase;
    private final List<Fault> faults = new ArrayList<>();

    FaultReader(Names names, Duration faultPhase) {
        this.names = names;
        this.faultPhase = faultPhase;
    }

    List<Fault> faults() {
        return faults;
    }

    /** Reads one item of the list; it has exactly one field, named after the kind of the fault. */
    void add(String path, FaultFields it) {
        int before = faults.size();
        read(path, "partition", it.partition(), this::partition);
        read(path, "changeLink", it.changeLink(), this::changeLink);
        read(
                path,
                "crash",
                it.crash(),
                (at, f) -> new Fault.Crash(
                        at(at, f.at()),
                        Values.duration(at, "downtime", f.downtime(), null),
                        peer(at, f.peer()),
                        Values.flag(at, "newKey", f.newKey(), false)));
        read(
                path,
                "suspend",
                it.suspend(),
                (at, f) -> new Fault.Suspend(
                        at(at, f.at()), Values.duration(at, "length", f.length(), null), peer(at, f.peer())));
        read(
                path,
                "stall",
                it.stall(),
                (at, f) -> new Fault.Stall(
                        at(at, f.at()), Values.duration(at, "length", f.length(), null), peer(at, f.peer())));
        read(
                path,
                "clockStep",
                it.clockStep(),
                (at, f) -> new Fault.ClockStep(
                        at(at, f.at()), peer(at, f.peer()), Values.of(at, "by", f.by(), Amounts::duration)));
        read(
                path,
                "rebind",
                it.rebind(),
                (at, f) -> new Fault.Rebind(
                        at(at, f.at()), names.requireNat(at + ".nat", Values.required(at, "nat", f.nat()))));
        read(path, "close", it.close(), this::close);
        read(
                path,
                "shutdown",
                it.shutdown(),
                (at, f) -> new Fault.Shutdown(
                        at(at, f.at()), Values.duration(at, "downtime", f.downtime(), null), peer(at, f.peer())));
        read(
                path,
                "replay",
                it.replay(),
                (at, f) -> new Fault.Replay(at(at, f.at()), peer(at, f.peer()), datagrams(at, f.datagrams())));
        read(
                path,
                "garbage",
                it.garbage(),
                (at, f) -> new Fault.Garbage(at(at, f.at()), peer(at, f.peer()), datagrams(at, f.datagrams())));
        read(
                path,
                "optimisticAck",
                it.optimisticAck(),
                (at, f) -> new Fault.OptimisticAck(at(at, f.at()), peer(at, f.peer())));
        if (faults.size() != before + 1) {
            throw new InvalidFieldException(
                    path, "there are " + (faults.size() - before) + " faults in one item, there must be one");
        }
    }

    private <F> void read(String path, String kind, @Nullable F fields, BiFunction<String, F, Fault> reader) {
        if (fields != null) {
            faults.add(reader.apply(path + "." + kind, fields));
        }
    }

    private Fault partition(String path, PartitionFields it) {
        List<String> some = peers(path, "some", it.some(), List.of());
        return new Fault.Partition(
                at(path, it.at()),
                Values.duration(path, "length", it.length(), null),
                some,
                peers(path, "others", it.others(), some),
                Values.flag(path, "oneWay", it.oneWay(), false));
    }

    private Fault changeLink(String path, ChangeLinkFields it) {
        String from = names.requirePeer(path + ".from", Values.required(path, "from", it.from()));
        if (it.link() == null) {
            throw new InvalidFieldException(path, "'link' is missing");
        }
        return new Fault.ChangeLink(
                at(path, it.at()),
                from,
                names.requireOther(path + ".to", Values.required(path, "to", it.to()), from),
                Field.read(path + ".link", it.link(), LinkFields.ALL, LinkSettings.PERFECT));
    }

    private Fault close(String path, CloseFields it) {
        String peer = peer(path, it.peer());
        return new Fault.Close(
                at(path, it.at()),
                peer,
                names.requireOther(path + ".other", Values.required(path, "other", it.other()), peer),
                Values.whole(path, "code", it.code(), 0, MAX_CODE, 0));
    }

    private Duration at(String path, @Nullable String text) {
        Duration at = Values.duration(path, "at", text, null);
        if (at.compareTo(faultPhase) >= 0) {
            throw new InvalidFieldException(
                    path + ".at",
                    "'" + text + "' is after the faults' phase, which lasts " + Amounts.text(faultPhase)
                            + "; make faultPhase longer, or the fault earlier");
        }
        return at;
    }

    private String peer(String path, @Nullable String name) {
        return names.requirePeer(path + ".peer", Values.required(path, "peer", name));
    }

    private static int datagrams(String path, @Nullable String text) {
        return Values.of(path, "datagrams", text, it -> (int) Amounts.whole(it, 1, MAX_DATAGRAMS));
    }

    /** Peers by name; {@code all} stands for those that {@code but} has not. */
    private List<String> peers(String path, String field, @Nullable List<String> list, List<String> but) {
        if (list == null) {
            throw new InvalidFieldException(path, "'" + field + "' is missing");
        }
        if (list.equals(List.of(Names.ALL))) {
            return names.allBut(but);
        }
        List<String> peers = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            String name = names.requirePeer(path + "." + field + "[" + i + "]", String.valueOf(list.get(i)));
            if (but.contains(name)) {
                throw new InvalidFieldException(
                        path + "." + field + "[" + i + "]", "'" + name + "' is on the other side already");
            }
            peers.add(name);
        }
        return peers;
    }
}
