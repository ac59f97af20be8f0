package dev.tether.examples.simulate.scenario;

import com.fasterxml.jackson.core.JsonProcessingException;
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
import dev.tether.reactor.simulation.swarm.Scenario;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns a scenario into the file that describes it. */
final class ScenarioWriter {

    private ScenarioWriter() {}

    static String write(Scenario scenario) {
        try {
            return ScenarioFile.MAPPER.writeValueAsString(new ScenarioFields(
                    Long.toString(scenario.seed()),
                    Amounts.text(scenario.faultPhase()),
                    Amounts.text(scenario.calmPhase()),
                    list(scenario.nats().stream().map(ScenarioWriter::nat).toList()),
                    new ScenarioFields.Peers(
                            null,
                            scenario.peers().stream().map(ScenarioWriter::peer).toList()),
                    list(scenario.gateways()),
                    null,
                    link(scenario.link()),
                    list(scenario.links().stream()
                            .map(it -> new OneWayFields(it.from(), it.to(), null, link(it.settings())))
                            .toList()),
                    list(scenario.dials().stream().map(ScenarioWriter::dial).toList()),
                    list(scenario.keeps().stream().map(ScenarioWriter::keep).toList()),
                    list(scenario.streams().stream()
                            .map(ScenarioWriter::streams)
                            .toList()),
                    list(scenario.datagrams().stream()
                            .map(it -> new DatagramsOfFields(it.from(), it.to(), traffic(it.traffic())))
                            .toList()),
                    list(scenario.faults().stream().map(FaultWriter::fields).toList())));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts can be written", e);
        }
    }

    static Map<String, String> link(LinkSettings link) {
        return Field.write(link, LinkSettings.PERFECT, LinkFields.ALL);
    }

    private static NatFields nat(Scenario.Nat it) {
        NatSettings settings = it.settings();
        return new NatFields(
                it.name(),
                NatKind.of(settings).toString(),
                Amounts.text(settings.mappingTimeout()),
                settings.hairpin() ? "true" : null,
                it.behind());
    }

    private static PeerFields peer(Scenario.Peer it) {
        Map<String, String> settings = Field.write(it.settings(), TransportSettings.defaults(), SettingsFields.ALL);
        Scenario.Reader reader = it.reader();
        return new PeerFields(
                it.name(),
                it.behind(),
                it.offload() ? null : "false",
                reader.equals(Scenario.Reader.EAGER)
                        ? null
                        : new ReaderFields(Integer.toString(reader.batch()), Amounts.text(reader.pause())),
                admission(it.admission()),
                settings.isEmpty() ? null : settings);
    }

    private static KeepFields keep(Scenario.Keep it) {
        return new KeepFields(it.from(), it.to(), Amounts.text(it.start()), traffic(it.traffic()));
    }

    private static StreamsFields streams(Scenario.Streams it) {
        return new StreamsFields(
                it.from(),
                it.to(),
                Integer.toString(it.count()),
                Integer.toString(it.atOnce()),
                Integer.toString(it.maxSize()),
                Amounts.text(it.pause()),
                Double.toString(it.trouble()));
    }

    private static @Nullable AdmissionFields admission(Scenario.@Nullable Admission it) {
        return it == null
                ? null
                : new AdmissionFields(
                        Amounts.text(it.maxDelay()),
                        list(it.refusals().stream()
                                .map(refusal -> new RefusalFields(
                                        refusal.peer(),
                                        Amounts.text(refusal.from()),
                                        Amounts.text(refusal.until()),
                                        Long.toString(refusal.code())))
                                .toList()));
    }

    private static DialFields dial(Scenario.Dial it) {
        return new DialFields(it.from(), it.to(), Amounts.text(it.start()), traffic(it.there()), traffic(it.back()));
    }

    private static @Nullable TrafficFields traffic(Scenario.Traffic it) {
        return it.equals(Scenario.Traffic.NONE)
                ? null
                : new TrafficFields(
                        Integer.toString(it.sends()),
                        Integer.toString(it.messages()),
                        Integer.toString(it.maxSize()),
                        Amounts.text(it.pause()));
    }

    private static <T> @Nullable List<T> list(List<T> list) {
        return list.isEmpty() ? null : list;
    }
}
